// What one member who reads nothing costs the other thousand: two rooms of one server at the same
// time, one of which has such a member, and the load generator's p99 of each. Whatever else the
// machine does slows both. The median of STUCK_ROUNDS ratios, the rooms changing places. Only in `make chaos`:
// it takes minutes. That nobody misses a word beside one is tested by rooms/slow.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import WebSocket from "ws";
import { metric } from "../floods/metrics.mjs";
import { amount } from "../kit/long.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { until } from "../kit/until.mjs";

const ROUNDS = amount("STUCK_ROUNDS", 0, 9);
const BENCH =
  process.env.POLYLOGUE_BENCH_BIN ??
  fileURLToPath(new URL("../../../target/release/polylogue-bench", import.meta.url));
/** It fills a stuck socket while the load warms up, and its outbox not before the end. */
const LOAD = ["--members", "1000", "--senders", "10", "--rate", "20", "--size", "4000"];
const TIMES = ["--warmup-seconds", "3", "--seconds", "8"];
const RATIO_MAX = 1.1;
const run = promisify(execFile);

/** A bare WebSocket in the room, whose stream is not read from then on. */
async function stuck(server, room) {
  const socket = new WebSocket(
    `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`,
  );
  let heard = "";
  socket.on("message", (text) => (heard += text));
  socket.on("error", () => {});
  await until(() => heard.length > 0, "the handshake");
  socket.send(`40${JSON.stringify({ token: await server.token(2) })}`);
  socket.send(`42["join_room","${room}"]`);
  await until(() => heard.includes("You joined the room"), "the seat");
  socket.pause();
  return socket;
}

/** A crowd that talks in a room -> the 99th percentile of its latencies, in microseconds. */
async function talk(server, room) {
  const token = `echo ${await server.token(1)}`;
  const args = ["--url", server.url, "--dialect", "rooms", "--token-command", token, "--json"];
  const shape = ["--users-per-room", "1", "--room", room, "fanout", ...LOAD, ...TIMES];
  const { stdout } = await run(BENCH, [...args, ...shape]);
  const { figures } = JSON.parse(stdout);
  if (figures.lost > 0) throw new Error(`lost ${figures.lost}`);
  return figures.delivery_p99_us;
}

/** Both rooms at once -> the p99 without a stuck member, and beside one. */
async function round(rooms) {
  const server = await Polylogue.start("--events-per-second", "0");
  try {
    const socket = await stuck(server, "beside");
    const heard = await Promise.all(rooms.map((room) => talk(server, room)));
    const waiting = await metric(server, 'polylogue_backlog_bytes{of="connections"}');
    if (waiting < 100_000) throw new Error(`only ${waiting} bytes wait for the stuck`);
    socket.terminate();
    return [heard[rooms.indexOf("calm")], heard[rooms.indexOf("beside")]];
  } finally {
    await server.remove();
  }
}

const median = (figures) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];

test("one stuck member of 1,000 leaves the others' p99 as it was", { skip: ROUNDS === 0 }, async (t) => {
  const ratios = [];
  for (let number = 0; number < ROUNDS; number += 1) {
    const rooms = ["calm", "beside"];
    const [calm, beside] = await round(number % 2 === 0 ? rooms : rooms.reverse());
    ratios.push(beside / calm);
    t.diagnostic(`without ${calm} us, beside one ${beside} us`);
  }
  const ratio = median(ratios);
  t.diagnostic(`of ${ROUNDS} ratios: median ${ratio}`);
  assert.ok(ratio < RATIO_MAX, `${ratio}`);
});

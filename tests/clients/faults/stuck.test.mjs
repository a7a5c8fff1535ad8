// What one member who reads nothing costs the other thousand: the load generator's p99 with and
// without one, in turn, medians of STUCK_ROUNDS. Only in `make chaos`: it takes minutes and a
// quiet machine. That nobody misses a word beside one is tested by rooms/slow.
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
const LOAD = ["--members", "1000", "--senders", "10", "--rate", "25", "--size", "4000"];
const TIMES = ["--warmup-seconds", "3", "--seconds", "6"];
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

/** The 99th percentile of a run's latencies, in microseconds. */
async function p99(isStuck) {
  const server = await Polylogue.start("--events-per-second", "0");
  try {
    const socket = isStuck ? await stuck(server, "crowd") : undefined;
    const token = `echo ${await server.token(1)}`;
    const args = ["--url", server.url, "--dialect", "rooms", "--token-command", token, "--json"];
    const shape = ["--users-per-room", "1", "--room", "crowd", "fanout", ...LOAD, ...TIMES];
    const { stdout } = await run(BENCH, [...args, ...shape]);
    const { figures } = JSON.parse(stdout);
    if (figures.lost > 0) throw new Error(`lost ${figures.lost}`);
    const waiting = await metric(server, 'polylogue_backlog_bytes{of="connections"}');
    if (isStuck && waiting < 100_000) throw new Error(`only ${waiting} bytes wait for the stuck`);
    socket?.terminate();
    return figures.delivery_p99_us;
  } finally {
    await server.remove();
  }
}

const median = (figures) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];

test("one stuck member of 1,000 leaves the others' p99 as it was", { skip: ROUNDS === 0 }, async (t) => {
  const [without, beside] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? [false, true] : [true, false];
    for (const isStuck of order) (isStuck ? beside : without).push(await p99(isStuck));
    t.diagnostic(`without ${without.at(-1)} us, beside one ${beside.at(-1)} us`);
  }
  const ratio = median(beside) / median(without);
  t.diagnostic(`medians of ${ROUNDS}: ${median(without)} us, ${median(beside)} us: ${ratio}`);
  assert.ok(ratio < RATIO_MAX, `${ratio}`);
});

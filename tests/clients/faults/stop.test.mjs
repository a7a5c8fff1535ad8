// SIGTERM under load: everybody is told and closed, exit 0 in time, nothing acked is lost; and a
// reader that is stuck holds nothing up.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { amount } from "../kit/long.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";
import { until, within } from "../kit/until.mjs";
import { Burst } from "./burst.mjs";
import { SCENES, castAll } from "./scenes.mjs";

const ROUNDS = amount("STOP_ROUNDS", 1, 10);
const ACKS_BEFORE = 200;
const STOPPED_WITHIN_MS = 10_000;
const IDLE = 50;
/** What the stuck reader's room is told: more than its kernel takes. */
const PILED = 150;
const PILE = "x".repeat(30_000);

test(`${ROUNDS} x SIGTERM under load: told, exit 0 in time, nothing lost`, async (t) => {
  const server = await Polylogue.mounting([], "--jwt-secret", SECRET, "--page-size", "1000");
  t.after(() => server.remove());
  const cast = await castAll(server);
  let checked = 0;
  let slowestMs = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { messages, tookMs } = await stopUnderLoad(server, cast, round);
    checked += messages;
    slowestMs = Math.max(slowestMs, tookMs);
  }
  const took = `the slowest stop took ${slowestMs.toFixed()} ms`;
  t.diagnostic(`${ROUNDS} stops, ${checked} messages checked, lost = 0; ${took}`);
});

async function stopUnderLoad(server, cast, round) {
  let acks = 0;
  const bursts = [];
  for (const [dialect, scene] of Object.entries(SCENES)) {
    const opened = await scene.open(server, cast[dialect], round);
    bursts.push(new Burst(dialect, opened, () => (acks += 1)));
  }
  await Promise.all(bursts.map((burst) => burst.begin(server)));
  const stuck = await stuckReader(server, `stuck_${round}`);
  const idle = await Promise.all(Array.from({ length: IDLE }, () => bare(server)));
  const told = idle.map(closing);
  bursts.forEach((burst) => burst.speak());
  await until(() => acks >= ACKS_BEFORE, `${ACKS_BEFORE} acks`);
  const began = performance.now();
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  const tookMs = performance.now() - began;
  assert.ok(tookMs < STOPPED_WITHIN_MS, `it took ${tookMs} ms`);
  const reasons = await within(Promise.all(told), "every goodbye");
  for (const reason of reasons) assert.equal(reason, "1001 server shutting down");
  stuck.terminate();
  bursts.forEach((burst) => burst.end());
  await server.again();
  let messages = 0;
  for (const burst of bursts) {
    const { complaints, kept } = await burst.judge(server);
    complaints.push(...(await burst.repeat(server, kept, () => [])));
    assert.deepEqual(complaints, []);
    messages += [...burst.ledger.sent.values()].flat().length;
  }
  return { messages, tookMs };
}

/** A bare WebSocket in `rooms`. */
async function bare(server) {
  const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url);
  socket.on("error", () => {});
  const connected = new Promise((resolve) => {
    socket.on("message", (bytes) => {
      if (String(bytes).startsWith("40")) resolve();
      if (String(bytes) === "2") socket.send("3");
    });
  });
  socket.on("open", () => socket.send(`40${JSON.stringify({ token: tokenOf(1) })}`));
  await within(connected, "CONNECT");
  return socket;
}

/** The status and reason it is closed with. */
function closing(socket) {
  return new Promise((resolve) => {
    socket.on("close", (code, reason) => resolve(`${code} ${reason}`));
  });
}

/** Somebody who reads nothing of all that the room is told. */
async function stuckReader(server, room) {
  const [reader, speaker] = [await bare(server), await bare(server)];
  for (const socket of [reader, speaker]) socket.send(`42["join_room","${room}"]`);
  reader.pause();
  const done = new Promise((resolve) => {
    let left = PILED;
    speaker.on("message", (bytes) => {
      if (/^43\d/.test(String(bytes)) && (left -= 1) === 0) resolve();
    });
  });
  for (let n = 0; n < PILED; n += 1) speaker.send(`42${n}["send_message","${PILE}"]`);
  await within(done, "the acks of the pile");
  speaker.close();
  return reader;
}

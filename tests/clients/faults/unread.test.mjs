// Clients that ask for much and read nothing of it, and clients that say much at once: what they
// make the server hold is bounded, counted and let go. LONG=1 waits until the former are cut off.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { test } from "node:test";
import WebSocket from "ws";
import { metric } from "../floods/metrics.mjs";
import { Client, system } from "../kit/client.mjs";
import { amount } from "../kit/long.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { until, within } from "../kit/until.mjs";

const MEGABYTE = 1024 * 1024;
const READERS = 40;
const MESSAGES = 100;
const BODY = "x".repeat(60_000);
/** limits::REPLIES_BYTES_MAX */
const REPLIES_BYTES_MAX = 128 * MEGABYTE;
const WAITING = 'polylogue_backlog_bytes{of="rest"}';
/** limits::WRITE_MS, and what a busy machine adds. */
const CUT_OFF_MS = amount("CUT_OFF_MS", 0, 60_000);

const SPEAKERS = amount("SPEAKERS", 100, 1_000);
const AT_ONCE = 50;
const LARGE = "x".repeat(200_000);
/** A connection with its session; a kept message would be four times as much. */
const BYTES_PER_SPEAKER_MAX = 50_000;

/** A stream that asks and never reads. */
async function ask(server, request) {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.pause();
  socket.write(request);
  return socket;
}

test("REST's answers that nobody reads: bounded, counted, cut off", async (t) => {
  const server = await Polylogue.start("--page-size", String(MESSAGES));
  t.after(() => server.remove());
  const token = await server.token(1);
  const speaker = await Client.join(server, { token });
  speaker.say("join_room", "long");
  await speaker.hears(...system("You joined the room"));
  for (let i = 0; i < MESSAGES; i += 1) {
    await speaker.ask("send_message", { room: "long", content: BODY });
  }
  const path = "/messages?room_code=long";
  const head = `Host: a\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const streams = await Promise.all(
    Array.from({ length: READERS }, () => ask(server, `GET ${path} HTTP/1.1\r\n${head}`)),
  );
  const room = REPLIES_BYTES_MAX - MESSAGES * BODY.length;
  await until(async () => (await metric(server, WAITING)) > room, "their share is used up");
  assert.ok((await metric(server, WAITING)) <= REPLIES_BYTES_MAX);
  const headers = { Authorization: `Bearer ${token}` };
  const refused = await fetch(`${server.url}${path}`, { headers });
  assert.equal(refused.status, 503);
  assert.equal((await refused.json()).statusCode, 503);
  const short = await fetch(`${server.url}/messages?room_code=elsewhere`, { headers });
  assert.deepEqual(await short.json(), [], "short answers are given");
  const { id } = await speaker.ask("send_message", { room: "long", content: "heard" });
  assert.ok(id, "sockets are served");
  if (CUT_OFF_MS === 0) streams.forEach((stream) => stream.destroy());
  const is = async () => (await metric(server, WAITING)) === 0;
  await until(is, "nothing waits any more", Math.max(CUT_OFF_MS, 20_000));
  streams.forEach((stream) => stream.destroy());
  speaker.leave();
});

/** The server's resident memory, in bytes. */
async function resident(server) {
  const status = await readFile(`/proc/${server.child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
}

async function speaker(server, token) {
  const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url);
  const heard = [];
  socket.on("message", (text) => heard.push(String(text)));
  await until(() => heard.length > 0, "the handshake");
  socket.send(`40${JSON.stringify({ token })}`);
  await until(() => heard.some((each) => each.includes("Welcome")), "the welcome");
  return socket;
}

test(`${SPEAKERS} large messages leave no buffers behind`, async (t) => {
  const server = await Polylogue.start();
  t.after(() => server.remove());
  const token = await server.token(1);
  const before = await resident(server);
  const speakers = [];
  while (speakers.length < SPEAKERS) {
    const some = Array.from({ length: AT_ONCE }, () => speaker(server, token));
    speakers.push(...(await Promise.all(some)));
  }
  // One after the other: what all say at once is no buffer that is left behind.
  for (const socket of speakers) {
    const answered = new Promise((resolve) => {
      socket.on("message", (text) => String(text).startsWith("431") && resolve());
    });
    socket.send(`421["send_message",${JSON.stringify(LARGE)}]`);
    await within(answered, "the answer");
  }
  const held = async () => ((await resident(server)) - before) / SPEAKERS;
  await until(async () => (await held()) < BYTES_PER_SPEAKER_MAX, "the memory is let go");
  t.diagnostic(`${SPEAKERS} connections: ${Math.round((await held()) / 1024)} KB each`);
  speakers.forEach((socket) => socket.terminate());
});

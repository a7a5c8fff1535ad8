// One member of a room reads nothing any more: it is closed with its reason and counted, and
// nobody else misses a word of what was said meanwhile.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { metric } from "../floods/metrics.mjs";
import { Client, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { until } from "../kit/until.mjs";

/** More than a system's socket buffers and the server's own bound hold together. */
const MESSAGES_MAX = 400;
const BODY = "x".repeat(60_000);
const CLOSED = 'polylogue_connections_closed_total{reason="slow receiver"}';

let server;
before(async () => {
  server = await Polylogue.start();
});
after(() => server?.remove());

async function joined(id) {
  const client = await Client.join(server, { token: await server.token(id) });
  client.say("join_room");
  await client.hears(...system("You joined the room"));
  return client;
}

/** A bare WebSocket in the room, whose stream is not read from then on. */
async function stuck(id) {
  const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url);
  const heard = [];
  socket.on("message", (data) => heard.push(String(data)));
  socket.on("error", () => {});
  await until(() => heard.length > 0, "the handshake");
  socket.send(`40${JSON.stringify({ token: await server.token(id) })}`);
  socket.send('42["join_room"]');
  await until(() => heard.some((each) => each.includes("You joined the room")), "the seat");
  socket.pause();
  return socket;
}

test("a stuck member is closed and counted, and the others hear everything", async () => {
  const [speaker, listener] = [await joined(1), await joined(2)];
  const socket = await stuck(3);
  assert.equal(await metric(server, CLOSED), 0);
  let said = 0;
  while (said < MESSAGES_MAX && (await metric(server, CLOSED)) === 0) {
    const { id } = await speaker.ask("send_message", `${said}${BODY}`);
    assert.ok(Number.isSafeInteger(id));
    said += 1;
  }
  assert.equal(await metric(server, CLOSED), 1, `not closed after ${said} messages`);
  await until(() => listener.heard("send_message").length === said, "every message");
  const heard = listener.heard("send_message").map((line) => Object.values(line)[0]);
  assert.deepEqual(
    heard.map((content) => content.slice(0, -BODY.length)),
    Array.from({ length: said }, (_, i) => String(i)),
  );
  await listener.hears(...system("user_3 left the room"));
  socket.terminate();
  speaker.leave();
  listener.leave();
});

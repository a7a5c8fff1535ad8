// How fast one connection may speak: bursts pass whole, a flood is slowed and loses nothing, one
// that goes on is closed with its reason, and nobody else notices.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { Client, system } from "../kit/client.mjs";
import { metric } from "./metrics.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { until, within } from "../kit/until.mjs";

const RATE = 200;
const BURST = 2 * RATE;
const CLOSED_WITHIN_MS = 30_000;

let server;
before(async () => {
  server = await Polylogue.start("--events-per-second", String(RATE));
});
after(() => server?.remove());

async function joined(id, transports) {
  const client = await Client.join(server, { token: await server.token(id), transports });
  client.say("join_room", `room_${id}`);
  await client.hears(...system("You joined the room"));
  return client;
}

/** Sends blank messages, which are acked and kept nowhere -> how long the acks took, in ms. */
async function acked(client, count) {
  const began = performance.now();
  await Promise.all(Array.from({ length: count }, () => client.ask("send_message", "")));
  return performance.now() - began;
}

for (const transports of [["websocket"], ["polling"]]) {
  test(`${transports}: a burst passes, a flood is slowed and nothing is lost`, async () => {
    const client = await joined(transports[0].length, transports);
    await acked(client, BURST / 2);
    // What one read brings is heard whole, on credit; the next message waits until it is paid.
    const tookMs = (await acked(client, BURST + 2 * RATE)) + (await acked(client, 1));
    // Two seconds' worth beyond the burst, of which some came while the first part was heard.
    assert.ok(tookMs > 1_000, `it took ${tookMs} ms`);
    assert.ok(client.socket.connected);
    assert.ok((await metric(server, "polylogue_rests_total")) > 0);
    client.leave();
  });
}

test("a flood that goes on is closed, and others are heard meanwhile", async () => {
  const other = await joined(50, ["websocket"]);
  const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const flood = new WebSocket(url);
  const closed = new Promise((resolve) => {
    flood.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  flood.on("error", () => {});
  await within(new Promise((resolve) => flood.on("open", resolve)), "the WebSocket");
  flood.send(`40${JSON.stringify({ token: await server.token(51) })}`);
  const event = '42["send_message",""]';
  const timer = setInterval(() => {
    if (flood.readyState !== WebSocket.OPEN || flood.bufferedAmount > 100_000) return;
    for (let i = 0; i < RATE; i += 1) flood.send(event);
  }, 20);
  const began = performance.now();
  await within(Promise.all([acked(other, 20), until(async () => (await rests()) > 0, "a rest")]), "acks");
  const { code, reason } = await within(closed, "the flood's end", CLOSED_WITHIN_MS);
  clearInterval(timer);
  assert.ok(performance.now() - began > 9_000, "it had its ten seconds");
  assert.deepEqual([code, reason], [1008, "too many events"]);
  const counted = 'polylogue_connections_closed_total{reason="too many events"}';
  assert.equal(await metric(server, counted), 1);
  assert.ok(other.socket.connected);
  other.leave();
});

const rests = () => metric(server, "polylogue_rests_total");

// Redis frozen, slow, cut off: rooms work on and no send waits for it; once it is back, membership
// is whole again. (Killed and restarted: rooms/redis.test.mjs.)
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { amount } from "../kit/long.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { Proxy } from "../kit/proxy.mjs";
import { Redis } from "../kit/redis.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";

const ROOM = "room_1";
/** One after the other; if each waited for Redis, they would take as many seconds. */
const SENDS = amount("REDIS_SENDS", 100, 1_000);
const HEALED_WITHIN_MS = 20_000;

let redis;
let proxy;
let server;
before(async () => {
  redis = await Redis.start();
  proxy = await Proxy.to(redis.url);
  const url = proxy.url.replace("http", "redis");
  server = await Polylogue.start("--jwt-secret", SECRET, "--redis", url);
});
after(async () => {
  await server?.remove();
  proxy?.close();
  redis?.thaw();
  await redis?.kill();
});

const TROUBLES = {
  frozen: { begin: () => redis.freeze(), end: () => redis.thaw() },
  slow: { begin: () => (proxy.weather = { latencyMs: 3_000 }), end: () => (proxy.weather = {}) },
  narrow: { begin: () => (proxy.weather = { bytesPerSecond: 50 }), end: () => (proxy.weather = {}) },
  "held up": {
    begin: () => ["up", "down"].forEach((way) => proxy.hold(way)),
    end: () => proxy.release(),
  },
  "cut off": { begin: () => proxy.shut(true), end: () => proxy.shut(false) },
};

/** How many of them there is time for. */
const TRIED = amount("REDIS_TROUBLES", 2, Infinity);

for (const [what, { begin, end }] of Object.entries(TROUBLES).slice(0, TRIED)) {
  test(`Redis ${what}: no send waits, rooms go on; afterwards membership heals`, async (t) => {
    const [ann, ben] = [await joined(1), await joined(2)];
    await redis.holds(ROOM, [1, 2], HEALED_WITHIN_MS);
    const before = await sends(ann);
    begin();
    t.after(end);
    const cat = await joined(3);
    ben.say("leave_room", ROOM);
    await cat.until(() => said(cat, "user_2 left the room"), "the leave");
    const during = await sends(ann);
    await cat.until(() => cat.heard("send_message").length === SENDS, "every word");
    end();
    await redis.holds(ROOM, [1, 3], HEALED_WITHIN_MS);
    for (const client of [ann, ben, cat]) client.leave();
    await redis.holds(ROOM, [], HEALED_WITHIN_MS);
    t.diagnostic(`${SENDS} sends, median ${before} ms before, ${during} ms while ${what}`);
  });
}

const said = (client, words) =>
  client.heard("system_message").some(({ message }) => message === words);

async function joined(id) {
  const client = await Client.join(server, { token: tokenOf(id) });
  client.say("join_room", ROOM);
  await client.until(() => client.heard("system_message").length > 0, "the join");
  return client;
}

/** Sends one after the other -> the median of the acks' latencies, in ms. */
async function sends(client) {
  const tookMs = [];
  for (let n = 0; n < SENDS; n += 1) {
    const began = performance.now();
    const { id } = await client.ask("send_message", `${n}`);
    assert.ok(Number.isSafeInteger(id));
    tookMs.push(performance.now() - began);
  }
  return tookMs.sort((a, b) => a - b)[Math.floor(SENDS / 2)].toFixed(1);
}

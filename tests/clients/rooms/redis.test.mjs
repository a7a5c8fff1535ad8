// Membership in Redis, a real one: written at join, gone at leave and disconnect, healed after
// Redis was lost, and no more than a while behind a node that was killed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { Redis } from "../kit/redis.mjs";
import { fence } from "../kit/rest.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";

const ROOM = "room_1";
/** How soon membership is whole again, once Redis is back. */
const HEALED_WITHIN_MS = 15_000;
/** How soon a killed node's members are forgotten. */
const EXPIRED_WITHIN_MS = 60_000;

let redis;
let server;
before(async () => {
  redis = await Redis.start();
  server = await Polylogue.start("--jwt-secret", SECRET, "--redis", redis.url);
});
after(async () => {
  await server?.remove();
  await redis?.kill();
});

async function joined(id, node = server) {
  const client = await Client.join(node, { token: tokenOf(id) });
  client.say("join_room", ROOM);
  await client.until(() => client.heard("system_message").length > 0, "the join");
  return client;
}

test("a room's set holds its users' ids: join, second tab, leave, disconnect", async () => {
  const [ann, ben] = [await joined(1), await joined(2)];
  await redis.holds(ROOM, [1, 2]);
  const tab = await joined(1);
  await tab.hears(...system("You are already in room room_1"));
  await redis.holds(ROOM, [1, 2]);
  tab.leave();
  await fence(server, { id: 9, token: tokenOf(9) }, ROOM, [ann, ben]);
  await redis.holds(ROOM, [1, 2]);
  ann.say("leave_room", ROOM);
  await redis.holds(ROOM, [2]);
  ben.leave();
  await redis.holds(ROOM, []);
  ann.leave();
});

test("Redis killed: the room goes on; Redis back, and empty: membership heals", async () => {
  const [ann, ben] = [await joined(1), await joined(2)];
  await redis.holds(ROOM, [1, 2]);
  await redis.kill();
  ben.take();
  const { id } = await ann.ask("send_message", "without Redis");
  assert.ok(Number.isSafeInteger(id));
  await ben.hears("send_message", { user_1: "without Redis" });
  const cat = await joined(3);
  await ben.hears(...system("user_3 joined the room"));
  await cat.hears("join_room", { user_1: "without Redis" });
  ben.say("leave_room", ROOM);
  await ben.hears(...system("You left the room room_1"));
  await cat.hears(...system("user_2 left the room"));

  await redis.again();
  await redis.holds(ROOM, [1, 3], HEALED_WITHIN_MS);
  const dan = await joined(4);
  await redis.holds(ROOM, [1, 3, 4], HEALED_WITHIN_MS);
  for (const client of [ann, ben, cat, dan]) client.leave();
  await redis.holds(ROOM, []);
});

test("started without Redis: it serves, and membership is there once Redis is", async () => {
  await redis.kill();
  const early = await Polylogue.start("--jwt-secret", SECRET, "--redis", redis.url);
  try {
    const ann = await joined(1, early);
    assert.ok(Number.isSafeInteger((await ann.ask("send_message", "early")).id));
    await redis.again();
    await redis.holds(ROOM, [1], HEALED_WITHIN_MS);
    ann.leave();
    await redis.holds(ROOM, []);
  } finally {
    await early.remove();
    if ((await redis.ask("PING")) !== "PONG") await redis.again();
  }
});

test("a node killed: its members are forgotten, the others' stay", async () => {
  const node = await Polylogue.start("--jwt-secret", SECRET, "--redis", redis.url);
  const [ann, ben] = [await joined(1), await joined(2, node)];
  await redis.holds(ROOM, [1, 2]);
  await node.kill();
  await redis.holds(ROOM, [1], EXPIRED_WITHIN_MS);
  ann.leave();
  ben.leave();
  await redis.holds(ROOM, []);
  await node.remove();
});

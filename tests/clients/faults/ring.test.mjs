// What a room says leaves by io_uring where the kernel allows that, and one by one where it does
// not: the log says which, and everybody hears the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { until } from "../kit/until.mjs";

const REFUSING = ["python3", fileURLToPath(new URL("../kit/refuse.py", import.meta.url))];
const MEMBERS = 8;
const MESSAGES = 100;

async function joined(server, id) {
  const client = await Client.join(server, { token: await server.token(id) });
  client.say("join_room");
  await client.hears(...system("You joined the room"));
  return client;
}

/** Everybody in a room hears every message, in order; then what the log says of the ring. */
async function crowd(t, options) {
  const server = await Polylogue.on({ dialects: ["rooms"], ...options });
  t.after(() => server.remove());
  const members = [];
  for (let id = 1; id <= MEMBERS; id += 1) members.push(await joined(server, id));
  const contents = Array.from({ length: MESSAGES }, (_, i) => `message ${i}`);
  await Promise.all(contents.map((content) => members[0].ask("send_message", content)));
  for (const member of members.slice(1)) {
    await until(() => member.heard("send_message").length >= MESSAGES, "every message");
    const heard = member.heard("send_message").map((line) => Object.values(line)[0]);
    assert.deepEqual(heard, contents);
  }
  for (const member of members) member.leave();
  return /what is for many leaves (by io_uring|one by one)/.exec(server.stderr)?.[1];
}

test("where the kernel refuses io_uring, sends go one by one", async (t) => {
  assert.equal(await crowd(t, { by: REFUSING }), "one by one");
});

test("where it does not, by io_uring", async (t) => {
  const way = await crowd(t, {});
  if (way === "one by one") t.skip("NOT TESTED, this machine does not allow it");
  else assert.equal(way, "by io_uring");
});

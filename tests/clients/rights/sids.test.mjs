// Session ids: as long as a stock server's, not to be guessed, of the Engine.IO session and of the
// socket never the same, and bound to nothing: who knows an id has the session, whatever address
// they come from.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { tokenOf, SECRET } from "../kit/tokens.mjs";

const SID = /^[A-Za-z0-9_-]{20}$/;
const COUNT = 2_000;
const AT_ONCE = 50;
/** The characters that 12 random bytes make; 3 bytes that count follow, as with stock servers. */
const RANDOM_CHARS = 16;
const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";

let server;
before(async () => {
  const flags = ["--jwt-secret", SECRET, "--trusted-proxy", "127.0.0.0/8"];
  server = await Polylogue.mounting([], ...flags);
});
after(() => server?.remove());

async function handshake(headers) {
  const answer = await fetch(`${server.url}${HANDSHAKE}`, { headers });
  return JSON.parse((await answer.text()).slice(1)).sid;
}

test("ids have 20 characters, no two alike, and no pattern", async () => {
  const sids = [];
  while (sids.length < COUNT) {
    const some = Array.from({ length: AT_ONCE }, () => handshake());
    sids.push(...(await Promise.all(some)));
  }
  assert.ok(sids.every((sid) => SID.test(sid)), sids[0]);
  const random = sids.map((sid) => sid.slice(0, RANDOM_CHARS));
  // 2,000 of 2^48 are all different but with a chance of one in 10^8.
  for (const [from, to] of [[0, 8], [8, 16], [4, 12]]) {
    assert.equal(new Set(random.map((sid) => sid.slice(from, to))).size, COUNT, `${from} to ${to}`);
  }
  for (let at = 0; at < RANDOM_CHARS; at += 1) {
    const counts = new Map();
    for (const sid of random) counts.set(sid[at], (counts.get(sid[at]) ?? 0) + 1);
    assert.equal(counts.size, 64, `every character stands at ${at}`);
    // 31 are expected of each; 80 have a chance below one in 10^11.
    assert.ok(Math.max(...counts.values()) < 80, `no character is usual at ${at}`);
  }
});

test("a socket's id is another than its session's", async () => {
  const client = await Client.connect(server, { token: tokenOf(1) });
  const talker = await Client.connect(server, { namespace: "/chat", query: { userId: 1 } });
  const ids = [client, talker].flatMap(({ socket }) => [socket.id, socket.io.engine.id]);
  assert.equal(new Set(ids).size, 4, ids.join());
  for (const id of ids) assert.match(id, SID);
  [client, talker].forEach((one) => one.leave());
  for (const id of [client.socket.id, `${ids[1].slice(0, 19)}!`, "a".repeat(20)]) {
    const answer = await fetch(`${server.url}${HANDSHAKE}&sid=${encodeURIComponent(id ?? "x")}`);
    assert.deepEqual([answer.status, await answer.json()], [
      400, { code: 1, message: "Session ID unknown" },
    ]);
  }
});

test("a session goes on from another address, as with a stock server", async () => {
  const sid = await handshake({ "x-forwarded-for": "203.0.113.9" });
  const path = `${server.url}${HANDSHAKE}&sid=${sid}`;
  const moved = { "x-forwarded-for": "198.51.100.7", "user-agent": "another" };
  const posted = await fetch(path, { method: "POST", body: "40", headers: moved });
  assert.equal(await posted.text(), "ok");
  assert.match(await (await fetch(path, { headers: moved })).text(), /^40\{"sid":"/);
});

// Who does not get the old session: it was left, taken, someone else's, too old, or something that
// was missed is not known any more. The client then has a new session, and hears nothing again.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { comeBack, lose, lostSessions } from "../kit/line.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET, epoch, sign, tokenOf } from "../kit/tokens.mjs";
import { until } from "../kit/until.mjs";
import { enter, heardOf, hearsOf, inside, left, newRoom, say } from "./stage.mjs";

const start = (...flags) => Polylogue.start("--jwt-secret", SECRET, ...flags);

let server;
before(async () => {
  server = await start();
});
after(() => server?.remove());

/** A member who was lost, another who spoke meanwhile, and their room. */
async function lost(on = server, at = newRoom()) {
  const [away, other] = [await inside(on, 1, on, at, {}), await inside(on, 2, on, at, {})];
  await say(other, at, "before");
  await hearsOf(away, 2, "before");
  away.take();
  other.take();
  const { id, _pid: pid, _lastOffset: offset } = away.socket;
  await lose(on, away);
  await other.strike(...left(1));
  await say(other, at, "missed");
  return { away, other, room: at, id, pid, offset, leave: () => [away, other].map((c) => c.leave()) };
}

/** A connection of somebody that claims a session as a stock client would. */
async function claim(on, id, { pid, offset }) {
  const client = new Client(on, { token: tokenOf(id) });
  client.socket._pid = pid;
  client.socket._lastOffset = offset;
  await client.until(() => client.socket.connected, "the answer to CONNECT");
  return client;
}

/** It has a session of its own, in no room, and was told nothing of what it missed. */
async function assertNew(client, was) {
  assert.equal(client.socket.recovered, false);
  assert.notEqual(client.socket.id, was.id);
  assert.notEqual(client.socket._pid, was.pid);
  const { error } = await client.ask("send_message", { room: was.room, content: "hello?" });
  assert.match(error, /You are not in room/);
  assert.deepEqual(heardOf(client, 2), []);
}

describe("no way back", () => {
  test("for whoever disconnected on purpose", async () => {
    const room = newRoom();
    const away = await inside(server, 1, server, room, {});
    const other = await inside(server, 2, server, room, {});
    const was = { room, id: away.socket.id, pid: away.socket._pid };
    const kept = await lostSessions(server);
    away.socket.disconnect();
    await other.strike(...left(1));
    assert.equal(await lostSessions(server), kept);
    await say(other, room, "missed");
    assert.equal(await comeBack(away), false);
    await assertNew(away, was);
    for (const client of [away, other]) client.leave();
  });

  for (const [what, change] of Object.entries({
    "an unknown pid": () => ({ pid: "AAAAAAAAAAAAAAAAAAAA" }),
    "the socket's id for a pid": ({ id }) => ({ pid: id }),
    "a pid that is none": () => ({ pid: { $ne: 1 } }),
    "an offset that is none": () => ({ offset: "nonsense" }),
    "an offset in the middle of a batch": () => ({ offset: "?" }),
  })) {
    test(`with ${what}`, async () => {
      const was = await lost();
      const client = await claim(server, 1, { ...was, ...change(was) });
      await assertNew(client, was);
      client.leave();
      was.leave();
    });
  }

  test("for somebody else, and the session waits on for its own", async () => {
    const was = await lost();
    const thief = await claim(server, 3, was);
    await assertNew(thief, was);
    assert.equal(await comeBack(was.away), true);
    assert.deepEqual(heardOf(was.away, 2), ["missed"]);
    thief.leave();
    was.leave();
  });

  test("twice: of two that claim a session at once, one gets it", async () => {
    const was = await lost();
    const both = await Promise.all([claim(server, 1, was), claim(server, 1, was)]);
    const recovered = both.filter(({ socket }) => socket.recovered);
    assert.equal(recovered.length, 1);
    assert.equal(recovered[0].socket.id, was.id);
    assert.deepEqual(heardOf(recovered[0], 2), ["missed"]);
    await assertNew(both.find(({ socket }) => !socket.recovered), was);
    both.forEach((client) => client.leave());
    was.leave();
  });

  test("without a good token, which is asked for anew", async () => {
    const was = await lost();
    const expired = sign({ id: 1, name: "user_1", iat: epoch(-60), exp: epoch(-30) });
    was.away.socket.auth = { token: expired };
    await assert.rejects(comeBack(was.away), { message: "Unauthorized" });
    was.away.socket.auth = { token: tokenOf(1) };
    assert.equal(await comeBack(was.away), true);
    assert.deepEqual(heardOf(was.away, 2), ["missed"]);
    was.leave();
  });

  test("under another name", async () => {
    const was = await lost();
    was.away.socket.auth = { token: sign({ id: 1, name: "neo", iat: epoch(), exp: epoch(60) }) };
    assert.equal(await comeBack(was.away), false);
    await assertNew(was.away, was);
    was.leave();
  });

  test("where the user's other tab has left the room for all of them", async () => {
    const room = newRoom();
    const [away, tab] = [await inside(server, 1, server, room, {}), await inside(server, 1, server, room, {})];
    const other = await inside(server, 2, server, room, {});
    const was = { room, id: away.socket.id, pid: away.socket._pid };
    await lose(server, away);
    await tab.ask("leave_room", room);
    await other.strike(...left(1));
    await say(other, room, "missed");
    assert.equal(await comeBack(away), false);
    await assertNew(away, was);
    for (const client of [away, tab, other]) client.leave();
  });

  test("past what the room remembers, and the history has it", async () => {
    const was = await lost();
    const long = "x".repeat(60_000);
    for (let i = 0; i < 20; i += 1) await say(was.other, was.room, `${i} ${long}`);
    assert.equal(await comeBack(was.away), false);
    await assertNew(was.away, was);
    was.away.take();
    await enter(was.away, was.room);
    assert.equal(was.away.heard("join_room").length, 22);
    was.leave();
  });
});

test("no way back after the window", async () => {
  const short = await start("--recovery-window", "1s");
  const was = await lost(short);
  await until(async () => (await lostSessions(short)) === 0, "the window's end");
  assert.equal(await comeBack(was.away), false);
  await assertNew(was.away, was);
  was.leave();
  await short.remove();
});

test("no way back to a server that has started again", async () => {
  const again = await start();
  const was = await lost(again);
  const url = new URL(again.url);
  await again.kill();
  again.flags.push("--listen", url.host);
  await again.again();
  was.away.socket.io.uri = again.url;
  assert.equal(await comeBack(was.away), false);
  await assertNew(was.away, was);
  was.leave();
  await again.remove();
});

test("no pid, and no offsets, where the window is 0", async () => {
  const off = await start("--recovery-window", "0");
  const client = await Client.join(off, { token: tokenOf(1) });
  const other = await inside(off, 2, off, "room_1", {});
  const raw = [];
  client.socket.onAny((event) => raw.push(event));
  await client.ask("join_room");
  await say(other, "room_1", "hello");
  await hearsOf(client, 2, "hello");
  assert.equal(client.socket._pid, undefined);
  assert.ok(!raw.includes("offset"), raw);
  for (const one of [client, other]) one.leave();
  await off.remove();
});

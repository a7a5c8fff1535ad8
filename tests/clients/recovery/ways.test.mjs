// A client whose transport is lost comes back to what it had: over every transport, however the
// transport was lost. What was said meanwhile is heard once, in order, before "connect".
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TRANSPORTS } from "../kit/client.mjs";
import { Line, comeBack, lose, lostSessions } from "../kit/line.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET } from "../kit/tokens.mjs";
import { hearsOf, heardOf, inside, joined, left, newRoom, say } from "./stage.mjs";

const CUTS = {
  "closed by the client's engine": undefined,
  "cut on the line": (line) => line.cut(),
};

for (const [way, transports] of Object.entries(TRANSPORTS)) {
  describe(`by ${way}`, () => {
    let server, line;
    before(async () => {
      server = await Polylogue.start("--jwt-secret", SECRET);
      line = await Line.to(server);
    });
    after(() => (line?.close(), server?.remove()));
    for (const [what, cut] of Object.entries(CUTS)) {
      test(`${what}: nothing is missed, nothing comes twice, the seat is there again`, () =>
        comingBack(server, line, transports, cut && (() => cut(line))));
    }
  });
}

async function comingBack(server, line, transports, cut) {
  const room = newRoom();
  const away = await inside(server, 1, line, room, { transports });
  const other = await inside(server, 2, server, room, {});
  const { id } = away.socket;
  await say(other, room, "before");
  await hearsOf(away, 2, "before");
  // Its own words are not told to it: not then, and not when it comes back.
  await say(away, room, "own");
  for (let round = 1; round <= 2; round += 1) {
    const kept = await lostSessions(server);
    await lose(server, away, cut);
    await other.strike(...left(1));
    await say(other, room, `${round}.1`, `${round}.2`, `${round}.3`);
    assert.equal(await comeBack(away), true);
    assert.equal(away.socket.id, id);
    assert.equal(await lostSessions(server), kept, "it is taken");
    await other.strike(...joined(1));
  }
  await say(other, room, "after");
  await hearsOf(away, 2, "after");
  const all = ["before", "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "after"];
  assert.deepEqual(heardOf(away, 2), all);
  assert.deepEqual(away.heard("connected"), [], "no second welcome");
  assert.deepEqual(away.heard("join_room"), [], "no history");
  assert.deepEqual(heardOf(away, 1), [], "its own words");
  await say(away, room, "here again");
  await hearsOf(other, 1, "here again");
  for (const client of [away, other]) client.leave();
}

describe("whoever is back before the server knows", () => {
  let server, line;
  before(async () => {
    server = await Polylogue.start("--jwt-secret", SECRET);
    line = await Line.to(server);
  });
  after(() => (line?.close(), server?.remove()));

  test("a line that has gone dead: the session moves to the new one", async () => {
    const room = newRoom();
    const away = await inside(server, 1, line, room, {});
    const other = await inside(server, 2, server, room, {});
    await say(other, room, "before");
    await hearsOf(away, 2, "before");
    const { id } = away.socket;
    line.freeze();
    await say(other, room, "into the dark", "and again");
    away.socket.io.engine.close();
    assert.equal(await lostSessions(server), 0, "the server has not noticed");
    assert.equal(await comeBack(away), true);
    assert.equal(away.socket.id, id);
    await say(other, room, "after");
    await hearsOf(away, 2, "after");
    assert.deepEqual(heardOf(away, 2), ["before", "into the dark", "and again", "after"]);
    for (const client of [away, other]) client.leave();
  });

  test("nothing heard yet: a pid without an offset is enough", async () => {
    const room = newRoom();
    const [away, other] = [await inside(server, 1, line, {}), await inside(server, 2, server, {})];
    assert.equal(away.socket._lastOffset, undefined);
    const { id } = away.socket;
    await lose(server, away);
    assert.equal(await comeBack(away), true);
    assert.equal(away.socket.id, id);
    await away.ask("join_room", room);
    await other.ask("join_room", room);
    await say(other, room, "first");
    await hearsOf(away, 2, "first");
    for (const client of [away, other]) client.leave();
  });
});

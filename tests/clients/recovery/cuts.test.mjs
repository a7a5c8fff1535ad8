// The line is cut anywhere: in the middle of a frame, between an event and its offset, in the middle
// of what comes back. A client that says "recovered" has missed nothing and heard nothing twice;
// one that does not, says so. A failing round names its seed: RECOVERY_SEED runs it again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Line, comeBack, lose } from "../kit/line.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET } from "../kit/tokens.mjs";
import { within } from "../kit/until.mjs";
import { enter, heardOf, inside, newRoom, say } from "./stage.mjs";

const SEED = Number(process.env.RECOVERY_SEED ?? 1);
const ROUNDS = Number(process.env.RECOVERY_ROUNDS ?? 40);
/** How many bytes the answer to a comeback takes, and at which of them it is cut. */
const [ANSWER_BYTES, STEP_BYTES] = [1_200, 60];

let server, line;
before(async () => {
  server = await Polylogue.start("--jwt-secret", SECRET);
  line = await Line.to(server);
});
after(() => (line?.close(), server?.remove()));

for (const transports of [["websocket"], ["polling"]]) {
  test(`${ROUNDS} cuts at any byte, by ${transports}: recovered means nothing missed`, async (t) => {
    const dice = random(SEED);
    const rooms = [newRoom(), newRoom()];
    const away = await inside(server, 1, line, ...rooms, { transports });
    const speaker = await inside(server, 2, server, ...rooms, {});
    const speech = speak(speaker, rooms, dice);
    let [recovered, anew] = [0, 0];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const gone = new Promise((resolve) => away.socket.once("disconnect", resolve));
      line.cutAfter(1 + Math.floor(dice() * 3_000));
      await within(gone, `the cut of round ${round}`);
      line.cutAfter(Infinity);
      if (await back(away)) {
        recovered += 1;
        continue;
      }
      anew += 1;
      checkRuns(away, rooms, `seed ${SEED}, up to round ${round}`);
      away.take();
      for (const room of rooms) await enter(away, room);
    }
    speech.stop();
    await speech.done;
    // Behind the last round: what was said in it may have come as history, to a new session.
    for (const place of rooms.keys()) await speech.one(place);
    const said = speech.said();
    for (const [place, count] of said.entries()) {
      const last = `${rooms[place]} ${count}`;
      await away.until(() => heardOf(away, 2).includes(last), last);
    }
    checkRuns(away, rooms, `seed ${SEED}`);
    t.diagnostic(`recovered ${recovered}, a new session ${anew}, ${said} messages`);
    assert.ok(recovered > 0, `recovered ${recovered} times of ${ROUNDS}`);
    for (const client of [away, speaker]) client.leave();
  });
}

test("the answer is cut as well, at any place: a part of what was missed is not told twice", async (t) => {
  const rooms = [newRoom(), newRoom()];
  const away = await inside(server, 1, line, ...rooms, {});
  const speaker = await inside(server, 2, server, ...rooms, {});
  const counts = [0, 0];
  const speak = (place) => say(speaker, rooms[place], `${rooms[place]} ${(counts[place] += 1)}`);
  const hearsAll = async () => {
    for (const [place, count] of counts.entries()) {
      const last = `${rooms[place]} ${count}`;
      if (count > 0) await away.until(() => heardOf(away, 2).includes(last), last);
    }
  };
  let [recovered, anew] = [0, 0];
  for (let bytes = STEP_BYTES; bytes <= ANSWER_BYTES; bytes += STEP_BYTES) {
    // The last offset that it hears is the quiet room's.
    for (const place of [1, 0]) await speak(place);
    await hearsAll();
    await lose(server, away);
    for (let n = 0; n < 3; n += 1) await speak(1);
    line.cutAfter(bytes);
    // It is let in, and cannot know what it would have been told.
    await comeBack(away).catch(() => {});
    line.cutAfter(Infinity);
    if (away.socket.connected ? away.socket.recovered : await back(away)) {
      await hearsAll();
      recovered += 1;
    } else {
      anew += 1;
      checkRuns(away, rooms, `cut after ${bytes} bytes`);
      away.take();
      for (const room of rooms) await enter(away, room);
    }
    checkRuns(away, rooms, `cut after ${bytes} bytes`);
  }
  t.diagnostic(`recovered ${recovered}, a new session ${anew}`);
  assert.ok(recovered > 0 && anew > 0, `recovered ${recovered}, a new session ${anew}`);
  for (const client of [away, speaker]) client.leave();
});

/** Comes back, however often the line is cut meanwhile. */
async function back(client) {
  for (;;) {
    try {
      return await comeBack(client);
    } catch (error) {
      if (/in vain/.test(error.message)) throw error;
    }
  }
}

/** Says `<room> 1`, `<room> 2`, ... in turns and bursts until it is stopped. */
function speak(client, rooms, dice) {
  const counts = rooms.map(() => 0);
  let isOver = false;
  const one = (place) => {
    counts[place] += 1;
    const content = `${rooms[place]} ${counts[place]}`;
    return client.ask("send_message", { room: rooms[place], content });
  };
  const done = (async () => {
    while (!isOver) {
      const burst = 1 + Math.floor(dice() * 4);
      await Promise.all(Array.from({ length: burst }, () => one(dice() < 0.5 ? 0 : 1)));
    }
  })();
  return { stop: () => (isOver = true), done, one, said: () => counts };
}

/** Of each room every number was heard in order, from some first one on, none twice. */
function checkRuns(client, rooms, when) {
  for (const room of rooms) {
    const lines = heardOf(client, 2).filter((line) => line.startsWith(`${room} `));
    const numbers = lines.map((line) => Number(line.split(" ")[1]));
    const expected = numbers.map((_, place) => numbers[0] + place);
    assert.deepEqual(numbers, expected, `${room}, ${when}`);
  }
}

function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

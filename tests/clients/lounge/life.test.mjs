// What outlives a process, and the clock on the wall: histories after a crash, the demo's room, and
// times in the zone that the operator named.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { TRUSTING, fence, heard, seat, settleIn, untimed, visit } from "../kit/lounge.mjs";
import { PROGRAM, Polylogue } from "../kit/polylogue.mjs";

test("what was seen survives kill -9, under the nickname it was said with", async () => {
  const server = await Polylogue.mounting(["lounge"], ...TRUSTING);
  try {
    const [ann, ben] = [await seat(server, 1), await seat(server, 2)];
    await ann.ask("chatMessage", JSON.stringify({ type: "text", text: "kept" }));
    await ben.until(() => ben.heard("message").some(({ text }) => text === "kept"), "the text");
    await server.kill();
    await server.again();
    const later = await visit(server, 1, { nickname: "renamed" });
    await settleIn(later, "1");
    const [[, history]] = heard(later);
    assert.deepEqual(history, [{ type: "text", id: 1, text: "kept", nickname: "nick_1" }]);
    for (const client of [ann, ben, later]) client.leave();
  } finally {
    await server.remove();
  }
});

test("a history too long to be told at once: its newest, and the socket lives", async () => {
  const server = await Polylogue.mounting(["lounge"], ...TRUSTING);
  try {
    const ann = await seat(server, 1);
    const quotes = '"'.repeat(20_000);
    for (let number = 1; number <= 20; number += 1) {
      const text = `${number} ${quotes}`;
      await ann.ask("chatMessage", JSON.stringify({ type: "text", text }));
    }
    for (const transports of [["websocket"], ["polling"]]) {
      const ben = await visit(server, 2, { transports });
      await settleIn(ben, "1");
      const [[, onJoining]] = heard(ben);
      const numbers = onJoining.map(({ text }) => Number.parseInt(text, 10));
      assert.deepEqual(numbers.slice(-2), [19, 20]);
      assert.ok(numbers.length < 20, numbers.join());
      const acked = JSON.parse(await ben.ask("history"));
      assert.equal(acked.length, numbers.length);
      const [[event, again]] = heard(ben);
      assert.deepEqual([event, again.length], ["history", numbers.length]);
      await ben.ask("leaveRoom");
      ben.leave();
    }
    ann.leave();
  } finally {
    await server.remove();
  }
});

test("after the demo room 1 is there, where rooms must be registered", async () => {
  const server = await Polylogue.mounting(["lounge"], ...TRUSTING, "--lounge-rooms", "registered");
  try {
    await server.stop();
    await server.demo();
    await server.again();
    const ann = await seat(server, 1, "1");
    assert.deepEqual(await fence(ann, ann), [[]]);
    ann.leave();
  } finally {
    await server.remove();
  }
});

for (const zone of ["Asia/Seoul", "America/St_Johns"]) {
  test(`times in ${zone}, live and in the history`, async () => {
    const server = await Polylogue.mounting(["lounge"], ...TRUSTING, "--time-zone", zone);
    try {
      const ann = await visit(server, 1);
      const before = clock(zone);
      await settleIn(ann, "1");
      await ann.ask("chatMessage", JSON.stringify({ type: "text", text: "when?" }));
      await ann.until(() => ann.heard("message").length === 3, "the message");
      const now = [before, clock(zone)];
      for (const { time } of ann.heard("message")) assert.ok(now.includes(time), time);
      const [said] = JSON.parse(await ann.ask("history"));
      assert.ok(now.includes(said.time), said.time);
      assert.equal(untimed(said).text, "when?");
      ann.leave();
    } finally {
      await server.remove();
    }
  });
}

test("a zone that does not exist is refused at start with a sentence", () => {
  const { status, stderr } = spawnSync(PROGRAM, ["serve", "--time-zone", "Mars/Olympus"]);
  assert.notEqual(status, 0);
  const sentence = '--time-zone is "Mars/Olympus", but must be the name of a time zone';
  assert.ok(stderr.toString().includes(sentence), stderr.toString());
});

/** `4:41 pm` there, now. */
function clock(timeZone) {
  const options = { timeZone, hour: "numeric", minute: "2-digit", hour12: true };
  return new Date().toLocaleTimeString("en-US", options).replace(/\s/u, " ").toLowerCase();
}

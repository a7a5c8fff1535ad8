// The lounge document walked from end to end by stock JavaScript clients, once per transport, and
// once more beside all other dialects: every event, and who hears what in which order.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, TRANSPORTS } from "../kit/client.mjs";
import {
  TRUSTING, alert, fence, heard, notice, settleIn, untimed, users, visit,
} from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";

const stages = [["WebSocket beside all dialects", [], ["websocket"]]];
for (const [name, transports] of Object.entries(TRANSPORTS)) {
  stages.push([name, ["lounge"], transports]);
}

for (const [name, dialects, transports] of stages) {
  describe(`the lounge document by ${name}`, () => {
    const stage = {};
    before(async () => {
      stage.server = await Polylogue.mounting(dialects, ...TRUSTING);
    });
    after(async () => {
      for (const one of Object.values(stage)) if (one instanceof Client) one.leave();
      await stage.server?.remove();
    });
    entering(stage, transports);
    speaking(stage);
    remembering(stage, transports);
    going(stage);
  });
}

function entering(stage, transports) {
  test("joinRoom: history, welcome, who is there, and that one has joined", async () => {
    stage.ann = await visit(stage.server, 1, { transports });
    assert.equal(stage.ann.transport, transports.at(-1));
    await settleIn(stage.ann, "1");
    assert.deepEqual(heard(stage.ann), [
      ["history", []], notice("welcome to chat"), users("1", 1), notice("user 1 joined"),
    ]);
  });

  test("a second user: the first hears who is there and who has joined", async () => {
    stage.ben = await visit(stage.server, 2, { transports });
    await settleIn(stage.ben, "1");
    const [ann, ben] = await fence(stage.ann, stage.ann, stage.ben);
    assert.deepEqual(ann, [users("1", 1, 2), notice("user 2 joined")]);
    const [[event, history], ...rest] = ben;
    assert.deepEqual([event, history], ["history", []]);
    assert.deepEqual(rest, [notice("welcome to chat"), users("1", 1, 2), notice("user 2 joined")]);
  });

  test("joinRoom where one is: no alert, nobody else is told", async () => {
    assert.deepEqual(await stage.ben.ask("joinRoom", { room: "1" }), { room: "1" });
    const [ann, ben] = await fence(stage.ann, stage.ann, stage.ben);
    assert.deepEqual([ann, ben], [[], [notice("welcome to chat")]]);
  });
}

function speaking(stage) {
  const said = {
    "a text": { type: "text", text: "hello 😀\n\"there\"" },
    "an image": { type: "image", text: "look", imageUrl: "https://example.com/a.png?b=c" },
    "an image without words": { type: "image", text: "", imageUrl: "/b.png" },
  };
  const spellings = { "a JSON string": JSON.stringify, "an object": (payload) => payload };
  for (const [what, payload] of Object.entries(said)) {
    for (const [spelling, spell] of Object.entries(spellings)) {
      test(`chatMessage: ${what} as ${spelling} goes to all, its sender too`, async () => {
        stage.ben.say("chatMessage", spell(payload));
        const [ann, ben] = await fence(stage.ben, stage.ann, stage.ben);
        const message = ["message", { id: 2, nickname: "nick_2", ...payload }];
        assert.deepEqual([ann, ben], [[message], [message]]);
      });
    }
  }

  test("a cut emoji arrives as it was sent", async () => {
    stage.ann.say("chatMessage", JSON.stringify({ type: "text", text: "cut \ud83d" }));
    const [ben] = await fence(stage.ann, stage.ben);
    assert.equal(ben[0][1].text, "cut \ud83d");
  });

  test("an ack is the message's id; client_id again is the same message, told once", async () => {
    const payload = JSON.stringify({ type: "text", text: "once", client_id: "a1" });
    const first = await stage.ann.ask("chatMessage", payload);
    assert.ok(Number.isSafeInteger(first.id));
    assert.deepEqual(await stage.ann.ask("chatMessage", payload), first);
    const [ben] = await fence(stage.ann, stage.ben);
    assert.deepEqual(ben.map(([, { text }]) => text), ["once"]);
  });
}

function remembering(stage, transports) {
  test("history: what was said, oldest first, without the server's own words", async () => {
    stage.cat = await visit(stage.server, 3, { transports });
    await settleIn(stage.cat, "1");
    const [[event, history]] = heard(stage.cat);
    assert.equal(event, "history");
    const told = history.filter(({ text }) => !/^fence/.test(text));
    const image = { imageUrl: "https://example.com/a.png?b=c" };
    const ben = { id: 2, nickname: "nick_2" };
    const text = { type: "text", ...ben, text: "hello 😀\n\"there\"" };
    const look = { type: "image", ...ben, text: "look", ...image };
    const bare = { type: "image", ...ben, text: "", imageUrl: "/b.png" };
    const ann = { type: "text", id: 1, nickname: "nick_1" };
    assert.deepEqual(told, [
      text, text, look, look, bare, bare, { ...ann, text: "cut \ud83d" }, { ...ann, text: "once" },
    ]);
    stage.history = history;
  });

  test("history by event, and in its ack: a JSON string", async () => {
    const acked = await stage.cat.ask("history");
    assert.equal(typeof acked, "string");
    assert.deepEqual(JSON.parse(acked).map(untimed), stage.history);
    const [cat] = await fence(stage.cat, stage.cat, stage.ann, stage.ben);
    assert.deepEqual(cat, [["history", stage.history]]);
  });
}

function going(stage) {
  test("joinRoom elsewhere leaves the first room", async () => {
    await settleIn(stage.cat, "2");
    assert.deepEqual(heard(stage.cat), [
      ["history", []], notice("welcome to chat"), users("2", 3), notice("user 3 joined"),
    ]);
    await fence(stage.cat, stage.cat);
    const [ann, ben] = await fence(stage.ann, stage.ann, stage.ben);
    const left = [notice("user 3 left the chat"), users("1", 1, 2)];
    assert.deepEqual([ann, ben], [left, left]);
    assert.deepEqual(heard(stage.cat), []);
  });

  test("leaveRoom: the others read of it; then one is in no room", async () => {
    assert.deepEqual(await stage.ben.ask("leaveRoom"), { room: "1" });
    const [ann] = await fence(stage.ann, stage.ann);
    assert.deepEqual(ann, [notice("user 2 left the chat"), users("1", 1)]);
    for (const event of ["chatMessage", "leaveRoom", "history"]) {
      const { error } = await stage.ben.ask(event, { type: "text", text: "anybody?" });
      assert.equal(error.type, "E17", event);
      assert.deepEqual(heard(stage.ben), [alert("E17")]);
    }
  });

  test("back again, then disconnected: the others read of it", async () => {
    await settleIn(stage.ben, "1");
    stage.ben.leave();
    await stage.ann.until(
      () => stage.ann.heard("message").some(({ text }) => text === "user 2 left the chat"),
      "the notice of having left",
    );
    const [ann] = await fence(stage.ann, stage.ann);
    assert.deepEqual(ann, [
      users("1", 1, 2), notice("user 2 joined"), notice("user 2 left the chat"), users("1", 1),
    ]);
  });
}

// Every alert of a lounge but those of rooms with an end: what brings it, that the ack says the
// same where one was asked for, and that the connection lives on.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import {
  TRUSTING, alert, alerted, fence, heard, lounger, notice, seat, settleIn, users, visit,
} from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { Redis } from "../kit/redis.mjs";
import { within } from "../kit/until.mjs";

let server;
before(async () => {
  server = await Polylogue.mounting(["lounge"], ...TRUSTING);
});
after(() => server?.remove());

const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
const spell = (payload) => JSON.stringify(payload);

const wrongRooms = {
  nothing: [],
  null: [null],
  "a string": ["1"],
  "a number": [1],
  "a list": [[1]],
  "a list with an object": [[{ room: "1" }]],
  "an object without room": [{}],
  "null for a room": [{ room: null }],
  "a word for a room": [{ room: "one" }],
  "an empty room": [{ room: "" }],
  "a negative room": [{ room: -1 }],
  "half a room": [{ room: 1.5 }],
  "a room too large": [{ room: "9007199254740992" }],
  "a list for a room": [{ room: ["1"] }],
  "an object for a room": [{ room: { room: "1" } }],
  "a cut emoji": [{ room: "\ud83d" }],
  "a room of a million digits": [{ room: "1".repeat(900_000) }],
};

const wrongMessages = {
  nothing: [],
  null: [null],
  "a string that is no JSON": ["hello"],
  "an empty string": [""],
  "a string of a string": [spell("hello")],
  "a list": [["text", "hello"]],
  "a string of a list": [spell(["text", "hello"])],
  "a number": [7],
  "a string of a huge number": ["1e400"],
  "a string of deep lists": [deep],
  "deep lists for a text": [`{"type":"text","text":${deep}}`],
  "no type": [spell({ text: "hello" })],
  "a type unknown": [spell({ type: "video", text: "hello" })],
  "the server's own type": [spell({ type: "system", text: "hello" })],
  "a type that is a list": [spell({ type: ["text"], text: "hello" })],
  "no text": [spell({ type: "text" })],
  "an empty text": [spell({ type: "text", text: "" })],
  "a blank text": [spell({ type: "text", text: " \n" })],
  "a text that is a number": [spell({ type: "text", text: 7 })],
  "a text that is a huge number": ['{"type":"text","text":1e400}'],
  "a text too long": [spell({ type: "text", text: "x".repeat(65_537) })],
  "an image without a URL": [spell({ type: "image", text: "look" })],
  "an image with an empty URL": [spell({ type: "image", text: "look", imageUrl: "" })],
  "an image whose URL is too long": [
    spell({ type: "image", text: "look", imageUrl: `/${"x".repeat(8_192)}` }),
  ],
  "a client_id that is a list": [spell({ type: "text", text: "x", client_id: [] })],
};

async function isRefused(client, event, args, type) {
  client.say(event, ...args);
  await alerted(client, type);
  const { error } = await client.ask(event, ...args);
  assert.equal(error.type, type);
  assert.equal(typeof error.text, "string");
  await alerted(client, type);
}

describe("bad input", () => {
  let ann;
  let ben;
  before(async () => {
    ann = await seat(server, 1, "1");
    ben = await seat(server, 2, "1");
    await fence(ann, ann, ben);
  });
  after(() => [ann, ben].forEach((client) => client?.leave()));

  for (const [what, args] of Object.entries(wrongRooms)) {
    test(`joinRoom with ${what}: E11`, () => isRefused(ann, "joinRoom", args, "E11"));
  }
  for (const [what, args] of Object.entries(wrongMessages)) {
    test(`chatMessage with ${what}: E16`, () => isRefused(ann, "chatMessage", args, "E16"));
  }

  test("after all that: still in the room, and nobody was told of any of it", async () => {
    assert.deepEqual(await fence(ann, ann, ben), [[], []]);
  });

  test("the longest text there may be goes through", async () => {
    const text = "x".repeat(65_536);
    ann.say("chatMessage", spell({ type: "text", text }));
    const [, [[event, said]]] = await fence(ann, ann, ben);
    assert.deepEqual([event, said.text.length], ["message", text.length]);
  });

  test("in no room: E17", async () => {
    const cat = await visit(server, 3);
    for (const event of ["chatMessage", "leaveRoom", "history"]) {
      await isRefused(cat, event, [spell({ type: "text", text: "anybody?" })], "E17");
    }
    cat.leave();
  });
});

describe("a user is in a room once", () => {
  test("another socket: E15, and the first one stays", async () => {
    const first = await seat(server, 11, "5");
    const second = await visit(server, 11);
    await isRefused(second, "joinRoom", [{ room: "5" }], "E15");
    await isRefused(second, "leaveRoom", [], "E17");
    const [told] = await fence(first, first);
    assert.deepEqual(told, []);
    await settleIn(second, "6");
    heard(second);
    await isRefused(second, "joinRoom", [{ room: "5" }], "E15");
    assert.deepEqual(await fence(second, second), [[]], "still in the room it was in");
    first.leave();
    second.leave();
  });

  test("a seat left is free at once", async () => {
    const first = await seat(server, 12, "5");
    const second = await visit(server, 12);
    await first.ask("leaveRoom");
    await settleIn(second, "5");
    first.leave();
    second.leave();
  });

  test("a seat whose socket gives no sign of life is given up", async () => {
    const witness = await seat(server, 14, "8");
    const stuck = await mute(13, "8");
    await witness.until(() => witness.heard("roomUsers").length > 0, "the stuck one to join");
    const second = await visit(server, 13, { nickname: "nick_13" });
    await settleIn(second, "8");
    await within(stuck.closed, "the stuck socket to be closed");
    const [told] = await fence(witness, witness);
    assert.deepEqual(told, [
      users("8", 13, 14), notice("user 13 joined"), notice("user 13 left the chat"),
      ...told.slice(3, 4), users("8", 13, 14), notice("user 13 joined"),
    ]);
    assert.equal(told[3][0], "roomUsers");
    second.leave();
    witness.leave();
  });
});

/** A socket that joins a room and answers no ping. */
async function mute(id, room) {
  const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.send(`40${JSON.stringify({ token: lounger(id), nickname: `nick_${id}` })}`);
  socket.send(`42${JSON.stringify(["joinRoom", { room }])}`);
  return { closed };
}

test("Redis lost while running: every socket reads E10, and rooms go on", async () => {
  const redis = await Redis.start();
  const node = await Polylogue.mounting(["lounge"], ...TRUSTING, "--redis", redis.url);
  try {
    const [ann, ben] = [await seat(node, 1), await seat(node, 2)];
    const outside = await visit(node, 3);
    await fence(ann, ann, ben);
    await redis.holds("lounge:1", [1, 2]);
    await redis.kill();
    for (const client of [ann, ben, outside]) {
      await client.until(() => client.heard("alert").length > 0, "the alert E10");
    }
    const e10 = [alert("E10")];
    assert.deepEqual(await fence(ann, ann, ben), [e10, e10]);
    assert.deepEqual(heard(outside), e10);
    await settleIn(outside, "1");
    for (const client of [ann, ben, outside]) client.leave();
  } finally {
    await node.remove();
    await redis.kill();
  }
});

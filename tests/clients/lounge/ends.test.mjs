// Rooms with an end and rooms that must be registered: POST /api/rooms, what it says to bad input,
// and what those inside are told when the end has come.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  TRUSTING, alert, alerted, fence, heard, lounger, seat, settleIn, visit,
} from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { epoch, sign } from "../kit/tokens.mjs";

const HOUR_S = 3_600;

let server;
before(async () => {
  server = await Polylogue.mounting(["lounge"], ...TRUSTING);
});
after(() => server?.remove());

const register = (json, token = lounger(1), node = server) =>
  rest(node, "POST", "/api/rooms", { token, json });

test("POST /api/rooms: 201, the room and its end", async () => {
  const { status, body } = await register({ room: "41", expires_in: HOUR_S });
  assert.equal(status, 201);
  assert.equal(body.room, "41");
  const ends = Date.parse(body.expires_at) - Date.now();
  assert.ok(Math.abs(ends - HOUR_S * 1_000) < 60_000, body.expires_at);
  const again = await register({ room: 41 });
  assert.deepEqual(again.body, body, "without expires_in the end stays");
  const endless = await register({ room: "42" });
  assert.deepEqual(endless.body, { room: "42", expires_at: null });
});

const wrong = {
  "no body": [{ text: "" }, 400, "E16"],
  "no JSON": [{ text: "{" }, 400, "E16"],
  "a list": [{ json: ["1", 60] }, 400, "E16"],
  "deep lists": [{ text: "[".repeat(10_000) }, 400, "E16"],
  "no room": [{ json: { expires_in: 60 } }, 400, "E11"],
  "a word for a room": [{ json: { room: "one", expires_in: 60 } }, 400, "E11"],
  "a huge number for a room": [{ text: '{"room":1e400,"expires_in":60}' }, 400, "E11"],
  "a negative time": [{ json: { room: "1", expires_in: -1 } }, 400, "E16"],
  "no time at all": [{ json: { room: "1", expires_in: 0 } }, 400, "E16"],
  "half a second": [{ json: { room: "1", expires_in: 0.5 } }, 400, "E16"],
  "a word for a time": [{ json: { room: "1", expires_in: "soon" } }, 400, "E16"],
  "a time too long": [{ json: { room: "1", expires_in: 1e15 } }, 400, "E16"],
  "a body too long": [{ text: `{"room":"${"1".repeat(300_000)}"}` }, 413, "E16"],
  "another type of body": [
    { text: "room=1", headers: { "content-type": "application/x-www-form-urlencoded" } },
    415, "E16",
  ],
};
for (const [what, [sent, status, type]] of Object.entries(wrong)) {
  test(`POST /api/rooms with ${what}: ${status}`, async () => {
    const answer = await rest(server, "POST", "/api/rooms", { token: lounger(1), ...sent });
    assert.equal(answer.status, status);
    assert.equal(answer.body.type, type);
    assert.equal(typeof answer.body.text, "string");
  });
}

test("POST /api/rooms without a good token: 401; another method: 405", async () => {
  const json = { room: "1", expires_in: 1 };
  const none = await rest(server, "POST", "/api/rooms", { json });
  assert.deepEqual([none.status, none.body], [401, { type: "E02", text: "login required" }]);
  assert.equal((await register(json, "abc")).status, 401);
  const late = await register(json, sign({ id: 1, exp: epoch(-30) }));
  assert.deepEqual([late.status, late.body], [401, { type: "E01", text: "refresh required" }]);
  assert.equal((await rest(server, "GET", "/api/rooms", { token: lounger(1) })).status, 405);
});

test("at its end all in the room read E14 and are out; nobody comes in", async () => {
  const [ann, ben] = [await seat(server, 1, "50"), await seat(server, 2, "50")];
  const far = await seat(server, 3, "51");
  await fence(ann, ann, ben);
  assert.equal((await register({ room: "50", expires_in: 1 })).status, 201);
  for (const client of [ann, ben]) {
    await alerted(client, "E14");
    const { error } = await client.ask("chatMessage", { type: "text", text: "hello?" });
    assert.ok(["E14", "E17"].includes(error.type), error.type);
    heard(client);
  }
  for (const client of [ann, far]) {
    const { error } = await client.ask("joinRoom", { room: "50" });
    assert.equal(error.type, "E14");
    assert.deepEqual(heard(client), [alert("E14")]);
  }
  assert.deepEqual(await fence(far, far), [[]], "others are where they were");
  await settleIn(ann, "51");
  await server.stop();
  await server.again();
  const late = await visit(server, 4);
  late.say("joinRoom", { room: "50" });
  await alerted(late, "E14");
  for (const client of [ann, ben, far, late]) client.leave();
});

test("a room whose end lies ahead is like any other", async () => {
  await register({ room: "60", expires_in: HOUR_S });
  const ann = await seat(server, 1, "60");
  assert.deepEqual(await fence(ann, ann), [[]]);
  ann.leave();
});

describe("--lounge-rooms registered", () => {
  let strict;
  before(async () => {
    strict = await Polylogue.mounting(["lounge"], ...TRUSTING, "--lounge-rooms", "registered");
  });
  after(() => strict?.remove());

  test("a room that nobody registered: E12; then it is one", async () => {
    const ann = await visit(strict, 1);
    const { error } = await ann.ask("joinRoom", { room: "1" });
    assert.equal(error.type, "E12");
    await alerted(ann, "E12");
    assert.equal((await register({ room: "1" }, lounger(2), strict)).status, 201);
    await settleIn(ann, "1");
    ann.leave();
  });
});

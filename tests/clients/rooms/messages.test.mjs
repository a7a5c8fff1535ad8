// Messages at their edges: blank, foreign, cut emoji, sent twice, sent in the same breath as the
// connection, in rooms of every name; and what nobody else may hear.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Polling, SOCKET_IO, Wire } from "../../conformance/kit/wire.mjs";
import { Client, TRANSPORTS, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { fence, history, post } from "../kit/rest.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";

let server;
before(async () => {
  server = await Polylogue.start("--jwt-secret", SECRET);
});
after(() => server?.remove());

const reader = { id: 900, token: tokenOf(900) };

/** Two users in a room of their own, their logs empty. */
async function pair(room, transports) {
  const [ann, ben] = await Promise.all(
    [1, 2].map((id) => Client.join(server, { token: tokenOf(id), transports })),
  );
  ann.say("join_room", room);
  await ann.hears(...system("You joined the room"));
  ben.say("join_room", room);
  await ann.hears(...system("user_2 joined the room"));
  const both = [ann, ben];
  await fence(server, reader, room, both);
  for (const client of both) client.take();
  return { ann, ben, both };
}

const contents = async (room) =>
  (await history(server, reader.token, room))
    .map(({ content }) => content)
    .filter((content) => !content.startsWith("fence "));

for (const [name, transports] of Object.entries(TRANSPORTS)) {
  describe(`messages by ${name}`, { concurrency: true }, () => {
    unsaid(name, transports);
    said(name, transports);
    repeated(name, transports);
  });
}

function unsaid(name, transports) {
  test("blank messages are ignored, and the ack says so", async () => {
    const room = `blank, ${name}`;
    const { ann, ben, both } = await pair(room, transports);
    for (const content of ["", " ", "\n\t ", undefined, null, 7, {}, []]) {
      const { error } = await ann.ask("send_message", { room, content });
      assert.equal(typeof error, "string", JSON.stringify(content));
    }
    await fence(server, reader, room, both);
    assert.deepEqual(ben.take(), []);
    assert.deepEqual(await contents(room), []);
    for (const client of both) client.leave();
  });

  test("a room not joined: told so, the ack too, and nobody hears", async () => {
    const room = `foreign, ${name}`;
    const { ann, ben, both } = await pair(room, transports);
    const stranger = await Client.join(server, { token: tokenOf(3), transports });
    stranger.take();
    const { error } = await stranger.ask("send_message", { room, content: "let me in" });
    assert.equal(typeof error, "string");
    assert.deepEqual(stranger.take(), [system(`You are not in room ${room}`)]);
    await fence(server, reader, room, both);
    assert.deepEqual([ann.take(), ben.take()], [[], []]);
    assert.deepEqual(await contents(room), []);
    for (const client of [...both, stranger]) client.leave();
  });

  test("two rooms keep to themselves", async () => {
    const [one, other] = [`one, ${name}`, `other, ${name}`];
    const { ann, ben, both } = await pair(one, transports);
    const cat = await Client.join(server, { token: tokenOf(3), transports });
    cat.say("join_room", { room: other });
    await cat.hears(...system("You joined the room"));
    cat.take();
    await ann.ask("send_message", { room: one, content: "for one" });
    await fence(server, reader, other, [cat]);
    await fence(server, reader, one, both);
    assert.deepEqual(cat.take(), []);
    assert.deepEqual(ben.take(), [["send_message", { user_1: "for one" }]]);
    for (const client of [...both, cat]) client.leave();
  });
}

function said(name, transports) {
  test("emoji, cut emoji, control characters and long texts pass as they are", async () => {
    const room = `texts, ${name}`;
    const { ann, ben, both } = await pair(room, transports);
    const texts = [
      "😀 é € \u2028",
      "cut \ud83d",
      "\ude00 cut",
      'a "quote" \\ \n',
      "\u0001",
      "x".repeat(30_000),
    ];
    for (const content of texts) {
      const { id } = await ann.ask("send_message", { room, content });
      assert.ok(Number.isSafeInteger(id), JSON.stringify(content.slice(0, 20)));
    }
    await fence(server, reader, room, both);
    const heard = ben.take().map(([, payload]) => payload.user_1);
    assert.deepEqual(heard.map(mended), texts.map(mended));
    assert.deepEqual((await contents(room)).map(mended), texts.map(mended));
    for (const client of both) client.leave();
  });
}

function repeated(name, transports) {
  test("the same client_id twice: one message, one delivery, one id", async () => {
    const room = `twice, ${name}`;
    const { ann, ben, both } = await pair(room, transports);
    const message = { room, content: "once", client_id: `1, ${name}` };
    const first = await ann.ask("send_message", message);
    const second = await ann.ask("send_message", message);
    const together = await Promise.all(
      [1, 2, 3].map(() =>
        ann.ask("send_message", { room, content: "together", client_id: `2, ${name}` }),
      ),
    );
    const theirs = await ben.ask("send_message", { ...message, content: "mine, same key" });
    assert.equal(second.id, first.id);
    assert.deepEqual(
      together.map(({ id }) => id),
      Array(3).fill(together[0].id),
    );
    assert.notEqual(theirs.id, first.id);
    await fence(server, reader, room, both);
    assert.deepEqual(ben.take(), [
      ["send_message", { user_1: "once" }],
      ["send_message", { user_1: "together" }],
    ]);
    assert.deepEqual(await contents(room), ["once", "together", "mine, same key"]);
    for (const client of both) client.leave();
  });

  test("what is said before the connection stands arrives, in order", async () => {
    const room = `early, ${name}`;
    const { ben, both } = await pair(room, transports);
    const early = new Client(server, { token: tokenOf(3), transports });
    early.say("join_room", room);
    for (let i = 0; i < 20; i += 1) early.say("send_message", { room, content: `early ${i}` });
    const { id } = await early.ask("send_message", { room, content: "last" });
    assert.ok(Number.isSafeInteger(id));
    await fence(server, reader, room, [...both, early]);
    assert.equal(early.take()[0][0], "connected");
    assert.deepEqual(ben.take(), [
      system("user_3 joined the room"),
      ...Array.from({ length: 20 }, (_, i) => ["send_message", { user_3: `early ${i}` }]),
      ["send_message", { user_3: "last" }],
    ]);
    for (const client of [...both, early]) client.leave();
  });
}

describe("in the very same breath as CONNECT", { concurrency: true }, () => {
  const packets = (room) => [
    `40${JSON.stringify({ token: tokenOf(3) })}`,
    `42${JSON.stringify(["join_room", room])}`,
    `42${JSON.stringify(["send_message", { room, content: "first" }])}`,
    `421${JSON.stringify(["send_message", { room, content: "second" }])}`,
  ];
  const expected = [
    system("user_3 joined the room"),
    ["send_message", { user_3: "first" }],
    ["send_message", { user_3: "second" }],
  ];

  test("by WebSocket, frame upon frame", async () => {
    const room = "breath, websocket";
    const { ben, both } = await pair(room);
    const wire = await Wire.session(server.url, SOCKET_IO);
    wire.send(...packets(room));
    let frame = await wire.nextButPing();
    assert.match(frame, /^40\{"sid":/);
    assert.match(await wire.nextButPing(), /^42\["connected",/);
    while (!String(frame).startsWith("431")) frame = await wire.nextButPing("the ack");
    assert.match(frame, /^431\[\{"id":\d+\}\]$/);
    await fence(server, reader, room, both);
    assert.deepEqual(ben.take(), expected);
    wire.end();
    for (const client of both) client.leave();
  });

  test("by polling, in one payload", async () => {
    const room = "breath, polling";
    const { ben, both } = await pair(room);
    const session = await Polling.open(server.url, SOCKET_IO);
    assert.equal((await session.post(packets(room).join("\x1e"))).status, 200);
    let heard = "";
    while (!heard.includes("431[")) {
      const { status, body } = await session.poll();
      assert.equal(status, 200, body);
      heard += `${body}\x1e`;
    }
    assert.match(heard, /^40\{"sid":"[^"]+","pid":"[^"]+"\}\x1e42\["connected",/);
    await fence(server, reader, room, both);
    assert.deepEqual(ben.take(), expected);
    for (const client of both) client.leave();
  });
});

test("a message by REST and one by socket: one order for everyone", async () => {
  const { ann, ben, both } = await pair("mixed");
  const sent = [];
  for (let i = 0; i < 20; i += 1) {
    sent.push(post(server, tokenOf(4), "mixed", `rest ${i}`));
    sent.push(ann.ask("send_message", { room: "mixed", content: `socket ${i}` }));
  }
  await Promise.all(sent);
  await fence(server, reader, "mixed", both);
  const said = ben.take().map(([, payload]) => Object.values(payload)[0]);
  assert.equal(said.length, 40);
  assert.deepEqual(await contents("mixed"), said);
  const own = said.filter((content) => content.startsWith("socket"));
  assert.deepEqual(
    own,
    Array.from({ length: 20 }, (_, i) => `socket ${i}`),
  );
  const toAnn = ann.take().map(([, payload]) => payload.user_4);
  assert.deepEqual(
    toAnn,
    said.filter((content) => content.startsWith("rest")),
  );
  for (const client of both) client.leave();
});

/** A text as UTF-8 can carry it: half an emoji may arrive as itself or as the replacement mark. */
function mended(text) {
  return text.toWellFormed?.() ?? text;
}

// The conversations document, walked from "Create a Conversation" to "Disconnect": by every
// transport, with the dialect alone and among all others, on the demonstration data.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { within } from "../kit/until.mjs";
import { ask, conversation, fence, message, talk, user } from "./stage.mjs";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

for (const [mounted, dialects] of Object.entries({ alone: ["conversations"], "among all": [] })) {
  describe(`mounted ${mounted}`, () => {
    let server;
    before(async () => {
      server = await Polylogue.mounting(dialects);
      await server.stop();
      await server.demo();
      await server.again();
    });
    after(() => server?.remove());

    for (const [name, transports] of Object.entries(TRANSPORTS)) {
      test(`the walk by ${name}`, () => walk(server, transports));
    }
  });
}

async function walk(server, transports) {
  const known = { id: 1, sender_id: 1, receiver_id: 2 };
  assert.deepEqual(await conversation(server, 1, 2), known);

  const ann = await user(server, 1, { transports });
  assert.equal(ann.transport, transports.at(-1));
  const ben = await user(server, 2, { transports });
  await ann.hears("user:online", { userId: 2 });
  for (const [userId, client] of [
    [1, ann],
    [2, ben],
  ]) {
    client.say("join-conversation", { conversationId: 1, userId });
    await client.hears("joined-conversation", { success: true, conversationId: 1 });
    client.take();
  }

  await speaks(server, ann, ben, known);
  await types(server, ann, ben, known);

  assert.deepEqual(await ben.ask("leave-conversation", { conversationId: 1 }), {
    success: true,
    conversationId: 1,
  });
  ben.leave();
  await ann.hears("user:offline", { userId: 2 });
  const gone = new Promise((resolve) => ann.socket.once("disconnect", resolve));
  ann.leave();
  await within(gone, "the disconnect");
}

async function speaks(server, ann, ben, known) {
  const first = message(1, 1, "Hello, how are you?");
  ann.say("send-message", first);
  await ann.until(() => ann.heard("message-sent").length === 1, "message-sent");
  const [sent] = ann.heard("message-sent");
  const { id, timestamp, ...rest } = sent;
  assert.deepEqual(rest, { ...first, conversation: known });
  assert.ok(Number.isSafeInteger(id) && id > 0);
  assert.match(timestamp, ISO);
  await ben.hears("receive-message", sent);
  assert.deepEqual(talk(ann), [
    ["receive-message", sent],
    ["message-sent", sent],
  ]);
  assert.deepEqual(talk(ben), [["receive-message", sent]]);

  const { success, data } = await ben.ask("send-message", message(2, 1, "Fine 😀"));
  assert.equal(success, true);
  assert.equal(data.sender_id, 2);
  await fence(server, known, [ann, ben]);
  assert.deepEqual(talk(ann), [["receive-message", data]]);
  assert.deepEqual(talk(ben), [
    ["receive-message", data],
    ["message-sent", data],
  ]);

  const page = await ask(server, "GET", "/conversations/1/messages?page=1&limit=2");
  assert.equal(page.status, 200);
  assert.deepEqual(page.body.messages, [data, sent]);
  assert.deepEqual([page.body.success, page.body.page, page.body.limit], [true, 1, 2]);
}

async function types(server, ann, ben, known) {
  for (const isTyping of [true, false]) {
    const typing = { conversationId: 1, userId: 1, isTyping };
    ann.say("typing", typing);
    await ben.hears("user-typing", typing);
    assert.deepEqual(talk(ben), [["user-typing", typing]]);
  }
  await fence(server, known, [ann, ben]);
  assert.deepEqual(talk(ann), []);
}

// Every error of the document and every bad payload: the document's own event, the error in the
// ack, and the connection lives.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SOCKET_IO, Wire } from "../../conformance/kit/wire.mjs";
import { Client, TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { as, ask, conversation, history, joined, message, talk, user } from "./stage.mjs";

const NO_ID = "should not be empty";
const NO_INTEGER = "must be an integer number";
const NO_KIND = "message_type must be one of the following values: text, image, file";
const LONGEST_BYTES = 65_536;
const DEEP = 10_000;

let server;
before(async () => {
  server = await Polylogue.mounting(["conversations"]);
});
after(() => server?.remove());

for (const [name, transports] of Object.entries(TRANSPORTS)) {
  describe(`by ${name}`, { concurrency: true }, () => {
    for (const query of [
      {},
      ...["", "abc", "0", "-1", "1.5", "NaN"].map((userId) => ({ userId })),
    ]) {
      test(`CONNECT with ${JSON.stringify(query)} is refused`, async () => {
        const options = { namespace: "/chat", query, transports };
        assert.equal(await Client.refusal(server, options), "userId is required");
      });
    }
    test("an unknown namespace stays one", async () => {
      const words = await Client.refusal(server, as(1, { namespace: "/chats", transports }));
      assert.equal(words, "Invalid namespace");
    });
    sending({ transports });
    foreign({ transports });
    joining({ transports });
  });
}

/** Each is asked with an ack and said without one; the words are the event's and the ack's. */
async function refused(client, event, payload, name, words) {
  const shown = JSON.stringify(payload)?.slice(0, 80);
  const field = name === "message-error" ? "error" : "message";
  const ack = await client.ask(event, payload);
  assert.equal(ack.success, false, shown);
  client.say(event, payload);
  await client.until(() => client.heard(name).length === 2, `two times ${name}`);
  const heard = talk(client);
  assert.equal(heard.length, 2, shown);
  for (const [, told] of heard) {
    if (words === undefined) assert.equal(typeof told[field], "string");
    else assert.deepEqual(told, { [field]: words }, shown);
  }
  return ack;
}

function sending(options) {
  test("send-message: every complaint by field", async () => {
    const { id } = await conversation(server, 11, 12);
    const client = await joined(server, 11, id, options);
    const good = message(11, id, "x");
    const without = (field) => ({ ...good, [field]: undefined });
    const cases = [
      [without("sender_id"), `sender_id ${NO_ID}, sender_id ${NO_INTEGER}`],
      [{ ...good, sender_id: null }, `sender_id ${NO_ID}, sender_id ${NO_INTEGER}`],
      [{ ...good, sender_id: "11" }, `sender_id ${NO_INTEGER}`],
      [{ ...good, sender_id: 1.5 }, `sender_id ${NO_INTEGER}`],
      [{ ...good, conversation_id: "1" }, `conversation_id ${NO_INTEGER}`],
      [{ ...good, conversation_id: [1] }, `conversation_id ${NO_INTEGER}`],
      [{ ...good, conversation_id: -1 }, "conversation_id must be a positive number"],
      [without("content"), `content ${NO_ID}, content must be a string`],
      [{ ...good, content: "" }, `content ${NO_ID}`],
      [{ ...good, content: " \n" }, `content ${NO_ID}`],
      [{ ...good, content: 7 }, "content must be a string"],
      [{ ...good, content: ["x"] }, "content must be a string"],
      [{ ...good, content: Buffer.from("x") }, "content must be a string"],
      [{ ...good, message_type: "video" }, NO_KIND],
      [{ ...good, message_type: "\ud800" }, NO_KIND],
      [{ ...good, message_type: 1, content: "" }, `${NO_KIND}, content ${NO_ID}`],
      [{ ...good, client_id: {} }, "client_id must be a string of 1 to 255 bytes"],
      [
        { ...good, content: "x".repeat(LONGEST_BYTES + 1) },
        `content must be shorter than or equal to ${LONGEST_BYTES} bytes`,
      ],
      ...[undefined, null, [], [11, id, "text", "x"], "x", 7, true].map((payload) => [payload]),
      [{ ...good, sender_id: 12 }, "Unauthorized: sender_id is not the connected user"],
      [{ ...good, conversation_id: 987_654 }, "Conversation not found"],
    ];
    for (const [payload, words] of cases) {
      const { error } = await refused(client, "send-message", payload, "message-error", words);
      assert.equal(typeof error, "string");
      if (words !== undefined) assert.equal(error, words);
    }
    assert.deepEqual(await history(server, id), []);
    const { success } = await client.ask("send-message", good);
    assert.equal(success, true, "the connection lives");
    const [{ id: sent }] = await history(server, id);
    await ask(server, "DELETE", `/messages/${sent}`);
    client.leave();
  });
}

function foreign(options) {
  test("send-message: others' conversations are theirs", async () => {
    const { id } = await conversation(server, 14, 15);
    const [member, stranger] = [
      await joined(server, 15, id, options),
      await user(server, 13, options),
    ];
    stranger.take();
    const words = "Unauthorized to send messages to this conversation";
    const payload = message(13, id, "let me in");
    await refused(stranger, "send-message", payload, "message-error", words);
    assert.deepEqual(talk(member), []);
    [member, stranger].forEach((client) => client.leave());
  });
}

function joining(options) {
  test("join-conversation: the document's sentences, and the ack", async () => {
    const { id } = await conversation(server, 11, 12);
    const client = await user(server, 13, options);
    client.take();
    const fails = async (payload, words, conversationId) => {
      const ack = await refused(client, "join-conversation", payload, "error", words);
      assert.deepEqual(ack, { success: false, conversationId });
    };
    const foreign = "Unauthorized to join this conversation";
    await fails({ conversationId: 987_654, userId: 13 }, "Conversation not found", 987_654);
    await fails({ conversationId: id, userId: 13 }, foreign, id);
    await fails({ conversationId: id, userId: 11 }, foreign, id);
    await fails({ conversationId: String(id), userId: 13 }, `conversationId ${NO_INTEGER}`, null);
    await fails({ conversationId: id }, `userId ${NO_ID}, userId ${NO_INTEGER}`, id);
    for (const payload of [undefined, null, [], [id, 13], "1", 1e300]) {
      await fails(payload, undefined, null);
    }
    client.leave();
  });

  test("leave-conversation and typing", async () => {
    const { id } = await conversation(server, 11, 12);
    const client = await user(server, 11, options);
    client.take();
    const typing = { conversationId: id, userId: 11, isTyping: true };
    for (const [event, payload, words] of [
      ["leave-conversation", undefined, `conversationId ${NO_ID}, conversationId ${NO_INTEGER}`],
      ["leave-conversation", { conversationId: "1" }, `conversationId ${NO_INTEGER}`],
      ["leave-conversation", { conversationId: 987_654 }, "Conversation not found"],
      ["typing", { ...typing, isTyping: "true" }, "isTyping must be a boolean value"],
      ["typing", { ...typing, isTyping: undefined }, "isTyping must be a boolean value"],
      ["typing", { ...typing, userId: 12 }, "Unauthorized: userId is not the connected user"],
      ["typing", { ...typing, conversationId: 987_654 }, "Conversation not found"],
      ["typing", [], undefined],
    ]) {
      const { error } = await refused(client, event, payload, "error", words);
      if (words !== undefined) assert.equal(error, words);
    }
    const stranger = await user(server, 13, options);
    stranger.take();
    const words = "Unauthorized to access this conversation";
    await refused(stranger, "typing", { ...typing, userId: 13 }, "error", words);
    [client, stranger].forEach((one) => one.leave());
  });
}

test("what no stock client sends is answered as well", async () => {
  const { id } = await conversation(server, 11, 12);
  const url = `${server.url}${SOCKET_IO}?EIO=4&transport=websocket&userId=11`;
  const wire = new Wire(url);
  const event = async (name, json) => {
    wire.send(`42/chat,1${JSON.stringify([name]).slice(0, -1)},${json}]`);
    for (;;) {
      const frame = await wire.next();
      if (frame.startsWith("43/chat,1")) return JSON.parse(frame.slice("43/chat,1".length))[0];
    }
  };
  await wire.next();
  wire.send("40/chat,");
  const deep = "[".repeat(DEEP) + "]".repeat(DEEP);
  const rest = `"sender_id":11,"message_type":"text","content":"x"`;
  for (const [fields, words] of [
    [`"conversation_id":${deep},${rest}`, `conversation_id ${NO_INTEGER}`],
    [`"conversation_id":1e400,${rest}`, `conversation_id ${NO_INTEGER}`],
    [`"conversation_id":${"9".repeat(400)},${rest}`, `conversation_id ${NO_INTEGER}`],
  ]) {
    const ack = await event("send-message", `{${fields}}`);
    assert.deepEqual(ack, { success: false, error: words });
  }
  assert.equal((await event("send-message", deep)).success, false);
  assert.equal((await event("join-conversation", deep)).success, false);
  // A float that is whole is a whole number: some clients know no other.
  const joining = await event("join-conversation", `{"conversationId":${id}.0,"userId":1.1e1}`);
  assert.deepEqual(joining, { success: true, conversationId: id });
  wire.socket.terminate();
});

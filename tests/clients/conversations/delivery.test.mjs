// Who hears what, and how often: rooms and personal rooms, second sockets, repeated sends, order,
// and what survives the server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { ask, conversation, fence, history, joined, message, talk, user } from "./stage.mjs";

const BURST = 60;

let server;
before(async () => {
  server = await Polylogue.mounting(["conversations"]);
});
after(() => server?.remove());

let users = 100;
/** Two users nobody else knows, and their conversation. */
async function two() {
  users += 2;
  return conversation(server, users, users + 1);
}

for (const [name, transports] of Object.entries(TRANSPORTS)) {
  describe(`by ${name}`, { concurrency: true }, () => {
    hearing({ transports });
    repeating({ transports });
    typing({ transports });
  });
}

function hearing(options) {
  test("every socket in the conversation, and every other of the receiver's, just once", async () => {
    const known = await two();
    const { id, sender_id: a, receiver_id: b } = known;
    const sender = await joined(server, a, id, options);
    const tab = await joined(server, a, id, options);
    const absent = await user(server, a, options);
    const inside = await joined(server, b, id, options);
    const outside = await user(server, b, options);
    const stranger = await user(server, 1, options);
    const all = [sender, tab, absent, inside, outside, stranger];
    all.forEach((client) => client.take());

    const { data } = await sender.ask("send-message", message(a, id, "once"));
    const reply = await outside.ask("send-message", message(b, id, "from outside"));
    await fence(server, known, [sender, tab, inside, outside]);
    const first = ["receive-message", data];
    const second = ["receive-message", reply.data];
    assert.deepEqual(talk(sender), [first, ["message-sent", data], second]);
    assert.deepEqual(talk(tab), [first, second]);
    assert.deepEqual(talk(inside), [first, second]);
    assert.deepEqual(talk(outside), [first, ["message-sent", reply.data]]);
    // The sender's socket outside hears what the other says, not what its own user does.
    await absent.hears(...second);
    assert.deepEqual(talk(absent), [second]);
    assert.deepEqual(talk(stranger), []);
    all.forEach((client) => client.leave());
  });

  test("after leave-conversation the personal room still rings", async () => {
    const known = await two();
    const { id, sender_id: a, receiver_id: b } = known;
    const [ann, ben] = [await joined(server, a, id, options), await joined(server, b, id, options)];
    for (let i = 0; i < 2; i += 1) {
      // Whoever is out already is out.
      const ack = await ben.ask("leave-conversation", { conversationId: id });
      assert.deepEqual(ack, { success: true, conversationId: id });
    }
    const { data } = await ann.ask("send-message", message(a, id, "are you there?"));
    await ben.hears("receive-message", data);
    ann.say("typing", { conversationId: id, userId: a, isTyping: true });
    await fence(server, known, [ann, ben]);
    assert.deepEqual(talk(ben), [["receive-message", data]]);
    [ann, ben].forEach((client) => client.leave());
  });

  test("one order for all, and for the history", async () => {
    const known = await two();
    const { id, sender_id: a, receiver_id: b } = known;
    const [ann, ben] = [await joined(server, a, id, options), await joined(server, b, id, options)];
    const sending = [];
    for (let i = 0; i < BURST / 2; i += 1) {
      sending.push(ann.ask("send-message", message(a, id, `a${i}`)));
      sending.push(ben.ask("send-message", message(b, id, `b${i}`)));
    }
    await Promise.all(sending);
    await fence(server, known, [ann, ben]);
    const stored = await history(server, id);
    assert.equal(stored.length, BURST);
    assert.deepEqual(ann.heard("receive-message"), stored);
    assert.deepEqual(ben.heard("receive-message"), stored);
    [ann, ben].forEach((client) => client.leave());
  });
}

function repeating(options) {
  test("a send repeated with its client_id is stored and delivered once", async () => {
    const known = await two();
    const { id, sender_id: a, receiver_id: b } = known;
    const [ann, ben] = [await joined(server, a, id, options), await joined(server, b, id, options)];
    const sent = message(a, id, "once", { client_id: "k1" });
    const acks = [await ann.ask("send-message", sent), await ann.ask("send-message", sent)];
    assert.deepEqual(acks[0], acks[1]);
    const headers = { "idempotency-key": "k2" };
    const json = message(a, id, "by REST");
    const posts = [];
    for (let i = 0; i < 2; i += 1) {
      posts.push((await ask(server, "POST", "/messages", { json, headers })).body);
    }
    assert.deepEqual(posts[0], posts[1]);
    await fence(server, known, [ann, ben]);
    const expected = [acks[0].data, posts[0].data];
    assert.deepEqual(ben.heard("receive-message"), expected);
    assert.deepEqual(ann.heard("receive-message"), expected);
    assert.deepEqual(await history(server, id), expected);
    [ann, ben].forEach((client) => client.leave());
  });

  test("kinds, odd texts and the default kind", async () => {
    const { id, sender_id: a, receiver_id: b } = await two();
    const ben = await joined(server, b, id, options);
    const ann = await joined(server, a, id, options);
    for (const message_type of ["text", "image", "file", undefined]) {
      const sent = message(a, id, "\ud83d cut, \u0000, \u2028, </script>", { message_type });
      const { data } = await ann.ask("send-message", sent);
      assert.equal(data.message_type, message_type ?? "text");
      assert.equal(data.content, sent.content);
      await ben.hears("receive-message", data);
    }
    [ann, ben].forEach((client) => client.leave());
  });
}

function typing(options) {
  test("typing ends with the message, and with the socket", async () => {
    const { id, sender_id: a, receiver_id: b } = await two();
    const [ann, ben] = [await joined(server, a, id, options), await joined(server, b, id, options)];
    const typing = (isTyping) => ({ conversationId: id, userId: a, isTyping });
    assert.deepEqual(await ann.ask("typing", typing(true)), { success: true, conversationId: id });
    const { data } = await ann.ask("send-message", message(a, id, "done"));
    await ben.hears("receive-message", data);
    const events = talk(ben).map(([event, payload]) => [event, payload.isTyping]);
    const [on, off] = [
      ["user-typing", true],
      ["user-typing", false],
    ];
    assert.deepEqual(events, [on, off, ["receive-message", undefined]]);
    ann.say("typing", typing(true));
    await ben.hears("user-typing", typing(true));
    ann.leave();
    await ben.hears("user-typing", typing(false));
    ben.leave();
  });
}

test("what was acknowledged survives kill -9", async () => {
  const own = await Polylogue.mounting(["conversations"]);
  try {
    const { id } = await conversation(own, 1, 2);
    const ann = await user(own, 1);
    const sent = [];
    for (let i = 0; i < 20; i += 1) {
      sent.push((await ann.ask("send-message", message(1, id, `m${i}`))).data);
    }
    await own.kill();
    await own.again();
    assert.deepEqual(await history(own, id), sent);
    assert.deepEqual(await conversation(own, 2, 1), { id, sender_id: 1, receiver_id: 2 });
  } finally {
    await own.remove();
  }
});

// The coaching document walked from end to end by stock JavaScript clients, once per transport and
// once with every dialect mounted: each event, each route, and who hears what.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import {
  chat,
  connect,
  crowd,
  data,
  events,
  fence,
  group,
  history,
  inside,
  notifications,
  personalFence,
} from "./stage.mjs";

const MOUNTS = Object.entries(TRANSPORTS).map(([name, transports]) => ({
  name: `by ${name}`,
  dialects: ["coaching"],
  transports,
}));
MOUNTS.push({ name: "with every dialect mounted", dialects: [], transports: ["websocket"] });

for (const { name, dialects, transports } of MOUNTS) {
  describe(`the coaching document ${name}`, () => {
    const stage = { transports };
    before(async () => {
      stage.server = await Polylogue.mounting(dialects);
      await stage.server.demo();
      stage.people = await crowd(stage.server, "Ann", "Ben", "Cat");
    });
    after(() => stage.server?.remove());
    loggingIn(stage);
    chatting(stage);
    typing(stage);
    comingAndGoing(stage);
  });
}

/** The greetings of other dialects, where they are mounted. */
const own = (log) => log.filter(([event]) => event !== "connected");

function loggingIn(stage) {
  test("login, connect, join the demo chat: the walk of the integration guide", async () => {
    const { server } = stage;
    const json = { email: "alice@example.com", password: "p@ssword" };
    const { status, body } = await rest(server, "POST", "/api/auth/login", { json });
    assert.equal(status, 200);
    assert.equal(body.success, true);
    const alice = { token: body.data.token, ...body.data.user };
    assert.equal(alice.first_name, "Alice");
    const [{ id, name, participants }] = await data(server, alice, "GET", "/api/chats");
    assert.equal(name, "Demo chat");
    assert.ok(participants.some(({ first_name }) => first_name === "Bob"));
    const client = await connect(server, alice, stage.transports);
    assert.deepEqual(await client.ask("join-chat", id), { success: true, chatId: id });
    client.say("send-message", { chatId: id, content: "Hello!" });
    await client.until(() => client.heard("new-message").length > 0, "the message");
    const [{ content, sender }] = client.heard("new-message");
    assert.equal(content, "Hello!");
    assert.equal(sender.last_name, "Archer");
    client.leave();
  });
}

function chatting(stage) {
  test("new-chat: every participant is told, wherever they are, once", async () => {
    const { server, people, transports } = stage;
    const [ann, ben, cat] = people;
    const clients = await Promise.all(people.map((who) => connect(server, who, transports)));
    const second = await connect(server, ben, transports);
    const made = await chat(server, ann, [ben], { initial_message: "first" });
    const logs = await personalFence(server, ann, [ben, cat], [...clients, second]);
    const { last_message: first, ...told } = made;
    assert.equal(first.content, "first");
    assert.equal(made.is_group, false);
    const wanted = [["new-chat", { chatId: made.id, chat: told }]];
    for (const [at, heard] of [wanted, wanted, [], wanted].entries()) {
      assert.deepEqual(notifications(logs[at]), heard);
      assert.deepEqual(own(events(logs[at])), []);
    }
    [...clients, second].forEach((client) => client.leave());
  });

  test("new-message: the whole room, the sender included, by socket and by REST", async () => {
    const { server, people, transports } = stage;
    const [ann, ben, cat] = people;
    const { id } = await group(server, ann, ben, cat);
    const clients = await inside(server, id, [ann, ann, ben, cat], transports);
    const sent = await clients[0].ask("send-message", { chatId: id, content: "Hello!" });
    assert.equal(sent.success, true);
    const path = `/api/chats/${id}/messages`;
    const posted = await data(server, ben, "POST", path, { content: "Hi!" }, 201);
    for (const [message, content, sender] of [
      [sent.data, "Hello!", ann],
      [posted, "Hi!", ben],
    ]) {
      const { id: messageId, created_at, ...rest } = message;
      assert.ok(Number.isSafeInteger(messageId));
      assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 60_000, created_at);
      const wanted = { chat_id: id, sender_id: sender.id, content, sender: sender.face };
      assert.deepEqual(rest, wanted);
    }
    for (const log of await fence(server, cat, id, clients)) {
      assert.deepEqual(log, [
        ["new-message", sent.data],
        ["new-message", posted],
      ]);
    }
    const kept = await history(server, cat, id);
    assert.deepEqual(kept.slice(1, 3), [posted, sent.data]);
    clients.forEach((client) => client.leave());
  });

  test("a participant who has not joined may speak, and hears nothing", async () => {
    const { server, people, transports } = stage;
    const [ann, ben] = people;
    const { id } = await group(server, ann, ben);
    const [inChat] = await inside(server, id, [ann], transports);
    const outside = await connect(server, ben, transports);
    const message = { chatId: `${id}`, content: "from afar" };
    const { success } = await outside.ask("send-message", message);
    assert.equal(success, true);
    const [heard] = await fence(server, ann, id, [inChat]);
    assert.deepEqual(heard.map(([event, { content }]) => [event, content]), [
      ["new-message", "from afar"],
    ]);
    await outside.ask("typing", { chatId: id, isTyping: false });
    assert.deepEqual(outside.heard("new-message"), []);
    inChat.leave();
    outside.leave();
  });
}

function typing(stage) {
  test("user-typing: the others alone, and sending ends it", async () => {
    const { server, people, transports } = stage;
    const [ann, ben] = people;
    const { id } = await group(server, ann, ben);
    const [a, b] = await inside(server, id, [ann, ben], transports);
    for (const isTyping of [true, false]) {
      const done = await a.ask("typing", { chatId: id, isTyping });
      assert.deepEqual(done, { success: true, chatId: id });
    }
    await a.ask("typing", { chatId: id, isTyping: true });
    await a.ask("send-message", { chatId: id, content: "done typing" });
    const [own, others] = await fence(server, ben, id, [a, b]);
    const typed = (isTyping) => ["user-typing", { chatId: id, userId: ann.id, isTyping }];
    assert.deepEqual(own.map(([event]) => event), ["new-message"]);
    assert.deepEqual(
      others.map((entry) => (entry[0] === "new-message" ? entry[1].content : entry)),
      [typed(true), typed(false), typed(true), typed(false), "done typing"],
    );
    a.leave();
    b.leave();
  });
}

function comingAndGoing(stage) {
  test("user-joined, user-left: once per user, to the others", async () => {
    const { server, people, transports } = stage;
    const [ann, ben] = people;
    const { id } = await group(server, ann, ben);
    const [a] = await inside(server, id, [ann], transports);
    const [b, tab] = await Promise.all([ben, ben].map((who) => connect(server, who, transports)));
    await b.ask("join-chat", id);
    await tab.ask("join-chat", { chatId: id });
    await b.ask("join-chat", `${id}`);
    await tab.ask("leave-chat", id);
    assert.deepEqual(await b.ask("leave-chat", id), { success: true, chatId: id });
    await b.ask("join-chat", id);
    b.leave();
    const left = ["user-left", { chatId: id, userId: ben.id }];
    await a.until(() => a.heard("user-left").length === 2, "the second departure");
    const [heard] = await fence(server, ann, id, [a]);
    const joined = ["user-joined", { chatId: id, user: ben.name }];
    assert.deepEqual(heard, [joined, left, joined, left]);
    assert.deepEqual(own(events(b.take())), []);
    assert.deepEqual(own(events(tab.take())), []);
    a.leave();
    tab.leave();
  });
}

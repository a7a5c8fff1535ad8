// Coming back in each dialect: what was said in a room and in a user's own room meanwhile, each once;
// not who was typing. Presence comes back with the session.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as chatty from "../chatty/kit.mjs";
import * as coaching from "../coaching/stage.mjs";
import * as conversations from "../conversations/stage.mjs";
import { Client } from "../kit/client.mjs";
import { comeBack, lose } from "../kit/line.mjs";
import * as lounge from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";
import { enter, hearsOf, heardOf, say } from "./stage.mjs";

let server;
before(async () => {
  server = await Polylogue.mounting([], "--jwt-secret", SECRET);
});
after(() => server?.remove());

/** Loses a client, lets `meanwhile` happen, and brings it back to the same session. */
async function whileAway(client, meanwhile) {
  const { id } = client.socket;
  await lose(server, client);
  client.take();
  const result = await meanwhile();
  assert.equal(await comeBack(client), true);
  assert.equal(client.socket.id, id);
  return result;
}

test("rooms: several rooms, what was said in turns comes in that order", async () => {
  const [away, other] = await Promise.all([1, 2].map((id) => Client.join(server, { token: tokenOf(id) })));
  for (const client of [away, other]) for (const room of ["a", "b", "c"]) await enter(client, room);
  const lines = (from) => Array.from({ length: 12 }, (_, i) => `${from} ${"abc"[(i * i) % 3]} ${i}`);
  const speak = async (from) => {
    for (const line of lines(from)) await say(other, line.split(" ")[1], line);
  };
  await speak("here");
  await hearsOf(away, 2, lines("here").at(-1));
  const here = heardOf(away, 2);
  await whileAway(away, () => speak("away"));
  await speak("back");
  await hearsOf(away, 2, lines("back").at(-1));
  assert.deepEqual(here, lines("here"));
  assert.deepEqual(heardOf(away, 2), [...lines("away"), ...lines("back")]);
  for (const client of [away, other]) client.leave();
});

describe("conversations", () => {
  test("one's conversation and one's own room: each message once", async () => {
    const known = await conversations.conversation(server, 11, 12);
    const unjoined = await conversations.conversation(server, 13, 12);
    const away = await conversations.joined(server, 12, known.id);
    const [other, third] = await Promise.all([11, 13].map((id) => conversations.user(server, id)));
    const send = (client, by, { id }, text) =>
      client.ask("send-message", conversations.message(by, id, text));
    const sent = await whileAway(away, async () => {
      other.say("typing", { conversationId: known.id, userId: 11, isTyping: true });
      const one = await send(other, 11, known, "in the conversation");
      const two = await send(third, 13, unjoined, "in one that was not joined");
      return [one.data, two.data];
    });
    const { data } = await send(other, 11, known, "after");
    await away.hears("receive-message", data);
    const heard = conversations.talk(away);
    assert.deepEqual(heard, [...sent, data].map((message) => ["receive-message", message]));
    for (const client of [away, other, third]) client.leave();
  });

  test("a message to somebody lost in both rooms rings once: nothing heard before", async () => {
    const known = await conversations.conversation(server, 21, 22);
    const away = await conversations.user(server, 22);
    const other = await conversations.user(server, 21);
    const { data } = await whileAway(away, () =>
      other.ask("send-message", conversations.message(21, known.id, "hello")),
    );
    await conversations.fence(server, known, [away]);
    assert.deepEqual(conversations.talk(away), [["receive-message", data]]);
    for (const client of [away, other]) client.leave();
  });
});

describe("coaching", () => {
  test("messages and notifications, not who was typing", async () => {
    const [ann, ben, cat] = await coaching.crowd(server, "Ann", "Ben", "Cat");
    const { id } = await coaching.group(server, ann, ben, cat);
    const [a, b] = await coaching.inside(server, id, [ann, ben]);
    const made = await whileAway(b, async () => {
      a.say("typing", { chatId: id, isTyping: true });
      await a.ask("send-message", { chatId: id, content: "one" });
      const group = await coaching.group(server, cat, ben);
      await a.ask("send-message", { chatId: id, content: "two" });
      return group;
    });
    const [log] = await coaching.fence(server, ann, id, [b]);
    assert.deepEqual(coaching.said(log), ["one", "two"]);
    const told = coaching.notifications(log).map(([type, { chatId }]) => [type, chatId]);
    assert.deepEqual(told, [["new-chat", made.id]]);
    assert.ok(!log.some(([event]) => event === "user-typing"), JSON.stringify(log));
    for (const client of [a, b]) client.leave();
  });

  test("whoever was removed meanwhile is not let back in, and hears nothing", async () => {
    const [ann, ben] = await coaching.crowd(server, "Ann", "Ben");
    const { id } = await coaching.group(server, ann, ben);
    const [a, b] = await coaching.inside(server, id, [ann, ben]);
    await lose(server, b);
    b.take();
    const path = `/api/chats/${id}/participants`;
    await coaching.data(server, ann, "DELETE", `${path}/${ben.id}`);
    await a.ask("send-message", { chatId: id, content: "secret" });
    // Made a participant again, the seat that was taken from him is not given back.
    await coaching.data(server, ann, "POST", path, { user_id: ben.id }, 201);
    assert.equal(await comeBack(b), false);
    assert.deepEqual(await b.ask("join-chat", id), { success: true, chatId: id });
    const [log] = await coaching.fence(server, ann, id, [b]);
    assert.deepEqual(coaching.said(log), []);
    for (const client of [a, b]) client.leave();
  });
});

test("chatty: a guest, whom nobody knows, by what only its client knows", async () => {
  const [user, room] = [await chatty.makeUser(server), await chatty.makeChatroom(server)];
  const away = await chatty.listener(server, user, [room], {});
  const posted = await whileAway(away, async () => [
    await chatty.post(server, user, room, "one"),
    await chatty.post(server, user, room, "two"),
  ]);
  await chatty.fence(server, user, room, [away]);
  assert.deepEqual(away.take(), posted.map((message) => ["new_message", message]));
  away.leave();
});

test("lounge: the room one was in, and what is said next is said there", async () => {
  const away = await lounge.seat(server, 31, "77");
  const other = await lounge.seat(server, 32, "77");
  const text = (text) => JSON.stringify({ type: "text", text });
  await whileAway(away, () => other.ask("chatMessage", text("one")));
  await away.until(() => away.heard("roomUsers").length > 0, "who is there now");
  const { id } = await away.ask("chatMessage", text("here I am"));
  assert.ok(Number.isInteger(id));
  const [log] = await lounge.fence(other, away);
  assert.deepEqual(
    log.filter(([, { type }]) => type === "text").map(([, { text }]) => text),
    ["one", "here I am"],
  );
  assert.ok(!log.some(([event]) => event === "history"), "no history again");
  for (const client of [away, other]) client.leave();
});

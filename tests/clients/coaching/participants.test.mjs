// Who takes part in a group: coming, being taken out, leaving; who may do it, who is told, and what
// the history keeps of it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET, epoch, sign } from "../kit/tokens.mjs";
import {
  about,
  as,
  assertFailure,
  assertInvalid,
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
  said,
} from "./stage.mjs";

let server;
before(async () => {
  server = await Polylogue.mounting(["coaching"], "--jwt-secret", SECRET);
});
after(() => server?.remove());

const add = (who, id, whom) =>
  as(server, who, "POST", `/api/chats/${id}/participants`, { user_id: whom.id });
const remove = (who, id, whom) =>
  as(server, who, "DELETE", `/api/chats/${id}/participants/${whom.id}`);
const leave = (who, id) => as(server, who, "POST", `/api/chats/${id}/leave`);
const roles = ({ participants }) => participants.map(({ id, role }) => [id, role]);
const NOT_IN = "You are not a participant in this chat";

describe("participants", { concurrency: true }, () => {
  test("any participant adds; room and newcomer are told, and may speak at once", async () => {
    const [ann, ben, cat, dan] = await crowd(server, "Ann", "Ben", "Cat", "Dan");
    const { id } = await group(server, ann, ben);
    const [a, b] = await inside(server, id, [ann, ben]);
    const d = await connect(server, dan);
    assertFailure(await add(cat, id, dan), 403, NOT_IN);
    const { status, body } = await add(ben, id, dan);
    assert.equal(status, 201);
    assert.deepEqual(roles(body.data), [
      [ann.id, "creator"],
      [ben.id, "member"],
      [dan.id, "member"],
    ]);
    const note = "Dan Test was added by Ben Test";
    for (const log of await fence(server, ann, id, [a, b])) {
      assert.deepEqual(notifications(log), [about("participant-added", id, dan)]);
      assert.deepEqual(said(log), [note]);
    }
    const told = (log) => log.filter(([, { data: found }]) => found.chatId === id);
    const [log] = await personalFence(server, ann, [dan], [d]);
    assert.deepEqual(told(log).length, 1);
    assert.deepEqual(notifications(told(log)), [about("participant-added", id, dan)]);
    assert.equal((await d.ask("join-chat", id)).success, true);
    assert.equal((await d.ask("send-message", { chatId: id, content: "hello" })).success, true);
    const [{ content }, { content: kept, sender_id, sender, is_system }] = (
      await history(server, dan, id)
    ).filter(({ content: words }) => !words.startsWith("fence"));
    assert.equal(content, "hello");
    assert.deepEqual([kept, sender_id, sender, is_system], [note, null, null, true]);
    assertFailure(await add(ann, id, dan), 400, "User is already a participant in this chat");
    assertFailure(await add(ann, id, { id: 4_711 }), 404, "User not found");
    for (const user_id of [undefined, null, "x", -1, 1.5, [], {}, true]) {
      const path = `/api/chats/${id}/participants`;
      assertInvalid(await as(server, ann, "POST", path, { user_id }), "user_id");
    }
    [a, b, d].forEach((client) => client.leave());
  });

  test("who is removed is told, leaves the room at once, and has no right to it", async () => {
    const [ann, ben, cat, dan] = await crowd(server, "Ann", "Ben", "Cat", "Dan");
    const { id } = await group(server, ann, ben, cat);
    const [a, b, tab] = await inside(server, id, [ann, ben, ben]);
    const outside = await connect(server, ben);
    assertFailure(
      await remove(cat, id, ben),
      403,
      "Only the chat creator or an admin can remove participants",
    );
    assertFailure(await remove(dan, id, ben), 403, NOT_IN);
    assertFailure(await remove(ann, id, dan), 404, "Participant not found");
    const { status, body } = await remove(ann, id, ben);
    assert.equal(status, 200);
    assert.deepEqual(roles(body.data), [
      [ann.id, "creator"],
      [cat.id, "member"],
    ]);
    const removed = about("participant-removed", id, ben);
    const [log] = await fence(server, ann, id, [a]);
    assert.deepEqual(notifications(log), [removed]);
    assert.deepEqual(said(log), ["Ben Test was removed by Ann Test"]);
    assert.deepEqual(log.filter(([event]) => event === "user-left"), [
      ["user-left", { chatId: id, userId: ben.id }],
    ]);
    for (const own of await personalFence(server, ann, [ben], [b, tab, outside])) {
      const ofChat = own.filter(([, payload]) => (payload.data?.chatId ?? id) === id);
      assert.deepEqual(notifications(ofChat), [removed], JSON.stringify(own));
      assert.deepEqual(events(ofChat), []);
    }
    await noRight(ben, id, b);
    [a, b, tab, outside].forEach((client) => client.leave());
  });

  test("a removed one who is added again joins again", async () => {
    const [ann, ben] = await crowd(server, "Ann", "Ben");
    const { id } = await group(server, ann, ben);
    const [b] = await inside(server, id, [ben]);
    await remove(ann, id, ben);
    assert.equal((await b.ask("join-chat", id)).success, false);
    await add(ann, id, ben);
    assert.equal((await b.ask("join-chat", id)).success, true);
    const { data: sent } = await b.ask("send-message", { chatId: id, content: "back" });
    await b.hears("new-message", sent);
    b.leave();
  });

  test("nobody but an admin removes the creator", async () => {
    const [ann, ben, cat, dan] = await crowd(server, "Ann", "Ben", "Cat", "Dan");
    const { id } = await group(server, ann, ben, cat);
    for (const who of [ann, ben]) {
      assertFailure(await remove(who, id, ann), 403, "Only an admin can remove the chat creator");
    }
    const admin = { token: sign({ id: dan.id, role: "admin", exp: epoch(60) }) };
    const { status, body } = await remove(admin, id, ben);
    assert.equal(status, 200);
    assert.deepEqual(roles(body.data), [
      [ann.id, "creator"],
      [cat.id, "member"],
    ]);
    const { body: after } = await remove(admin, id, ann);
    assert.deepEqual(roles(after.data), [[cat.id, "creator"]]);
    assert.equal(after.data.created_by, cat.id);
    assertFailure(await as(server, ann, "GET", `/api/chats/${id}`), 403, NOT_IN);
    assertFailure(await as(server, admin, "GET", `/api/chats/${id}`), 403, NOT_IN);
    const [newest] = await history(server, cat, id);
    assert.equal(newest.content, "Ann Test was removed by Dan Test");
  });
});

describe("leaving", { concurrency: true }, () => {
  test("the room is told, and the oldest of the others is the creator now", async () => {
    const [ann, ben, cat, dan] = await crowd(server, "Ann", "Ben", "Cat", "Dan");
    const { id } = await group(server, ann, ben, cat);
    const [a, b] = await inside(server, id, [ann, ben]);
    const { status, body } = await leave(ann, id);
    assert.equal(status, 200);
    assert.equal(body.success, true);
    const [log] = await fence(server, ben, id, [b]);
    assert.deepEqual(notifications(log), [about("participant-left", id, ann)]);
    assert.deepEqual(said(log), ["Ann Test left the chat"]);
    await a.until(() => a.heard("notification").length > 0, "the word to whoever left");
    const own = a.take();
    assert.deepEqual(notifications(own), [about("participant-left", id, ann)]);
    assert.deepEqual(said(own), []);
    await noRight(ann, id, a);
    const now = await data(server, ben, "GET", `/api/chats/${id}`);
    assert.equal(now.created_by, ben.id);
    assert.deepEqual(roles(now), [
      [ben.id, "creator"],
      [cat.id, "member"],
    ]);
    assert.equal((await remove(ben, id, cat)).status, 200);
    assertFailure(await leave(dan, id), 403, NOT_IN);
    a.leave();
    b.leave();
  });

  test("the last one to leave deletes the chat", async () => {
    const [ann, ben] = await crowd(server, "Ann", "Ben");
    const { id } = await group(server, ann, ben);
    const [b] = await inside(server, id, [ben]);
    assert.equal((await leave(ann, id)).status, 200);
    assert.equal((await leave(ben, id)).status, 200);
    assertFailure(await as(server, ben, "GET", `/api/chats/${id}`), 404, "Chat not found");
    assertFailure(await leave(ben, id), 404, "Chat not found");
    const mine = await data(server, ben, "GET", "/api/chats");
    assert.ok(!mine.some((one) => one.id === id));
    const { message } = await b.ask("send-message", { chatId: id, content: "anyone?" });
    assert.equal(message, NOT_IN);
    b.leave();
  });

  test("a direct chat keeps its two", async () => {
    const [ann, ben, dan] = await crowd(server, "Ann", "Ben", "Dan");
    const { id } = await chat(server, ann, [dan]);
    assertFailure(await add(ann, id, ben), 400);
    assertFailure(await remove(ann, id, dan), 400);
    assertFailure(await leave(ann, id), 400, "You cannot leave a direct chat");
    assert.equal((await data(server, ann, "GET", `/api/chats/${id}`)).participants.length, 2);
  });
});

/** Every way to the chat is shut. */
async function noRight(who, id, client) {
  for (const [event, payload] of [
    ["join-chat", id],
    ["send-message", { chatId: id, content: "let me in" }],
    ["typing", { chatId: id, isTyping: true }],
  ]) {
    client.take();
    assert.deepEqual(await client.ask(event, payload), { success: false, message: NOT_IN });
    assert.deepEqual(client.take(), [["error", { message: NOT_IN }]]);
  }
  for (const [method, path, json] of [
    ["GET", ""],
    ["GET", "/messages"],
    ["POST", "/messages", { content: "let me in" }],
    ["POST", "/participants", { user_id: who.id }],
    ["DELETE", `/participants/${who.id}`],
    ["POST", "/leave"],
  ]) {
    assertFailure(await as(server, who, method, `/api/chats/${id}${path}`, json), 403, NOT_IN);
  }
  const mine = await data(server, who, "GET", "/api/chats");
  assert.ok(!mine.some((one) => one.id === id));
}

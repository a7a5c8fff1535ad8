// Messages by REST, and what the server promises of them: once per key, in one order, and still
// there after a kill. And whose /messages is whose where rooms is mounted as well.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import {
  NOBODY, assertError, details, fence, listener, makeChatroom, makeUser, post,
} from "./kit.mjs";

let server;
let ann;
let room;
before(async () => {
  server = await Polylogue.mounting(["chatty"]);
  ann = await makeUser(server);
  room = await makeChatroom(server);
});
after(() => server?.remove());

const ask = (method, path, json, headers) => rest(server, method, path, { json, headers });
const send = (more, headers) =>
  ask("POST", "/messages/", {
    message_text: "hello", user_id: ann.id, chatroom_id: room.id, ...more,
  }, headers);
const history = async (chatroom) => (await ask("GET", `/messages/chatroom/${chatroom.id}`)).body;

describe("POST /messages/", () => {
  test("bad bodies are told in detail, and store nothing", async () => {
    for (const [more, ...wrong] of [
      [{ message_text: "" }, ["string_too_short", "body", "message_text"]],
      [{ message_text: " \n\t\u00a0" }, ["string_too_short", "body", "message_text"]],
      [{ message_text: "x".repeat(1_025) }, ["string_too_long", "body", "message_text"]],
      [{ message_text: undefined }, ["missing", "body", "message_text"]],
      [{ message_text: null }, ["string_type", "body", "message_text"]],
      [{ message_text: ["hello"] }, ["string_type", "body", "message_text"]],
      [{ user_id: "ann" }, ["uuid_parsing", "body", "user_id"]],
      [{ user_id: null }, ["uuid_type", "body", "user_id"]],
      [{ chatroom_id: 5 }, ["uuid_type", "body", "chatroom_id"]],
      [{ chatroom_id: undefined }, ["missing", "body", "chatroom_id"]],
      [{ is_reply: "maybe" }, ["bool_type", "body", "is_reply"]],
      [{ is_reply: true, parent_message_id: "x" }, ["uuid_parsing", "body", "parent_message_id"]],
      [{ is_reply: true }, ["value_error", "body"]],
      [{ is_reply: true, parent_message_id: null }, ["value_error", "body"]],
      [{ is_reply: false, parent_message_id: NOBODY }, ["value_error", "body"]],
      [{ parent_message_id: NOBODY }, ["value_error", "body"]],
      [{ client_id: "" }, ["value_error", "body", "client_id"]],
      [{ client_id: {} }, ["value_error", "body", "client_id"]],
    ]) {
      assert.deepEqual(details(await send(more)), wrong, JSON.stringify(more));
    }
    const { body } = await send({ user_id: 1, chatroom_id: 2, message_text: 3 });
    assert.equal(body.detail.length, 3);
    assert.deepEqual(await history(room), { messages: [], total: 0 });
  });

  test("what does not exist is 404", async () => {
    assertError(await send({ user_id: NOBODY }), 404, "User not found");
    assertError(await send({ chatroom_id: NOBODY }), 404, "Chatroom not found");
    const elsewhere = await post(server, ann, await makeChatroom(server), "elsewhere");
    for (const parent_message_id of [NOBODY, elsewhere.id]) {
      const answer = await send({ is_reply: true, parent_message_id });
      assertError(answer, 404, "Parent message not found");
    }
    assert.deepEqual(await history(room), { messages: [], total: 0 });
  });

  test("1024 characters fit, whatever they take in bytes; a cut emoji stays one", async () => {
    const inner = await makeChatroom(server);
    const client = await listener(server, ann, [inner]);
    const longest = ["x".repeat(1_024), ` ${"😀".repeat(1_024)} `];
    for (const text of [...longest, "cut \ud83d here", "a\u0000b"]) {
      const message = await post(server, ann, inner, text);
      assert.equal(message.message_text, text.trim());
      await client.hears("new_message", message);
    }
    assert.deepEqual((await history(inner)).messages, client.heard("new_message"));
    client.leave();
  });

  test("the same key is one message, stored and delivered once", async () => {
    const inner = await makeChatroom(server);
    const client = await listener(server, ann, [inner]);
    const more = { chatroom_id: inner.id };
    const byHeader = await Promise.all(
      [1, 2, 3].map(() => send(more, { "idempotency-key": "k-1" })),
    );
    const byField = await Promise.all([1, 2, 3].map(() => send({ ...more, client_id: "k-2" })));
    for (const answers of [byHeader, byField]) {
      for (const answer of answers) {
        assert.equal(answer.status, 201);
        assert.deepEqual(answer.body, answers[0].body);
      }
    }
    await fence(server, ann, inner, [client]);
    const once = [byHeader[0].body, byField[0].body];
    assert.deepEqual(client.heard("new_message"), once);
    assert.deepEqual((await history(inner)).messages.slice(0, 2), once);
    assert.deepEqual(details(await send(more, { "idempotency-key": "" })), [
      ["value_error", "header", "idempotency-key"],
    ]);
    client.leave();
  });

  test("many at once: every socket hears one order, and so says the history", async () => {
    const inner = await makeChatroom(server);
    const clients = await Promise.all([1, 2, 3].map(() => listener(server, ann, [inner])));
    await Promise.all(Array.from({ length: 60 }, (_, i) => post(server, ann, inner, `m${i}`)));
    await fence(server, ann, inner, clients);
    const { messages } = await history(inner);
    for (const client of clients) {
      assert.deepEqual(client.heard("new_message"), messages.slice(0, 60));
      client.leave();
    }
    const ids = messages.map(({ id }) => id);
    assert.deepEqual(ids, ids.toSorted());
  });
});

describe("one message, and lists", () => {
  test("GET, PUT and DELETE one", async () => {
    const inner = await makeChatroom(server);
    const message = await post(server, ann, inner, "first words");
    const path = `/messages/${message.id}`;
    assert.deepEqual(await ask("GET", path), { status: 200, body: message });
    const edited = await ask("PUT", `${path}/`, { message_text: "  other words " });
    assert.equal(edited.status, 200);
    const { last_updated_date, ...rest } = edited.body;
    const { last_updated_date: before_, message_text, ...same } = message;
    assert.deepEqual(rest, { ...same, message_text: "other words" });
    assert.ok(last_updated_date >= before_);
    assert.deepEqual((await ask("GET", path)).body, edited.body);
    assert.deepEqual(details(await ask("PUT", path, { message_text: "" })), [
      ["string_too_short", "body", "message_text"],
    ]);
    assert.equal((await ask("DELETE", path)).status, 204);
    for (const [method, json] of [["GET"], ["PUT", { message_text: "x" }], ["DELETE"]]) {
      assertError(await ask(method, path, json), 404, "Message not found");
      assertError(await ask(method, `/messages/${NOBODY}`, json), 404, "Message not found");
      assert.deepEqual(details(await ask(method, "/messages/123", json)), [
        ["uuid_parsing", "path", "message_id"],
      ]);
    }
    assert.deepEqual(await history(inner), { messages: [], total: 0 });
  });

  test("pages of a chatroom and of all, in the order they were said", async () => {
    const [inner, other] = [await makeChatroom(server), await makeChatroom(server)];
    const said = [];
    for (let i = 0; i < 7; i += 1) {
      said.push(await post(server, ann, i % 2 ? other : inner, `${i}`));
    }
    const ofInner = said.filter(({ chatroom_id }) => chatroom_id === inner.id);
    assert.deepEqual(await history(inner), { messages: ofInner, total: 4 });
    for (const [skip, limit] of [[0, 1], [1, 2], [3, 5], [4, 1], [9, 9]]) {
      const path = `/messages/chatroom/${inner.id}?skip=${skip}&limit=${limit}`;
      const { body } = await ask("GET", path);
      assert.deepEqual(body, { messages: ofInner.slice(skip, skip + limit), total: 4 });
    }
    const { body } = await ask("GET", "/messages/?limit=1000");
    assert.equal(body.total, body.messages.length);
    assert.deepEqual(body.messages.slice(-7), said);
    const page = await ask("GET", `/messages?skip=${body.total - 2}&limit=1`);
    assert.deepEqual(page.body, { messages: [said[5]], total: body.total });
  });

  test("the messages of a user who is gone stay, and are nobody's", async () => {
    const [ben, inner] = [await makeUser(server), await makeChatroom(server)];
    const message = await post(server, ben, inner, "left behind");
    await ask("DELETE", `/users/${ben.id}`);
    const orphan = { ...message, user_id: null };
    assert.deepEqual(await history(inner), { messages: [orphan], total: 1 });
    const path = `/messages/${message.id}`;
    const edited = await ask("PUT", path, { message_text: "edited" });
    assert.deepEqual([edited.status, edited.body.message_text], [200, "edited"]);
    assert.equal((await ask("DELETE", path)).status, 204);
    assertError(await ask("DELETE", path), 404, "Message not found");
  });

  test("what was answered or heard survives kill -9", async () => {
    const other = await Polylogue.mounting(["chatty"]);
    const [user, chatroom] = [await makeUser(other), await makeChatroom(other)];
    const client = await listener(other, user, [chatroom]);
    const posted = [];
    for (let i = 0; i < 20; i += 1) posted.push(await post(other, user, chatroom, `m${i}`));
    const dying = Array.from({ length: 50 }, (_, i) => post(other, user, chatroom, `last${i}`));
    const settled = Promise.allSettled(dying);
    await client.until(() => client.heard("new_message").length > 25, "some to be heard");
    await other.kill();
    const answered = (await settled).filter(({ value }) => value).map(({ value }) => value);
    const heard = client.heard("new_message");
    client.leave();
    await other.again();
    const path = `/messages/chatroom/${chatroom.id}?limit=1000`;
    const { body } = await rest(other, "GET", path);
    const kept = new Map(body.messages.map((message) => [message.id, message]));
    for (const message of [...posted, ...answered, ...heard]) {
      assert.deepEqual(kept.get(message.id), message);
    }
    await other.remove();
  });
});

describe("beside rooms", () => {
  let both;
  before(async () => {
    both = await Polylogue.mounting(["rooms", "chatty"]);
  });
  after(() => both?.remove());

  test("/messages with a token is rooms', without one chatty's", async () => {
    const token = await both.token(1);
    const [user, chatroom] = [await makeUser(both), await makeChatroom(both)];
    const message = await post(both, user, chatroom, "chatty's");
    const page = "/messages?room_code=room_1";
    assert.deepEqual(await rest(both, "GET", page, { token }), { status: 200, body: [] });
    const json = { room_code: "room_1", content: "rooms'" };
    assert.equal((await rest(both, "POST", "/messages", { token, json })).status, 201);
    for (const path of ["/messages", "/messages/"]) {
      const { body } = await rest(both, "GET", path);
      assert.deepEqual(body, { messages: [message], total: 1 });
    }
    const [{ id }] = (await rest(both, "GET", page, { token })).body;
    const high = Math.floor(id / 4_096).toString(16).padStart(12, "0");
    const low = (id % 4_096).toString(16).padStart(3, "0");
    const spelled = `${high.slice(0, 8)}-${high.slice(8)}-4${low}-8000-000000000000`;
    for (const method of ["GET", "DELETE"]) {
      assertError(await rest(both, method, `/messages/${spelled}`), 404, "Message not found");
    }
    const { body } = await rest(both, "DELETE", "/messages", { json: { message_id: id } });
    assert.equal(body.statusCode, 401);
  });

  test("no token: a guest, for chatty alone; a good one: both; a bad one: neither", async () => {
    const [user, chatroom] = [await makeUser(both), await makeChatroom(both)];
    const guest = await listener(both, user, [chatroom]);
    const known = await listener(both, user, [chatroom], { token: await both.token(1) });
    assert.deepEqual(await guest.ask("join_room"), { error: "Unauthorized" });
    assert.deepEqual(await known.ask("join_room"), { room: "room_1" });
    await fence(both, user, chatroom, [guest, known]);
    const refused = await Client.refusal(both, { token: "bad" });
    assert.equal(refused, "Unauthorized");
    guest.leave();
    known.leave();
  });
});

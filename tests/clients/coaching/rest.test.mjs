// The REST half of the coaching document: accounts, chats, pages, keys, and the envelope of each
// error.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import {
  as,
  assertFailure,
  assertInvalid,
  chat,
  connect,
  crowd,
  data,
  fence,
  group,
  history,
  inside,
  said,
} from "./stage.mjs";

const MESSAGE_BYTES_MAX = 65_536;

let server;
let ann;
let ben;
let cat;
before(async () => {
  server = await Polylogue.mounting(["coaching"]);
  [ann, ben, cat] = await crowd(server, "Ann", "Ben", "Cat");
});
after(() => server?.remove());

const register = (json) => rest(server, "POST", "/api/auth/register", { json });
const login = (json) => rest(server, "POST", "/api/auth/login", { json });

describe("accounts", { concurrency: true }, () => {
  const form = (more) => ({
    email: "new@example.com",
    password: "123456",
    first_name: "New",
    last_name: "Comer",
    role: "coach",
    ...more,
  });

  test("register: 201 with user and token; the address is taken from then on", async () => {
    const { status, body } = await register(form({ email: " One@Example.com " }));
    assert.equal(status, 201);
    assert.deepEqual(Object.keys(body).sort(), ["data", "message", "success"]);
    const { id, created_at, ...user } = body.data.user;
    assert.ok(Number.isSafeInteger(id));
    assert.ok(Date.parse(created_at) > 0);
    assert.deepEqual(user, {
      email: "One@Example.com",
      first_name: "New",
      last_name: "Comer",
      profile_image: null,
      role: "coach",
    });
    assert.deepEqual(await data(server, body.data, "GET", "/api/chats"), []);
    assertInvalid(await register(form({ email: "one@example.COM" })), "email");
    const again = await login({ email: "ONE@example.com", password: "123456" });
    assert.equal(again.status, 200);
    assert.deepEqual(Object.keys(again.body).sort(), ["data", "message", "success"]);
    assert.deepEqual(again.body.data.user, body.data.user);
    await data(server, again.body.data, "GET", "/api/chats");
  });

  test("every mistake is named", async () => {
    assertInvalid(await register({}), "email", "password", "first_name", "last_name");
    for (const [field, values] of Object.entries({
      email: ["", "x", "a@", "@b", "a b@c.d", 7, null, ["a@b.c"], `${"a".repeat(300)}@b.c`],
      password: ["", "12345", 123456, null, {}, "x".repeat(2_000)],
      first_name: ["", "  ", 7, null, "x".repeat(51), "a\nb", {}],
      last_name: ["", "  ", 7, null, "x".repeat(51), "a\u0000b", []],
      role: ["", 7, "admin", " Admin ", {}, "x".repeat(33)],
      profile_image: [7, {}, "x".repeat(3_000)],
    })) {
      for (const value of values) assertInvalid(await register(form({ [field]: value })), field);
    }
  });

  test("login: a wrong password and an unknown address read the same", async () => {
    for (const json of [
      { email: ann.user.email, password: "wrong!" },
      { email: "nobody@example.com", password: "p@ssword" },
      { email: ann.user.email, password: "" },
    ]) {
      assertFailure(await login(json), 401, "Invalid email or password");
    }
    assertInvalid(await login({}), "email", "password");
    assertInvalid(await login({ email: 1, password: "p@ssword" }), "email");
    assertInvalid(await login({ email: ann.user.email, password: null }), "password");
  });

  test("one address, many at once: one account", async () => {
    const json = form({ email: "race@example.com" });
    const answers = await Promise.all(Array.from({ length: 5 }, () => register(json)));
    const made = answers.filter(({ status }) => status === 201);
    assert.equal(made.length, 1);
    for (const answer of answers) if (answer.status !== 201) assertInvalid(answer, "email");
  });
});

describe("chats", { concurrency: true }, () => {
  test("a direct chat is one, whoever asks and however often", async () => {
    const { id } = await chat(server, ann, [ben]);
    for (const [who, whom] of [
      [ann, ben],
      [ben, ann],
    ]) {
      const answer = await as(server, who, "POST", "/api/chats", {
        participant_ids: [whom.id, who.id, whom.id],
      });
      assertFailure(answer, 400, "Direct chat already exists");
      assert.deepEqual(answer.body.data, { id, chat_id: id });
    }
    const { id: other } = await group(server, ann, ben);
    assert.notEqual(other, id);
  });

  test("a chat in its shape; more than two are a group", async () => {
    const more = { name: " Team ", initial_message: "Welcome" };
    const made = await chat(server, ann, [ben, cat], more);
    const { created_at, updated_at, last_message, participants, ...rest } = made;
    assert.deepEqual(rest, { id: made.id, name: "Team", is_group: true, created_by: ann.id });
    assert.ok(Date.parse(updated_at) >= Date.parse(created_at));
    assert.deepEqual(participants, [
      { ...ann.face, role: "creator" },
      { ...ben.face, role: "member" },
      { ...cat.face, role: "member" },
    ]);
    assert.deepEqual([last_message.content, last_message.sender], ["Welcome", ann.face]);
    const found = await data(server, cat, "GET", `/api/chats/${made.id}`);
    assert.deepEqual(found, made);
    assert.deepEqual(await history(server, ben, made.id), [last_message]);
  });

  test("mistakes are named, and nothing is made", async () => {
    const [gil] = await crowd(server, "Gil");
    const create = (json) => as(server, gil, "POST", "/api/chats", json);
    const good = { participant_ids: [ann.id] };
    const noIds = [undefined, null, [], [gil.id], 7, "x", {}, ["x"], [null], [-1]];
    for (const participant_ids of noIds) {
      assertInvalid(await create({ participant_ids }), "participant_ids");
    }
    const crowdIds = Array.from({ length: 1_000 }, (_, i) => i + 1);
    assertInvalid(await create({ participant_ids: crowdIds }), "participant_ids");
    const direct = { participant_ids: [ann.id, ben.id], is_group: false };
    assertInvalid(await create(direct), "participant_ids");
    assertInvalid(await create({ ...good, is_group: "yes" }), "is_group");
    assertInvalid(await create({ ...good, name: 7 }), "name");
    assertInvalid(await create({ ...good, name: "x".repeat(101) }), "name");
    assertInvalid(await create({ ...good, initial_message: 7 }), "initial_message");
    const long = "x".repeat(MESSAGE_BYTES_MAX + 1);
    assertInvalid(await create({ ...good, initial_message: long }), "initial_message");
    assertFailure(await create({ participant_ids: [4_711] }), 404, "User not found");
    for (const body of [[], "x", 7, null]) assertInvalid(await create(body), "body");
    assert.deepEqual(await data(server, gil, "GET", "/api/chats"), []);
  });

  test("the list: by last activity, with the last message", async () => {
    const [dan] = await crowd(server, "Dan");
    const ids = [];
    for (let i = 0; i < 3; i += 1) ids.push((await group(server, dan, ann)).id);
    const say = (id, content) =>
      data(server, ann, "POST", `/api/chats/${id}/messages`, { content }, 201);
    await say(ids[1], "early");
    await fence(server, ann, ids[0], []);
    const sent = await say(ids[1], "late");
    const listed = await data(server, dan, "GET", "/api/chats");
    assert.deepEqual(listed[0].last_message, sent);
    assert.deepEqual(listed.map(({ id }) => id), [ids[1], ids[0], ids[2]]);
    assert.equal(listed[2].last_message, null);
  });

  test("no such chat", async () => {
    const huge = [`${2 ** 60}`, "9".repeat(99)];
    for (const id of ["4711", "0", "-1", "1.5", "abc", "1e3", "%00", ...huge]) {
      for (const [method, path, json] of [
        ["GET", ""],
        ["GET", "/messages"],
        ["POST", "/messages", { content: "x" }],
        ["POST", "/participants", { user_id: ben.id }],
        ["DELETE", `/participants/${ben.id}`],
        ["POST", "/leave"],
      ]) {
        const answer = await as(server, ann, method, `/api/chats/${id}${path}`, json);
        assertFailure(answer, 404, "Chat not found");
      }
    }
  });

  test("another method is 405, another type 415, too much 413, no JSON 400", async () => {
    const { id } = await group(server, ann, ben);
    const path = `/api/chats/${id}/messages`;
    assertFailure(await as(server, ann, "PUT", path, {}), 405);
    assertFailure(await as(server, ann, "DELETE", "/api/chats", {}), 405);
    const { token } = ann;
    const headers = { "content-type": "text/plain" };
    assertFailure(await rest(server, "POST", path, { token, text: "x", headers }), 415);
    const text = `{"content":"${"x".repeat(300_000)}"}`;
    assertFailure(await rest(server, "POST", path, { token, text }), 413);
    for (const text of ["{", "", "a=b", "\u0000", '{"content":"x"', "[".repeat(10_000)]) {
      assertInvalid(await rest(server, "POST", path, { token, text }), "body");
    }
    assert.deepEqual(await history(server, ann, id), []);
  });
});

describe("messages", { concurrency: true }, () => {
  test("pages, newest first, with the total", async () => {
    const { id } = await group(server, ann, ben);
    const path = `/api/chats/${id}/messages`;
    const sent = [];
    for (let i = 0; i < 25; i += 1) {
      sent.unshift(await data(server, ann, "POST", path, { content: `m${i}` }, 201));
    }
    const page = (query) => data(server, ben, "GET", `${path}${query}`);
    const numbers = { total: 25, page: 1, limit: 20, total_pages: 2 };
    assert.deepEqual(await page(""), { messages: sent.slice(0, 20), ...numbers });
    const second = { messages: sent.slice(20), ...numbers, page: 2 };
    assert.deepEqual(await page("?page=2"), second);
    const third = { messages: sent.slice(20), total: 25, page: 3, limit: 10, total_pages: 3 };
    assert.deepEqual(await page("?page=3&limit=10"), third);
    assert.deepEqual((await page("?page=4294967296&limit=100")).messages, []);
    assert.equal((await page("?limit=100")).messages.length, 25);
    for (const [field, values] of Object.entries({
      page: ["0", "-1", "1.5", "x", "", "99999999999999999999"],
      limit: ["0", "-1", "101", "x", "", "1e1"],
    })) {
      for (const value of values) {
        assertInvalid(await as(server, ann, "GET", `${path}?${field}=${value}`), field);
      }
    }
  });

  test("contents that are none", async () => {
    const { id } = await group(server, ann, ben);
    const post = (json) => as(server, ann, "POST", `/api/chats/${id}/messages`, json);
    const long = "x".repeat(MESSAGE_BYTES_MAX + 1);
    for (const content of [undefined, null, "", " \n\t", 7, true, [], {}, ["x"], long]) {
      assertInvalid(await post({ content }), "content");
    }
    for (const client_id of ["", {}, [], "x".repeat(256)]) {
      assertInvalid(await post({ content: "x", client_id }), "client_id");
    }
    for (const json of [[], ["x"], 7, null, "x"]) assertInvalid(await post(json), "body");
    assert.deepEqual(await history(server, ann, id), []);
  });

  test("the same key twice, by REST and by socket: stored and delivered once", async () => {
    const { id } = await group(server, ann, ben);
    const [a, b] = await inside(server, id, [ann, ben]);
    const path = `/api/chats/${id}/messages`;
    const json = { content: "once" };
    const sent = { token: ann.token, json, headers: { "idempotency-key": "k-1" } };
    const answers = await Promise.all([1, 2, 3].map(() => rest(server, "POST", path, sent)));
    const same = { chatId: id, content: "once", client_id: "k-1" };
    const acks = await Promise.all([1, 2].map(() => a.ask("send-message", same)));
    const messages = [...answers.map(({ body }) => body.data), ...acks.map((ack) => ack.data)];
    for (const message of messages) assert.deepEqual(message, messages[0]);
    for (const log of await fence(server, ann, id, [a, b])) assert.deepEqual(said(log), ["once"]);
    a.leave();
    b.leave();
  });

  test("what was answered survives a kill, and the token with it", async () => {
    const own = await Polylogue.mounting(["coaching"]);
    try {
      const [eve, fay] = await crowd(own, "Eve", "Fay");
      const { id } = await group(own, eve, fay);
      const client = await connect(own, eve);
      const { data: sent } = await client.ask("send-message", { chatId: id, content: "kept" });
      await own.kill();
      await own.again();
      assert.deepEqual(await history(own, fay, id), [sent]);
      client.leave();
    } finally {
      await own.remove();
    }
  });
});

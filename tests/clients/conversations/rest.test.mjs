// The REST half: every route, its envelope, its errors, and never a 500.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { ask, conversation, history, joined, message } from "./stage.mjs";

const PAGE = 20;

let server;
before(async () => {
  server = await Polylogue.mounting(["conversations"]);
});
after(() => server?.remove());

const get = (path) => ask(server, "GET", path);
const post = (path, json) => ask(server, "POST", path, { json });

function fails({ status, body }, expected, words) {
  assert.equal(status, expected, JSON.stringify(body));
  assert.equal(body.success, false);
  assert.equal(body.statusCode, expected);
  assert.equal(typeof body.error, "string");
  if (words === undefined) assert.equal(typeof body.message, "string");
  else assert.equal(body.message, words);
}

describe("conversations", { concurrency: true }, () => {
  test("made once, either way round, and found again", async () => {
    const made = await post("/conversations", { sender_id: 22, receiver_id: 21 });
    assert.equal(made.status, 201);
    const { id } = made.body.data;
    const known = { id, sender_id: 22, receiver_id: 21 };
    assert.deepEqual(made.body, {
      success: true,
      message: "Conversation created successfully",
      data: known,
    });
    assert.deepEqual(await conversation(server, 21, 22), known);
    assert.deepEqual(await conversation(server, 22, 21), known);
    for (const path of [
      `/conversations/${id}`,
      `/conversations/${id}/`,
      "/conversations/between/21/22",
      "/conversations/between/22/21",
    ]) {
      const { status, body } = await get(path);
      assert.deepEqual([status, body.success, body.data], [200, true, known], path);
    }
  });

  test("a hundred at a time are one", async () => {
    const made = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        i % 2 ? conversation(server, 31, 32) : conversation(server, 32, 31),
      ),
    );
    assert.equal(new Set(made.map(JSON.stringify)).size, 1);
  });

  test("a user's, by last activity", async () => {
    const [one, other] = [await conversation(server, 41, 42), await conversation(server, 43, 41)];
    await post("/messages", message(42, one.id, "hi"));
    const { status, body } = await get("/users/41/conversations");
    assert.equal(status, 200);
    assert.deepEqual([body.success, body.total, body.data], [true, 2, [one, other]]);
    assert.deepEqual((await get("/users/4711/conversations")).body.data, []);
  });

  test("bad bodies are 400, with the complaints", async () => {
    const made = (json) => post("/conversations", json);
    fails(
      await made({ sender_id: 1, receiver_id: 1 }),
      400,
      "Cannot create conversation with yourself",
    );
    const words =
      "sender_id should not be empty, sender_id must be an integer number, " +
      "receiver_id should not be empty, receiver_id must be an integer number";
    for (const json of [{}, [], [1, 2], null, 7, "x"]) fails(await made(json), 400, words);
    fails(
      await made({ sender_id: "1", receiver_id: 2 }),
      400,
      "sender_id must be an integer number",
    );
    fails(
      await made({ sender_id: 1, receiver_id: 0 }),
      400,
      "receiver_id must be a positive number",
    );
    for (const text of ["", "{", '{"sender_id":1e400,"receiver_id":2}', "[".repeat(10_000)]) {
      fails(await ask(server, "POST", "/conversations", { text }), 400);
    }
  });

  test("unknown ones are 404, nonsense is 400", async () => {
    for (const path of ["", "/messages"]) {
      fails(
        await get(`/conversations/987654${path}`),
        404,
        "Conversation with ID 987654 not found",
      );
      fails(await get(`/conversations/0${path}`), 404, "Conversation with ID 0 not found");
      fails(await get(`/conversations/-1${path}`), 404, "Conversation with ID -1 not found");
      fails(await get(`/conversations/${"9".repeat(30)}${path}`), 404);
      fails(await get(`/conversations/abc${path}`), 400);
      fails(await get(`/conversations/1e1${path}`), 400);
    }
    fails(await get("/conversations/between/1/987654"), 404);
    fails(await get("/conversations/between/1/x"), 400);
    fails(await get("/users/x/conversations"), 400);
    fails(await ask(server, "DELETE", "/conversations/987654"), 404);
    fails(await ask(server, "PUT", "/conversations/1", { json: {} }), 405);
  });

  test("deleted with all that was said", async () => {
    const { id } = await conversation(server, 51, 52);
    const ann = await joined(server, 51, id);
    const { data } = await ann.ask("send-message", message(51, id, "soon gone"));
    const gone = await ask(server, "DELETE", `/conversations/${id}`);
    assert.deepEqual([gone.status, gone.body.success], [200, true]);
    fails(await get(`/conversations/${id}`), 404);
    fails(await get(`/messages/${data.id}`), 404);
    fails(await ask(server, "DELETE", `/conversations/${id}`), 404);
    const { error } = await ann.ask("send-message", message(51, id, "hello?"));
    assert.equal(error, "Conversation not found");
    const again = await conversation(server, 52, 51);
    assert.deepEqual([again.sender_id, again.receiver_id], [52, 51]);
    assert.deepEqual(await history(server, again.id), []);
    const seat = { conversationId: again.id, userId: 51 };
    assert.equal((await ann.ask("join-conversation", seat)).success, true);
    ann.leave();
  });
});

describe("messages", { concurrency: true }, () => {
  test("pages, newest first", async () => {
    const { id } = await conversation(server, 61, 62);
    const sent = [];
    for (let i = 0; i < PAGE + 5; i += 1) {
      sent.unshift((await post("/messages", message(61, id, `m${i}`))).body.data);
    }
    const page = async (query) => (await get(`/conversations/${id}/messages${query}`)).body;
    const total = sent.length;
    assert.deepEqual(await page(""), {
      success: true,
      messages: sent.slice(0, PAGE),
      total,
      page: 1,
      limit: PAGE,
      totalPages: 2,
    });
    const second = await page("?page=2");
    assert.deepEqual(second.messages, sent.slice(PAGE));
    const last = await page("?page=9&limit=3");
    assert.deepEqual(
      [last.messages, last.page, last.limit, last.totalPages],
      [[sent.at(-1)], 9, 3, 9],
    );
    assert.deepEqual((await page("?page=99")).messages, []);
    assert.equal((await page("?limit=100")).messages.length, total);
    for (const query of [
      "limit=0",
      "limit=101",
      "limit=x",
      "page=0",
      "page=-1",
      "page=1.5",
      "page=",
    ]) {
      fails(await get(`/conversations/${id}/messages?${query}`), 400);
    }
    const empty = await conversation(server, 61, 63);
    const none = (await get(`/conversations/${empty.id}/messages`)).body;
    assert.deepEqual([none.messages, none.total, none.totalPages], [[], 0, 0]);
  });

  test("sent, read, changed, deleted; the conversation hears what is sent", async () => {
    const { id } = await conversation(server, 71, 72);
    const ben = await joined(server, 72, id);
    const { status, body } = await post("/messages", message(71, id, "by REST"));
    assert.deepEqual([status, body.success, body.data.content], [201, true, "by REST"]);
    await ben.hears("receive-message", body.data);
    const path = `/messages/${body.data.id}`;
    assert.deepEqual((await get(path)).body.data, body.data);

    const put = (json) => ask(server, "PUT", path, { json });
    const changed = await put({ content: "better" });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.body.data, { ...body.data, content: "better" });
    assert.equal((await put({ content: "mine", sender_id: 71 })).status, 200);
    fails(await put({ content: "not mine", sender_id: 72 }), 403);
    for (const json of [
      {},
      [],
      { content: 7 },
      { content: " " },
      { content: "x", sender_id: "71" },
    ]) {
      fails(await put(json), 400);
    }
    assert.equal((await get(path)).body.data.content, "mine");

    assert.equal((await ask(server, "DELETE", path)).status, 200);
    for (const method of ["GET", "DELETE"]) fails(await ask(server, method, path), 404);
    fails(await put({ content: "too late" }), 404, `Message with ID ${body.data.id} not found`);
    fails(await get("/messages/abc"), 400);
    fails(await get("/messages/1"), 404, "Message with ID 1 not found");
    ben.leave();
  });

  test("what cannot be sent", async () => {
    const { id } = await conversation(server, 81, 82);
    fails(await post("/messages", message(83, id, "x")), 403);
    fails(
      await post("/messages", message(81, 987_654, "x")),
      404,
      "Conversation with ID 987654 not found",
    );
    fails(await post("/messages", message(81, id, "")), 400, "content should not be empty");
    const json = message(81, id, "x");
    const headers = { "idempotency-key": "k".repeat(256) };
    fails(await ask(server, "POST", "/messages", { json, headers }), 400);
    assert.deepEqual(await history(server, id), []);
  });
});

// Last: such a request may cost its connection, which another could have reused.
test("bodies that are not read", async () => {
  const text = JSON.stringify(message(81, 1, "x"));
  const headers = { "content-type": "text/plain" };
  fails(await ask(server, "POST", "/messages", { text, headers }), 415);
  fails(await ask(server, "POST", "/messages", { text: `"${"x".repeat(300_000)}"` }), 413);
});

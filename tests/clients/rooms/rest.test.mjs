// The REST half of the rooms document: login, posting, paging, deleting, and its error envelope.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { history, page, post, rest } from "../kit/rest.mjs";

const PAGE = 15;

let server;
let ann;
let ben;
before(async () => {
  server = await Polylogue.start();
  await server.demo();
  ann = await server.token(1);
  ben = await server.token(2);
});
after(() => server?.remove());

/** The envelope of every error: `{ message, error, statusCode }`. */
function assertError({ status, body }, expected, message) {
  assert.equal(status, expected, JSON.stringify(body));
  assert.deepEqual(Object.keys(body).sort(), ["error", "message", "statusCode"]);
  assert.equal(body.statusCode, expected);
  assert.equal(typeof body.error, "string");
  if (message !== undefined) assert.equal(body.message, message);
}

/** A room comes into being at its first join. */
async function opened(room) {
  const client = await Client.join(server, { token: ann });
  client.say("join_room", room);
  await client.hears(...system("You joined the room"));
  client.leave();
}

describe("POST /auth/login", { concurrency: true }, () => {
  const login = (json) => rest(server, "POST", "/auth/login", { json });

  test("a demo account's token opens REST and socket", async () => {
    const { status, body } = await login({ username: "user_1", password: "p@ssword" });
    assert.equal(status, 201);
    assert.deepEqual(Object.keys(body), ["access_token"]);
    await page(server, body.access_token, "room_1");
    const client = await Client.join(server, { token: body.access_token });
    assert.deepEqual(client.take(), [["connected", { message: "Welcome user_1 to the server" }]]);
    client.leave();
  });

  test("a wrong password and an unknown user read the same", async () => {
    for (const json of [
      { username: "user_1", password: "wrong" },
      { username: "nobody", password: "p@ssword" },
      { username: "user_1", password: "" },
    ]) {
      assertError(await login(json), 400, "Incorrect credentials");
    }
  });

  test("missing and misshapen fields are 400", async () => {
    for (const json of [{}, { username: "user_1" }, { username: 1, password: 2 }, [], "x", null]) {
      assertError(await login(json), 400);
    }
  });

  test("a body that is no JSON is 400", async () => {
    for (const text of ["{", "", "a=b"]) {
      assertError(await rest(server, "POST", "/auth/login", { text }), 400);
    }
  });
});

describe("/messages", { concurrency: true }, () => {
  test("a post is 201 and reaches every socket in the room, the author's too", async () => {
    const inside = await Promise.all(
      [ann, ann, ben].map((token) => Client.join(server, { token })),
    );
    for (const client of inside) {
      client.say("join_room", "heard");
      await client.until(() => client.heard("system_message").length > 0, "the join");
    }
    const { status } = await post(server, ann, "heard", "by REST");
    assert.equal(status, 201);
    for (const client of inside) await client.hears("send_message", { user_1: "by REST" });
    for (const client of inside) assert.equal(client.heard("send_message").length, 1);
    for (const client of inside) client.leave();
  });

  test("the same Idempotency-Key twice: stored and delivered once", async () => {
    const listener = await Client.join(server, { token: ben });
    listener.say("join_room", "keys");
    await listener.hears(...system("You joined the room"));
    const key = { "idempotency-key": "k-1" };
    const answers = await Promise.all([1, 2, 3].map(() => post(server, ann, "keys", "once", key)));
    answers.push(await post(server, ann, "keys", "once", key));
    for (const answer of answers) assert.equal(answer.status, 201);
    for (const { body } of answers) assert.deepEqual(body, answers[0].body);
    await post(server, ann, "keys", "another");
    await listener.hears("send_message", { user_1: "another" });
    const heard = listener.heard("send_message");
    assert.deepEqual(heard, [{ user_1: "once" }, { user_1: "another" }]);
    const kept = (await history(server, ann, "keys")).map(({ content }) => content);
    assert.deepEqual(kept, ["once", "another"]);
    listener.leave();
  });

  test("pages of 15, newest first, in the document's shape", async () => {
    await opened("pages");
    const sent = Array.from({ length: PAGE * 2 + 3 }, (_, i) => `m${i}`);
    for (const content of sent) await post(server, ann, "pages", content);
    const pages = await Promise.all(
      [undefined, 1, 2, 3, 4].map((n) => page(server, ben, "pages", n)),
    );
    assert.deepEqual(pages[0], pages[1]);
    assert.deepEqual(
      pages.map((found) => found.length),
      [PAGE, PAGE, PAGE, 3, 0],
    );
    const all = pages.slice(1).flat();
    assert.deepEqual(
      all.map(({ content }) => content),
      sent.toReversed(),
    );
    for (const message of all) {
      assert.deepEqual(Object.keys(message).sort(), ["content", "created_at", "id", "user"]);
      assert.ok(Number.isSafeInteger(message.id));
      assert.ok(Math.abs(Date.parse(message.created_at) - Date.now()) < 60_000, message.created_at);
      assert.deepEqual(message.user, { username: "user_1" });
    }
    const ids = all.map(({ id }) => id);
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => b - a),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  test("DELETE: one's own 200, another's 403, an unknown one 404", async () => {
    await opened("deletes");
    await post(server, ann, "deletes", "mine");
    await post(server, ann, "deletes", "stays");
    const [stays, mine] = await page(server, ann, "deletes");
    const remove = (token, message_id) =>
      rest(server, "DELETE", "/messages", { token, json: { message_id } });
    assertError(await remove(ben, mine.id), 403, "Not allowed to delete message");
    assert.equal((await remove(ann, mine.id)).status, 200);
    assertError(await remove(ann, mine.id), 404);
    assertError(await remove(ann, 123123123), 404);
    assert.deepEqual(await page(server, ann, "deletes"), [stays]);
  });

  test("bad bodies are 400 and store nothing", async () => {
    await opened("bad");
    for (const json of [
      {},
      { room_code: "bad" },
      { room_code: "bad", content: "" },
      { room_code: "bad", content: "  " },
      { room_code: "bad", content: 7 },
      { room_code: ["bad"], content: "x" },
      [],
      null,
    ]) {
      const answer = await rest(server, "POST", "/messages", { token: ann, json });
      assertError(answer, 400);
    }
    for (const json of [{}, { message_id: "abc" }, { message_id: null }, { message_id: 1.5 }]) {
      assertError(await rest(server, "DELETE", "/messages", { token: ann, json }), 400);
    }
    for (const text of ["{", "", "[1"]) {
      assertError(await rest(server, "POST", "/messages", { token: ann, text }), 400);
      assertError(await rest(server, "DELETE", "/messages", { token: ann, text }), 400);
    }
    assert.deepEqual(await page(server, ann, "bad"), []);
  });

  test("bad pages are 400", async () => {
    for (const query of ["room_code=r&page=abc", "room_code=r&page=0", "room_code=r&page=-1"]) {
      assertError(await rest(server, "GET", `/messages?${query}`, { token: ann }), 400);
    }
  });

  test("other methods are 405, other paths 404", async () => {
    for (const method of ["PUT", "PATCH"]) {
      assertError(await rest(server, method, "/messages", { token: ann, json: {} }), 405);
    }
    assert.equal((await rest(server, "GET", "/nowhere", { token: ann })).status, 404);
  });
});

// The REST half of the chatty document: users, chatrooms, participants, health, and its errors.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { NOBODY, UUID, assertError, details, fresh, make, makeChatroom, makeUser } from "./kit.mjs";

const HANDLE_TAKEN = "User with this handle already exists";
const NAME_TAKEN = "Chatroom with this name already exists";

let server;
before(async () => {
  server = await Polylogue.mounting(["chatty"]);
});
after(() => server?.remove());

const ask = (method, path, json) => rest(server, method, path, { json });

describe("/users/", () => {
  test("handles are trimmed and lower-cased, names trimmed", async () => {
    const handle = fresh("Al");
    const user = await make(server, "/users/", { name: "  Al B ", handle: `  ${handle}\n` });
    assert.equal(user.handle, handle.toLowerCase());
    assert.equal(user.name, "Al B");
    assert.deepEqual((await ask("GET", `/users/${user.id}`)).body, user);
    assert.deepEqual((await ask("GET", `/users/${user.id}/`)).body, user);
    assert.deepEqual((await ask("GET", `/users/${user.id.toUpperCase()}`)).body, user);
  });

  test("a handle is taken once, however it is spelled", async () => {
    const { handle } = await makeUser(server);
    for (const again of [handle, handle.toUpperCase(), ` ${handle} `]) {
      assertError(await ask("POST", "/users", { name: "x", handle: again }), 409, HANDLE_TAKEN);
    }
  });

  test("a hundred at once of one handle: one is made", async () => {
    const handle = fresh("race");
    const asked = Array.from({ length: 100 }, () => ask("POST", "/users/", { name: "x", handle }));
    const made = (await Promise.all(asked)).map(({ status }) => status);
    assert.equal(made.filter((status) => status === 201).length, 1);
    assert.equal(made.filter((status) => status === 409).length, 99);
  });

  test("PUT changes what is given", async () => {
    const [user, other] = [await makeUser(server), await makeUser(server)];
    const path = `/users/${user.id}`;
    const renamed = await ask("PUT", path, { name: "New" });
    assert.equal(renamed.status, 200);
    assert.equal(renamed.body.name, "New");
    assert.equal(renamed.body.handle, user.handle);
    assert.equal(renamed.body.created_date, user.created_date);
    const handle = fresh("moved");
    const moved = await ask("PUT", `${path}/`, { handle: handle.toUpperCase(), name: null });
    assert.deepEqual([moved.body.name, moved.body.handle], ["New", handle]);
    assert.deepEqual((await ask("GET", path)).body, moved.body);
    assertError(await ask("PUT", path, { handle: other.handle }), 409, HANDLE_TAKEN);
    assert.equal((await ask("PUT", path, { handle })).status, 200);
    assert.deepEqual(details(await ask("PUT", path, { handle: "No!", name: 1 })), [
      ["string_type", "body", "name"],
      ["string_pattern_mismatch", "body", "handle"],
    ]);
    assertError(await ask("PUT", `/users/${NOBODY}`, { name: "x" }), 404, "User not found");
  });

  test("DELETE takes a user away, and the handle is free", async () => {
    const user = await makeUser(server);
    const gone = await ask("DELETE", `/users/${user.id}`);
    assert.deepEqual(gone, { status: 204, body: undefined });
    assertError(await ask("DELETE", `/users/${user.id}`), 404, "User not found");
    assertError(await ask("GET", `/users/${user.id}`), 404, "User not found");
    const next = await make(server, "/users/", { name: "x", handle: user.handle });
    assert.notEqual(next.id, user.id);
  });

  test("the list has a total and pages", async () => {
    const { body } = await ask("GET", "/users/?limit=1000");
    assert.deepEqual(Object.keys(body), ["users", "total"]);
    assert.equal(body.users.length, body.total);
    for (const user of body.users) assert.match(user.id, UUID);
    const page = await ask("GET", "/users?skip=1&limit=2");
    assert.deepEqual(page.body, { users: body.users.slice(1, 3), total: body.total });
    const beyond = await ask("GET", "/users/?skip=100000");
    assert.deepEqual(beyond.body, { users: [], total: body.total });
  });

  test("bad bodies are told in detail, all at once", async () => {
    const create = (json) => ask("POST", "/users/", json);
    assert.deepEqual(details(await create({})), [
      ["missing", "body", "name"],
      ["missing", "body", "handle"],
    ]);
    for (const [json, ...wrong] of [
      [{ name: "", handle: "ok" }, ["string_too_short", "body", "name"]],
      [{ name: " \t", handle: "ok" }, ["string_too_short", "body", "name"]],
      [{ name: "x".repeat(256), handle: "ok" }, ["string_too_long", "body", "name"]],
      [{ name: null, handle: "ok" }, ["string_type", "body", "name"]],
      [{ name: "x", handle: 5 }, ["string_type", "body", "handle"]],
      [{ name: "x", handle: "" }, ["string_too_short", "body", "handle"]],
      [{ name: "x", handle: "a b" }, ["string_pattern_mismatch", "body", "handle"]],
      [{ name: "x", handle: "a-b" }, ["string_pattern_mismatch", "body", "handle"]],
      [{ name: "x", handle: "é" }, ["string_pattern_mismatch", "body", "handle"]],
      [{ name: "x", handle: "a".repeat(129) }, ["string_too_long", "body", "handle"]],
      [{ name: "\ud83d", handle: "ok" }, ["string_unicode", "body", "name"]],
      [[], ["model_attributes_type", "body"]],
      ["text", ["model_attributes_type", "body"]],
      [null, ["model_attributes_type", "body"]],
    ]) {
      assert.deepEqual(details(await create(json)), wrong, JSON.stringify(json));
    }
    const { body } = await create({ name: "x", handle: "No Good" });
    assert.equal(body.detail[0].input, "No Good");
  });

  test("bodies that are no JSON, and other media types", async () => {
    const send = (text, headers) => rest(server, "POST", "/users/", { text, headers });
    assert.deepEqual(details(await send("")), [["missing", "body"]]);
    for (const text of ["{", "name=x", "{\"name\":\"x\",}", "\u0000"]) {
      assert.deepEqual(details(await send(text)), [["json_invalid", "body"]]);
    }
    const deep = `{"name":${"[".repeat(10_000)}${"]".repeat(10_000)},"handle":1e400}`;
    assert.deepEqual(details(await send(deep)), [
      ["string_type", "body", "name"],
      ["string_type", "body", "handle"],
    ]);
    assertError(await send("a=b", { "content-type": "application/x-www-form-urlencoded" }), 415);
    assertError(await send(`{"name":"${"x".repeat(300_000)}"}`), 413);
  });

  test("bad ids and pages are told in detail", async () => {
    for (const id of ["1", "not-a-uuid", `${NOBODY}0`, "%00", "..%2f.."]) {
      for (const [method, json] of [["GET"], ["PUT", { name: "x" }], ["DELETE"]]) {
        const answer = await ask(method, `/users/${id}`, json);
        assert.deepEqual(details(answer), [["uuid_parsing", "path", "user_id"]]);
      }
    }
    for (const [query, ...wrong] of [
      ["limit=0", "greater_than_equal", "query", "limit"],
      ["limit=1001", "less_than_equal", "query", "limit"],
      ["skip=-1", "greater_than_equal", "query", "skip"],
      ["skip=x", "int_parsing", "query", "skip"],
      ["skip=99999999999999999999", "less_than_equal", "query", "skip"],
    ]) {
      assert.deepEqual(details(await ask("GET", `/users/?${query}`)), [wrong]);
    }
  });
});

describe("/chatrooms/", () => {
  test("names are trimmed, lower-cased and unique", async () => {
    const name = fresh("General");
    const room = await make(server, "/chatrooms/", { name: ` ${name} ` });
    assert.equal(room.name, name.toLowerCase());
    assert.deepEqual(Object.keys(room), ["id", "name", "created_date", "last_updated_date"]);
    assertError(await ask("POST", "/chatrooms", { name }), 409, NAME_TAKEN);
    assert.deepEqual((await ask("GET", `/chatrooms/${room.id}`)).body, room);
    assertError(await ask("GET", `/chatrooms/${NOBODY}`), 404, "Chatroom not found");
    const wrong = [["string_pattern_mismatch", "body", "name"]];
    assert.deepEqual(details(await ask("POST", "/chatrooms/", { name: "two words" })), wrong);
    assert.deepEqual(details(await ask("POST", "/chatrooms/", {})), [["missing", "body", "name"]]);
  });

  test("PUT renames, unless the name is taken", async () => {
    const [room, other] = [await makeChatroom(server), await makeChatroom(server)];
    const path = `/chatrooms/${room.id}`;
    const name = fresh("renamed");
    const renamed = await ask("PUT", path, { name: name.toUpperCase() });
    assert.deepEqual([renamed.status, renamed.body.name, renamed.body.id], [200, name, room.id]);
    assert.deepEqual((await ask("GET", path)).body, renamed.body);
    assert.equal((await ask("PUT", path, { name })).status, 200);
    assertError(await ask("PUT", path, { name: other.name }), 409, NAME_TAKEN);
    await make(server, "/chatrooms/", { name: room.name });
    assert.deepEqual((await ask("PUT", path, {})).body.name, name);
    const wrong = details(await ask("PUT", path, { name: 5 }));
    assert.deepEqual(wrong, [["string_type", "body", "name"]]);
    assertError(await ask("PUT", `/chatrooms/${NOBODY}`, { name }), 404, "Chatroom not found");
  });

  test("DELETE takes the chatroom and its messages away", async () => {
    const [user, room] = [await makeUser(server), await makeChatroom(server)];
    const ids = { user_id: user.id, chatroom_id: room.id };
    const message = await make(server, "/messages/", { message_text: "gone soon", ...ids });
    assert.equal((await ask("DELETE", `/chatrooms/${room.id}`)).status, 204);
    assertError(await ask("DELETE", `/chatrooms/${room.id}`), 404, "Chatroom not found");
    assertError(await ask("GET", `/messages/${message.id}`), 404, "Message not found");
    assertError(await ask("GET", `/messages/chatroom/${room.id}`), 404, "Chatroom not found");
    const again = { message_text: "too late", ...ids };
    assertError(await ask("POST", "/messages/", again), 404, "Chatroom not found");
    await make(server, "/chatrooms/", { name: room.name });
  });

  test("the list has a total, in the order they were made", async () => {
    const last = await makeChatroom(server);
    const { body } = await ask("GET", "/chatrooms/?limit=1000");
    assert.deepEqual(Object.keys(body), ["chatrooms", "total"]);
    assert.equal(body.chatrooms.length, body.total);
    assert.deepEqual(body.chatrooms.at(-1), last);
  });
});

describe("/chatroom-participants/", () => {
  const create = (user, room) =>
    ask("POST", "/chatroom-participants/", { user_id: user.id, chatroom_id: room.id });

  test("users come, are listed, and go", async () => {
    const [ann, ben] = [await makeUser(server), await makeUser(server)];
    const [room, other] = [await makeChatroom(server), await makeChatroom(server)];
    const pair = (user, chatroom) => ({ user_id: user.id, chatroom_id: chatroom.id });
    const made = await create(ann, room);
    assert.deepEqual(made, { status: 201, body: pair(ann, room) });
    assert.equal((await create(ben, room)).status, 201);
    assert.equal((await create(ann, other)).status, 201);
    assertError(await create(ann, room), 409, "User is already a participant in this chatroom");
    const list = async (query) => (await ask("GET", `/chatroom-participants/${query}`)).body;
    const both = [pair(ann, room), pair(ben, room)];
    assert.deepEqual(await list(`?chatroom_id=${room.id}`), { participants: both, total: 2 });
    const second = { participants: both.slice(1), total: 2 };
    assert.deepEqual(await list(`?chatroom_id=${room.id}&skip=1`), second);
    const anns = await list(`?user_id=${ann.id}`);
    assert.deepEqual(anns.participants.map(({ chatroom_id }) => chatroom_id).sort(),
      [room.id, other.id].sort());
    const one = { participants: [pair(ben, room)], total: 1 };
    assert.deepEqual(await list(`?user_id=${ben.id}&chatroom_id=${room.id}`), one);
    assert.deepEqual(await list(""), { participants: [...both, pair(ann, other)], total: 3 });
    const path = `/chatroom-participants/${room.id}/${ann.id}`;
    assert.deepEqual((await ask("GET", path)).body, pair(ann, room));
    assert.equal((await ask("DELETE", path)).status, 204);
    assertError(await ask("DELETE", path), 404, "Participant not found");
    assertError(await ask("GET", path), 404, "Participant not found");
    assert.equal((await create(ann, room)).status, 201);
    assert.equal((await ask("DELETE", `/users/${ann.id}`)).status, 204);
    assert.deepEqual(await list(`?chatroom_id=${room.id}`), one);
  });

  test("whoever and whatever does not exist is 404, bad ids are 422", async () => {
    const [user, room] = [await makeUser(server), await makeChatroom(server)];
    assertError(await create({ id: NOBODY }, room), 404, "User not found");
    assertError(await create(user, { id: NOBODY }), 404, "Chatroom not found");
    assert.deepEqual(details(await create({ id: 1 }, { id: "x" })), [
      ["uuid_type", "body", "user_id"],
      ["uuid_parsing", "body", "chatroom_id"],
    ]);
    const query = `?chatroom_id=${NOBODY}`;
    assertError(await ask("GET", `/chatroom-participants/${query}`), 404, "Chatroom not found");
    assert.deepEqual(details(await ask("GET", "/chatroom-participants/?user_id=x")), [
      ["uuid_parsing", "query", "user_id"],
    ]);
  });
});

describe("/health/, methods and paths", () => {
  test("the server is healthy and ready", async () => {
    for (const path of ["/health/", "/health"]) {
      assert.deepEqual(await ask("GET", path), { status: 200, body: { status: "healthy" } });
    }
    for (const path of ["/health/ready", "/health/ready/"]) {
      assert.deepEqual(await ask("GET", path), { status: 200, body: { status: "ready" } });
    }
  });

  test("other methods are 405, other paths 404", async () => {
    for (const path of ["/users/", "/chatrooms/", "/messages/", "/chatroom-participants/"]) {
      assertError(await ask("PATCH", path, {}), 405, "Method Not Allowed");
      assertError(await ask("DELETE", path), 405, "Method Not Allowed");
    }
    assert.equal((await ask("GET", "/nowhere/")).status, 404);
  });
});

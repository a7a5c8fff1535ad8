// The chatty document walked from end to end by stock JavaScript clients: once per transport, by
// the server's URL as it is printed there, and once with every dialect mounted.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { UUID, fence, listener, make } from "./kit.mjs";

const WAYS = [
  ...Object.entries(TRANSPORTS).map(([name, transports]) => [name, ["chatty"], { transports }]),
  ["the namespace /socket.io", ["chatty"], { namespace: "/socket.io" }],
  ["WebSocket among all dialects", [], {}],
  ["polling among all dialects", [], { transports: ["polling"] }],
];

for (const [name, dialects, options] of WAYS) {
  describe(`the chatty document by ${name}`, () => {
    const stage = { clients: [] };
    before(async () => {
      stage.server = await Polylogue.mounting(dialects);
      await stage.server.demo();
    });
    after(() => {
      for (const client of stage.clients) client.leave();
      return stage.server?.remove();
    });
    making(stage);
    talking(stage, options);
    leaving(stage);
  });
}

function making(stage) {
  test("a user and a chatroom are made", async () => {
    stage.alice = await make(stage.server, "/users/", { name: "Alice", handle: "alice" });
    stage.general = await make(stage.server, "/chatrooms/", { name: "general" });
    const { id, created_date, last_updated_date, ...rest } = stage.alice;
    assert.match(id, UUID);
    assert.deepEqual(rest, { name: "Alice", handle: "alice" });
    assert.equal(created_date, last_updated_date);
    assert.ok(Math.abs(Date.parse(created_date) - Date.now()) < 60_000, created_date);
    assert.match(created_date, /Z$/);
    assert.match(stage.general.id, UUID);
    assert.equal(stage.general.name, "general");
  });
}

function talking(stage, options) {
  test("a socket joins, and is told so", async () => {
    const { server, alice, general } = stage;
    for (let i = 0; i < 2; i += 1) {
      stage.clients.push(await listener(server, alice, [], options));
    }
    for (const client of stage.clients) {
      client.say("join", { user_id: alice.id, chatroom_id: general.id });
      await client.hears("joined", { chatroom_id: general.id });
      assert.deepEqual(client.heard("joined"), [{ chatroom_id: general.id }]);
      client.take();
    }
  });

  test("what is posted reaches all who joined, in one order, as it is answered", async () => {
    const { server, alice, general, clients } = stage;
    const outside = await listener(server, alice, [], options);
    const posted = [];
    for (const message_text of ["Hello everyone!", "  trimmed \n", "😀 é"]) {
      const json = { message_text, user_id: alice.id, chatroom_id: general.id, is_reply: false };
      posted.push(await make(server, "/messages/", json));
    }
    const { id, created_date, last_updated_date, ...first } = posted[0];
    assert.match(id, UUID);
    assert.equal(created_date, last_updated_date);
    assert.deepEqual(first, {
      message_text: "Hello everyone!",
      user_id: alice.id,
      chatroom_id: general.id,
      is_reply: false,
      parent_message_id: null,
    });
    assert.equal(posted[1].message_text, "trimmed");
    const told = posted.map((message) => ["new_message", message]);
    for (const client of clients) {
      await client.hears("new_message", posted.at(-1));
      assert.deepEqual(client.take(), told);
    }
    const { body } = await rest(server, "GET", `/messages/chatroom/${general.id}`);
    assert.deepEqual(body, { messages: posted, total: 3 });
    outside.say("join", { user_id: alice.id, chatroom_id: general.id });
    await outside.hears("joined", { chatroom_id: general.id });
    assert.deepEqual(outside.heard("new_message"), []);
    outside.leave();
  });

  test("a reply names what it answers", async () => {
    const { server, alice, general, clients } = stage;
    const ids = { user_id: alice.id, chatroom_id: general.id };
    const said = await make(server, "/messages/", { message_text: "who?", ...ids });
    const answer = { is_reply: true, parent_message_id: said.id };
    const reply = await make(server, "/messages", { message_text: "me", ...ids, ...answer });
    assert.equal(reply.is_reply, true);
    assert.equal(reply.parent_message_id, said.id);
    for (const client of clients) {
      await client.hears("new_message", reply);
      assert.deepEqual(client.take(), [["new_message", said], ["new_message", reply]]);
    }
  });
}

function leaving(stage) {
  test("who has left hears no more; the others do", async () => {
    const { server, alice, general, clients } = stage;
    const [first, second] = clients;
    first.say("leave", { user_id: alice.id, chatroom_id: general.id });
    await first.hears("left", { chatroom_id: general.id });
    first.take();
    await fence(server, alice, general, [second]);
    assert.deepEqual(second.take(), []);
    const ack = await first.ask("join", { user_id: alice.id, chatroom_id: general.id });
    assert.deepEqual(ack, { chatroom_id: general.id });
    await fence(server, alice, general, [first, second]);
    assert.deepEqual(first.take(), [["joined", { chatroom_id: general.id }]]);
    assert.deepEqual(second.take(), []);
  });
}

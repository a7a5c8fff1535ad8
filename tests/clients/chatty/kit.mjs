// What the chatty document's tests share: users and chatrooms by REST, sockets that join, posts
// that all must hear. Spoken to by: every test beside it.
import assert from "node:assert/strict";
import { Client } from "../kit/client.mjs";
import { rest } from "../kit/rest.mjs";

/** A UUID in its usual spelling. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** A UUID that nothing has. */
export const NOBODY = "0f9a5b2c-1111-4abc-8def-0123456789ab";

let made = 0;

/** A name that is not taken. */
export const fresh = (stem) => `${stem}_${(made += 1)}`;

/** Makes something by POST -> its body. */
export async function make(server, path, json) {
  const { status, body } = await rest(server, "POST", path, { json });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

export const makeUser = (server, handle = fresh("user")) =>
  make(server, "/users/", { name: handle, handle });

export const makeChatroom = (server, name = fresh("room")) =>
  make(server, "/chatrooms/", { name });

/** Posts a message -> its body. */
export const post = (server, user, chatroom, message_text, more = {}) =>
  make(server, "/messages/", {
    message_text,
    user_id: user.id,
    chatroom_id: chatroom.id,
    is_reply: false,
    ...more,
  });

/** A socket that is in these chatrooms, with nothing in its log. */
export async function listener(server, user, chatrooms, options) {
  const client = await Client.connect(server, options);
  for (const chatroom of chatrooms) await join(client, user, chatroom);
  client.take();
  return client;
}

/** Joins, and waits for the confirmation: the event, and the ack behind it. */
export async function join(client, user, chatroom) {
  const confirmed = { chatroom_id: chatroom.id };
  const ack = await client.ask("join", { user_id: user.id, chatroom_id: chatroom.id });
  assert.deepEqual(ack, confirmed);
  await client.hears("joined", confirmed);
}

/** A post that all `clients` must hear: what the chatroom told them before, they have heard. */
export async function fence(server, user, chatroom, clients) {
  const message = await post(server, user, chatroom, fresh("fence"));
  await Promise.all(clients.map((client) => client.strike("new_message", message)));
}

/** What a 422 names: `[[type, ...loc], ...]`; every detail must have its four parts. */
export function details({ status, body }) {
  assert.equal(status, 422, JSON.stringify(body));
  return body.detail.map((detail) => {
    assert.deepEqual(Object.keys(detail).sort(), ["input", "loc", "msg", "type"]);
    assert.equal(typeof detail.msg, "string");
    return [detail.type, ...detail.loc];
  });
}

/** An error whose detail is one sentence. */
export function assertError({ status, body }, expected, sentence) {
  assert.equal(status, expected, JSON.stringify(body));
  assert.deepEqual(Object.keys(body), ["detail"]);
  if (sentence !== undefined) assert.equal(body.detail, sentence);
}

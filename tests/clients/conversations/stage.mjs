// What all tests of the dialect `conversations` share: users at `/chat`, conversations by REST, and
// a fence. Spoken to by: every test beside it.
import assert from "node:assert/strict";
import { Client } from "../kit/client.mjs";
import { rest } from "../kit/rest.mjs";

const API = "/api/chats";
let fences = 0;

/** Options of a stock client that is that user at `/chat`. */
export const as = (userId, options) => ({ namespace: "/chat", query: { userId }, ...options });

/** A user who is connected. */
export const user = (server, userId, options) => Client.connect(server, as(userId, options));

/** One request of the API. */
export const ask = (server, method, path, options) =>
  rest(server, method, `${API}${path}`, options);

/** The conversation of two, made by REST: `{ id, sender_id, receiver_id }`. */
export async function conversation(server, sender_id, receiver_id, options) {
  const json = { sender_id, receiver_id };
  const { status, body } = await ask(server, "POST", "/conversations", { json, ...options });
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal(body.success, true);
  return body.data;
}

/** A client that has joined, its log emptied. */
export async function joined(server, userId, conversationId, options) {
  const client = await user(server, userId, options);
  const ack = await client.ask("join-conversation", { conversationId, userId });
  assert.deepEqual(ack, { success: true, conversationId });
  client.take();
  return client;
}

/** A message as `send-message` takes it. */
export const message = (sender_id, conversation_id, content, more) => ({
  sender_id,
  conversation_id,
  message_type: "text",
  content,
  ...more,
});

/** What a client heard since the last time but who came and went, as `[event, payload]`. */
export const talk = (client) => client.take().filter(([event]) => !event.startsWith("user:"));

/**
 * A message by REST that every one of `clients` must hear: what the conversation had to tell them
 * before, it has told. It is taken out of their logs, and of the history.
 */
export async function fence(server, { id, sender_id }, clients, options) {
  fences += 1;
  const content = `fence ${fences}`;
  const json = message(sender_id, id, content);
  const { status, body } = await ask(server, "POST", "/messages", { json, ...options });
  assert.equal(status, 201, JSON.stringify(body));
  await Promise.all(clients.map((client) => client.strike("receive-message", body.data)));
  const gone = await ask(server, "DELETE", `/messages/${body.data.id}`, options);
  assert.equal(gone.status, 200);
}

/** All of a conversation's messages, oldest first. */
export async function history(server, id, options) {
  const path = `/conversations/${id}/messages?limit=100`;
  const { status, body } = await ask(server, "GET", path, options);
  assert.equal(status, 200, JSON.stringify(body));
  return body.messages.reverse();
}

// The lounge document's spellings: entering a room, what its server says, and a fence that shows
// that all has been told. Spoken to by: the tests in lounge/.
import assert from "node:assert/strict";
import { Client } from "./client.mjs";
import { SECRET, epoch, sign } from "./tokens.mjs";

const TIME = /^(1[0-2]|[1-9]):[0-5]\d [ap]m$/;

let fences = 0;

/** A good token that names nobody but its id. */
export const lounger = (id) => sign({ id, iat: epoch(), exp: epoch(3_600) });

/** The flags of a server that believes those tokens. */
export const TRUSTING = ["--jwt-secret", SECRET];

/** A client with a token and the nickname `nick_<id>`, in no room yet. */
export function visit(server, id, { transports, nickname = `nick_${id}` } = {}) {
  return Client.connect(server, { auth: { token: lounger(id), nickname }, transports });
}

/** The same in a room, having taken what it heard on joining. */
export async function seat(server, id, room = "1", options = {}) {
  const client = await visit(server, id, options);
  await settleIn(client, room);
  client.take();
  return client;
}

/** Joins a room and waits until that has been told. */
export async function settleIn(client, room) {
  client.say("joinRoom", { room });
  await client.until(() => client.heard("roomUsers").length > 0, "the room's users");
  await client.until(
    () => client.heard("message").some(({ text }) => / joined$/.test(text)),
    "the notice of having joined",
  );
}

/** What the server itself says, as {@link heard} gives it. */
export const notice = (text) => ["message", { type: "system", text }];

/** Who is in a room, as {@link heard} gives it. */
export const users = (room, ...ids) => [
  "roomUsers",
  { room, users: ids.map((id) => ({ id, nickname: `nick_${id}` })) },
];

/** An alert, by its code; its text is for people. */
export const alert = (type) => ["alert", { type }];

/** What this dialect says; others on the same socket may greet. */
const EVENTS = ["message", "roomUsers", "history", "alert"];

/** Everything heard since the last time, without the times and an alert's words, once checked. */
export function heard(client) {
  const own = client.take().filter(([event]) => EVENTS.includes(event));
  return own.map(([event, payload]) => {
    if (event === "message") return [event, untimed(payload)];
    if (event === "history") return [event, JSON.parse(payload).map(untimed)];
    if (event === "alert") return [event, untexted(payload)];
    return [event, payload];
  });
}

/** A message without its time, which has the document's form. */
export function untimed({ time, ...message }) {
  assert.match(time, TIME);
  return message;
}

function untexted({ text, ...alert }) {
  assert.equal(typeof text, "string");
  assert.notEqual(text, "");
  return alert;
}

/** Waits for an alert and takes it; nothing else may have been heard. */
export async function alerted(client, type) {
  await client.until(() => client.heard("alert").length > 0, `the alert ${type}`);
  assert.deepEqual(heard(client), [alert(type)]);
}

/**
 * One of those inside says a word that every one of `clients` must hear: whatever the room had to
 * tell them before, it has told. Returns who heard what since the last time, without that word.
 */
export async function fence(speaker, ...clients) {
  fences += 1;
  const text = `fence ${fences}`;
  speaker.say("chatMessage", JSON.stringify({ type: "text", text }));
  const isFence = ([event, payload]) => event === "message" && payload.text === text;
  await Promise.all(
    clients.map((client) =>
      client.until(() => client.heard("message").some((said) => said.text === text), text),
    ),
  );
  return clients.map((client) => heard(client).filter((entry) => !isFence(entry)));
}

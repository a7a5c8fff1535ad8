// What the coaching tests share: people with accounts, their chats, and waiting until all that was
// told has arrived. Spoken to by: every test beside it.
import assert from "node:assert/strict";
import { Client } from "../kit/client.mjs";
import { rest } from "../kit/rest.mjs";

let people = 0;
let fences = 0;

/** Somebody with an account: `{ id, token, user, name, face }`. */
export async function person(server, first_name, more = {}) {
  people += 1;
  const email = `${first_name.toLowerCase()}.${people}@example.com`;
  const json = { email, password: "p@ssword", first_name, last_name: "Test", ...more };
  const { status, body } = await rest(server, "POST", "/api/auth/register", { json });
  assert.equal(status, 201, JSON.stringify(body));
  const { user, token } = body.data;
  const name = { id: user.id, first_name: user.first_name, last_name: user.last_name };
  return { id: user.id, token, user, name, face: { ...name, profile_image: user.profile_image } };
}

/** Several of them. */
export function crowd(server, ...names) {
  return Promise.all(names.map((name) => person(server, name)));
}

/** A request as somebody -> `{ status, body }`. */
export function as(server, who, method, path, json) {
  return rest(server, method, path, { token: who.token, json });
}

/** The `data` of a request that must be answered with `status`. */
export async function data(server, who, method, path, json, status = 200) {
  const answer = await as(server, who, method, path, json);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.equal(answer.body.success, true);
  return answer.body.data;
}

/** A chat of somebody with others. */
export function chat(server, who, others, more = {}) {
  const participant_ids = others.map(({ id }) => id);
  return data(server, who, "POST", "/api/chats", { participant_ids, ...more }, 201);
}

/** A group of somebody with others. */
export function group(server, who, ...others) {
  return chat(server, who, others, { is_group: true, name: "a group" });
}

/** A connection of somebody. */
export function connect(server, who, transports = ["websocket"]) {
  return Client.connect(server, { token: who.token, transports });
}

/** Connections of several, each in the chat, with empty logs. */
export async function inside(server, chatId, people, transports) {
  const clients = await Promise.all(people.map((who) => connect(server, who, transports)));
  for (const client of clients) {
    assert.deepEqual(await client.ask("join-chat", chatId), { success: true, chatId });
  }
  await fence(server, people[0], chatId, clients);
  clients.forEach((client) => client.take());
  return clients;
}

/** What each client heard until all that the chat had to tell has been told. */
export async function fence(server, who, chatId, clients) {
  fences += 1;
  const content = `fence ${fences}`;
  await data(server, who, "POST", `/api/chats/${chatId}/messages`, { content }, 201);
  const isFence = ([, payload]) => payload?.content === content;
  await Promise.all(
    clients.map((client) =>
      client.until(() => client.heard("new-message").some((m) => m.content === content), content),
    ),
  );
  return clients.map((client) => client.take().filter((entry) => !isFence(entry)));
}

/** What each client heard until all that its user's own room had to tell has been told. */
export async function personalFence(server, who, others, clients) {
  const { id } = await group(server, who, ...others);
  const isFence = ([event, payload]) => event === "notification" && payload.data.chatId === id;
  const told = (client) => client.heard("notification").some((it) => it.data.chatId === id);
  await Promise.all(clients.map((client) => client.until(() => told(client), `chat ${id}`)));
  return clients.map((client) => client.take().filter((entry) => !isFence(entry)));
}

/** The notifications in a log, without their moments, which must be some. */
export function notifications(log) {
  const found = log.filter(([event]) => event === "notification").map(([, payload]) => payload);
  return found.map(({ type, data: about, timestamp, ...rest }) => {
    assert.deepEqual(rest, {});
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);
    return [type, about];
  });
}

/** A notification about somebody in a chat. */
export const about = (type, chatId, { id, name }) => [type, { chatId, userId: id, user: name }];

/** The log without notifications. */
export const events = (log) => log.filter(([event]) => event !== "notification");

/** The texts of the messages in a log, `undefined` standing for no sender. */
export const said = (log) =>
  log.filter(([event]) => event === "new-message").map(([, { content }]) => content);

/** A chat's messages, newest first. */
export async function history(server, who, chatId) {
  const path = `/api/chats/${chatId}/messages?limit=100`;
  return (await data(server, who, "GET", path)).messages;
}

/** A failure's envelope. */
export function assertFailure({ status, body }, expected, message) {
  assert.equal(status, expected, JSON.stringify(body));
  assert.equal(body.success, false);
  assert.equal(typeof body.message, "string");
  if (message !== undefined) assert.equal(body.message, message);
}

/** A failure that names the fields that are wrong. */
export function assertInvalid(answer, ...fields) {
  assertFailure(answer, 400);
  const { errors } = answer.body;
  assert.deepEqual(errors?.map(({ field }) => field), fields, JSON.stringify(answer.body));
  for (const { message } of errors) assert.equal(typeof message, "string");
}

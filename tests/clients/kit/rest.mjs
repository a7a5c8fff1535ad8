// The REST half of the rooms document, asked as any HTTP client would, and the fence made of it.
// Spoken to by: every test beside it.
import { record } from "./record.mjs";
import { within } from "./until.mjs";

let fences = 0;

/** One request -> `{ status, body }`, the body parsed. `text` is sent as it is, `json` as JSON. */
export async function rest(server, method, path, { token, json, text, headers = {} } = {}) {
  const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
  const sent = { ...headers };
  if (body !== undefined) sent["content-type"] ??= "application/json";
  if (token !== undefined) sent.authorization ??= `Bearer ${token}`;
  const answer = await within(
    fetch(`${server.url}${path}`, { method, headers: sent, body }),
    `an answer to ${method} ${path}`,
  );
  const raw = await answer.text();
  const { status } = answer;
  const parsed = raw === "" ? undefined : JSON.parse(raw);
  record({ route: `${method} ${path}`, status, payload: parsed });
  return { status, body: parsed };
}

/** Posts a message by REST -> `{ status, body }`. */
export function post(server, token, room_code, content, headers) {
  return rest(server, "POST", "/messages", { token, json: { room_code, content }, headers });
}

/** A page of a room's messages, newest first. */
export async function page(server, token, room, number) {
  const query = new URLSearchParams({ room_code: room });
  if (number !== undefined) query.set("page", number);
  const { status, body } = await rest(server, "GET", `/messages?${query}`, { token });
  if (status !== 200) throw new Error(`GET /messages?${query}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** All of a room's messages, oldest first, read page by page. */
export async function history(server, token, room) {
  const messages = [];
  for (let number = 1; ; number += 1) {
    const found = await page(server, token, room, number);
    if (found.length === 0) return messages.reverse();
    messages.push(...found);
  }
}

/**
 * A message by REST that every one of `clients` must hear: whatever the room had to tell them
 * before, it has told. It leaves no trace in what the clients heard, but one in the history.
 */
export async function fence(server, { id, token }, room, clients) {
  fences += 1;
  const content = `fence ${fences}`;
  const { status } = await post(server, token, room, content);
  if (status !== 201) throw new Error(`the fence was answered ${status}`);
  const payload = { [`user_${id}`]: content };
  await Promise.all(clients.map((client) => client.strike("send_message", payload)));
}

// What the crossing tests share: one speaker per verified dialect, each by its own document's
// events and routes alone, in a room that it calls as its document does.
// Spoken to by: every test beside it.
import assert from "node:assert/strict";
import { Client } from "../kit/client.mjs";
import { TRUSTING } from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { tokenOf } from "../kit/tokens.mjs";

let people = 0;
let words = 0;

/** A server with every dialect. */
export const server = (...flags) => Polylogue.mounting([], ...TRUSTING, ...flags);

/** Words that were never said before. */
export const fresh = (stem) => `${stem} ${(words += 1)}`;

/** Somebody with an account: `{ id, name, token }`. */
export async function person(at) {
  people += 1;
  const email = `crossing.${people}@example.com`;
  const json = { email, password: "p@ssword", first_name: "Ann", last_name: "Test" };
  const { status, body } = await rest(at, "POST", "/api/auth/register", { json });
  assert.equal(status, 201, JSON.stringify(body));
  const { id } = body.data.user;
  return { id, name: `user_${id}`, token: tokenOf(id) };
}

/** A group chat of somebody with others -> its number. */
export async function group(at, who, ...others) {
  const json = { participant_ids: others.map(({ id }) => id), is_group: true, name: "a group" };
  const { status, body } = await rest(at, "POST", "/api/chats", { token: who.token, json });
  assert.equal(status, 201, JSON.stringify(body));
  return body.data.id;
}

/** An open room, made as `rooms` makes one -> its number. */
export async function open(at, who, code) {
  const client = await Client.connect(at, { token: who.token });
  const { room, number } = await client.ask("join_room", code);
  assert.equal(room, code);
  client.leave();
  return number;
}

/** How each dialect joins, speaks, hears and reads a room, given its number. */
export const DIALECTS = {
  rooms: {
    connect: (at, { token }) => Client.connect(at, { token }),
    join: (client, number) => client.ask("join_room", `${number}`),
    say: (client, number, content) => client.ask("send_message", { room: `${number}`, content }),
    event: "send_message",
    words: (author, content) => ({ [author.name]: content }),
    hearsItself: false,
    async history(at, { token }, number) {
      const { status, body } = await rest(at, "GET", `/messages?room_code=${number}`, { token });
      assert.equal(status, 200, JSON.stringify(body));
      return body.map(({ content, user }) => [user.username, content]);
    },
    historyName: ({ name }) => name,
  },
  coaching: {
    connect: (at, { token }) => Client.connect(at, { token }),
    join: (client, number) => client.ask("join-chat", number),
    say: (client, chatId, content) => client.ask("send-message", { chatId, content }),
    event: "new-message",
    words: ({ id }, content, chat_id) => ({ chat_id, sender_id: id, content }),
    hearsItself: true,
    async history(at, { token }, number) {
      const path = `/api/chats/${number}/messages`;
      const { status, body } = await rest(at, "GET", path, { token });
      assert.equal(status, 200, JSON.stringify(body));
      return body.data.messages.map(({ sender_id, content }) => [sender_id, content]);
    },
    historyName: ({ id }) => id,
  },
  lounge: {
    connect: (at, { token, name }) => Client.connect(at, { auth: { token, nickname: name } }),
    join: (client, number) => client.ask("joinRoom", { room: number }),
    say: (client, _, text) => client.ask("chatMessage", JSON.stringify({ type: "text", text })),
    event: "message",
    words: ({ id, name }, text) => ({ type: "text", id, text, nickname: name }),
    hearsItself: true,
    async history(at, who, number) {
      const client = await this.connect(at, who);
      await this.join(client, number);
      const told = JSON.parse(await client.ask("history"));
      client.leave();
      return told.reverse().map(({ id, text }) => [id, text]);
    },
    historyName: ({ id }) => id,
  },
};

/** What a client heard of that were said, in its dialect, as its `words` gives them. */
export function heard(dialect, client, content) {
  const { event } = DIALECTS[dialect];
  const told = client.heard(event).filter((it) => JSON.stringify(it).includes(content));
  return told.map((payload) => {
    if (event === "new-message") {
      const { chat_id, sender_id, content: text } = payload;
      return { chat_id, sender_id, content: text };
    }
    if (event === "message") return without(payload, "time");
    return payload;
  });
}

function without({ ...payload }, key) {
  delete payload[key];
  return payload;
}

/** Waits until a client has heard something said; returns all that it heard of it. */
export async function hears(dialect, client, content) {
  await client.until(() => heard(dialect, client, content).length > 0, `${dialect}: ${content}`);
  return heard(dialect, client, content);
}

// Guessed ids: what is another dialect's, another realm's, or nobody's reaches nothing, over
// sockets and REST, whoever asks; with all dialects together, with tokens asked for everywhere, and
// with --bridge. An id is a room's number, code or UUID, a pair's code, a message's or a user's.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { rest } from "../kit/rest.mjs";
import { sentence } from "./tell.mjs";
import { SECRET_WORD, World } from "./world.mjs";

const MOUNTS = {
  "all dialects": [],
  "tokens asked for everywhere": ["--conversations-auth", "token"],
  "with --bridge": ["--bridge"],
};
const LARGEST = 2 ** 53 - 1;
const isNumber = (id) => /^\d+$/.test(String(id));

/** A message's UUID, as `chatty` spells the number of one of its own. */
function uuid(number) {
  const digits = BigInt(number).toString(16).padStart(15, "0");
  const [high, middle, low] = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12)];
  return `${high}-${middle}-4${low}-8000-000000000000`;
}

const NO_CHAT = ["You are not a participant in this chat", "You have not joined this chat"];
const notInRoom = (id) =>
  /\u001f/.test(id)
    ? "room must be a code of at most 128 bytes without control characters"
    : `You are not in room ${id}`;

/** event: [payload, what may be answered]; `null`: it is done, and nothing is heard of it. */
const EVENTS = {
  rooms: {
    send_message: [(id) => ({ room: String(id), content: "x" }), (id) => [notInRoom(String(id))]],
    leave_room: [(id) => String(id), (id) => [notInRoom(String(id))]],
    delete_message: [
      (id) => id,
      // Of what is said back the first 32 characters are.
      (id) => [`Error ${(isNumber(id) ? `${id}` : JSON.stringify(id)).slice(0, 32)} deleted`],
    ],
  },
  coaching: {
    "join-chat": [(id) => id, (id) => (isNumber(id) ? NO_CHAT : ["Chat ID is required"])],
    "leave-chat": [
      (chatId) => ({ chatId }),
      (id) => (isNumber(id) ? NO_CHAT : ["Chat ID is required"]),
    ],
    typing: [
      (chatId) => ({ chatId, isTyping: true }),
      (id) => (isNumber(id) ? NO_CHAT : ["Chat ID and isTyping are required"]),
    ],
    "send-message": [
      (chatId) => ({ chatId, content: "x" }),
      (id) => (isNumber(id) ? NO_CHAT : ["Chat ID and content are required"]),
    ],
  },
  lounge: {
    // Beside other dialects a number opens a room of the lounge's own; with --bridge it opens none.
    joinRoom: [
      (room) => ({ room }),
      (id, { isBridged }) => (isNumber(id) ? (isBridged ? ["E12"] : null) : ["E11"]),
    ],
  },
  chatty: {
    join: [
      (id) => ({ user_id: "u", chatroom_id: id }),
      (id) => (typeof id === "string" ? null : ["user_id and chatroom_id are required"]),
    ],
  },
};
/** In the other namespace: `me` is who asks. */
const TALKS = {
  "join-conversation": (conversationId, me) => ({ conversationId, userId: me }),
  typing: (conversationId, me) => ({ conversationId, userId: me, isTyping: true }),
  "send-message": (conversation_id, me) => ({ conversation_id, sender_id: me, content: "x" }),
};

const NO = [403, 404];
const NO_ID = [400, ...NO];
const NO_UUID = [404, 422];

/** [dialect, method, path, body, statuses that may be answered] */
const ROUTES = [
  ["coaching", "GET", (id) => `/api/chats/${id}`, null, NO],
  ["coaching", "GET", (id) => `/api/chats/${id}/messages`, null, NO],
  ["coaching", "POST", (id) => `/api/chats/${id}/messages`, () => ({ content: "x" }), NO],
  ["coaching", "POST", (id) => `/api/chats/${id}/participants`, (id, me) => ({ user_id: me }), NO],
  ["coaching", "DELETE", (id, me) => `/api/chats/${id}/participants/${me}`, null, NO],
  ["coaching", "POST", (id) => `/api/chats/${id}/leave`, null, NO],
  ["rooms", "DELETE", () => "/messages", (id) => ({ message_id: id }), NO_ID],
  ["conversations", "GET", (id) => `/api/chats/conversations/${id}`, null, NO_ID],
  ["conversations", "GET", (id) => `/api/chats/conversations/${id}/messages`, null, NO_ID],
  ["conversations", "DELETE", (id) => `/api/chats/conversations/${id}`, null, NO_ID],
  ["conversations", "GET", (id) => `/api/chats/messages/${id}`, null, NO_ID],
  ["conversations", "PUT", (id) => `/api/chats/messages/${id}`, () => ({ content: "x" }), NO_ID],
  ["conversations", "DELETE", (id) => `/api/chats/messages/${id}`, null, NO_ID],
  ["chatty", "GET", (id) => `/messages/${id}`, null, NO_UUID],
  ["chatty", "PUT", (id) => `/messages/${id}`, () => ({ message_text: "x" }), NO_UUID],
  ["chatty", "DELETE", (id) => `/messages/${id}`, null, NO_UUID],
  ["chatty", "GET", (id) => `/messages/chatroom/${id}`, null, NO_UUID],
  ["chatty", "GET", (id) => `/chatrooms/${id}`, null, NO_UUID],
  ["chatty", "PUT", (id) => `/chatrooms/${id}`, () => ({ name: "mine" }), NO_UUID],
  ["chatty", "DELETE", (id) => `/chatrooms/${id}`, null, NO_UUID],
  ["chatty", "DELETE", (id) => `/users/${id}`, null, NO_UUID],
];

for (const [name, flags] of Object.entries(MOUNTS)) {
  describe(name, () => {
    let world;
    before(async () => {
      world = await World.make([], ...flags);
    });
    after(() => world?.remove());

    test("messages are spelled as UUIDs in the way that is guessed at", () => {
      const { message } = world.rooms.chatty;
      const [high, middle, low] = message.split("-");
      assert.equal(uuid(`0x${high}${middle}${low.slice(1)}`), message);
    });

    for (const who of flags.includes("--bridge") ? ["eve"] : ["eve", "ann"]) {
      test(`${who} guesses over sockets`, async () => {
        const rows = await world.rows();
        const client = await world.connect("lounge", world.people[who]);
        await guessEvents(world, client, who);
        const talker = await world.connect("conversations", world.people[who]);
        await guessTalks(world, talker, world.people[who].id);
        await assertUntouched(world, rows, [client, talker]);
      });

      test(`${who} guesses over REST`, async () => {
        const rows = await world.rows();
        for (const route of ROUTES) await guessRoute(world, route, world.people[who]);
        await assertUntouched(world, rows, []);
      });
    }

    test("others' rooms are read empty, or not at all", async () => {
      const { token } = world.people.eve;
      for (const id of ids(world, "rooms")) {
        const path = `/messages?room_code=${encodeURIComponent(id)}`;
        const { status, body } = await rest(world.at, "GET", path, { token });
        assert.ok([200, 400, 403].includes(status), path);
        if (status === 200) assert.deepEqual(body, [], path);
      }
    });
  });
}

/** Ids of everything but what a dialect itself has, and of what nobody has. */
function ids({ rooms, people: { ann, ben }, isBridged }, dialect) {
  const found = new Set([4_711, 0, LARGEST, "demo"]);
  found.add(`${ann.id}:${ben.id}`).add(`${ann.id}\u001f${ben.id}`);
  for (const [other, t] of Object.entries(rooms)) {
    if (other === dialect) continue;
    for (const id of [t.chat, t.conversation, t.message, t.chatroom, t.user]) found.add(id);
    // With --bridge an open room is everybody's who is verified, by its number or its code.
    if (!isBridged) found.add(t.code).add(t.room);
    if (isNumber(t.message)) found.add(uuid(t.message));
  }
  found.delete(undefined);
  return [...found];
}

const isMine = (world, dialect, id) => {
  const { chat, conversation, room } = world.rooms[dialect];
  return [chat, conversation, room].some((own) => String(own) === String(id));
};

async function guessEvents(world, client, who) {
  for (const [dialect, events] of Object.entries(EVENTS)) {
    for (const id of ids(world, dialect)) {
      if (who === "ann" && isMine(world, dialect, id)) continue;
      for (const [event, [payload, answers]] of Object.entries(events)) {
        const ack = await client.ask(event, payload(id));
        const expected = answers(id, world);
        const context = `${dialect} ${event} ${JSON.stringify(id)}: ${JSON.stringify(ack)}`;
        const told = ack.error?.type ?? ack.error ?? (ack.success === false ? ack.message : null);
        assert.ok(expected ? expected.includes(told) : told === null, context);
      }
    }
  }
}

async function guessTalks(world, client, me) {
  for (const id of ids(world, "conversations")) {
    if (isMine(world, "conversations", id)) continue;
    for (const [event, payload] of Object.entries(TALKS)) {
      client.take();
      const ack = await client.ask(event, payload(id, me));
      const context = `${event} ${JSON.stringify(id)}: ${JSON.stringify(ack)}`;
      assert.equal(ack.success, false, context);
      const [[, { message, error = message }]] = client.take().filter(([it]) => /error/.test(it));
      assert.match(error, /^Conversation not found$|must be an? (integer|positive)/, context);
    }
  }
}

async function guessRoute(world, [dialect, method, path, json, statuses], { id: me, token }) {
  const options = dialect === "chatty" ? {} : { token };
  for (const id of ids(world, dialect)) {
    if (isMine(world, dialect, id)) continue;
    const spelled = path(encodeURIComponent(id), me);
    const answer = await rest(world.at, method, spelled, { ...options, json: json?.(id, me) });
    const context = `${method} ${spelled} ${JSON.stringify(id)}: ${JSON.stringify(answer)}`;
    assert.ok(statuses.includes(answer.status), context);
    assert.ok(sentence(dialect, answer.status, answer.body), context);
    assert.equal(JSON.stringify(answer.body).includes(SECRET_WORD), false, context);
  }
}

/** No row has changed, nobody inside has heard anything, nor have `guessers` heard of others. */
async function assertUntouched(world, rows, guessers) {
  assert.deepEqual(await world.rows(), rows);
  const nothing = Object.fromEntries(world.dialects.map((dialect) => [dialect, []]));
  assert.deepEqual(await world.hush(), nothing);
  for (const client of guessers) {
    const heard = JSON.stringify(client.take());
    assert.equal(heard.includes(SECRET_WORD), false, heard);
    client.leave();
  }
}

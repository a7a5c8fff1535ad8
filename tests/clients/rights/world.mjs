// The world that rights are tried in: three people, one room of each dialect with somebody inside
// who hears all that is told there, and its rows as they can be read back.
// Spoken to by: rights.test.mjs and guesses.test.mjs.
import assert from "node:assert/strict";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { SECRET, epoch, sign } from "../kit/tokens.mjs";
import { isTold } from "./tell.mjs";

/** A word that stands in everything that only those inside may hear or read. */
export const SECRET_WORD = "confidential";

let made = 0;
const fresh = (stem) => `${stem}_${(made += 1)}`;

/** A token of somebody; `more` are further claims. */
export const tokenFor = (id, more) => sign({ id, name: `user_${id}`, exp: epoch(3_600), ...more });

/** The same without a signature. */
export const forgedFor = (id) => sign({ id, exp: epoch(3_600) }, { alg: "none" });

/** What every request of one dialect's is answered with here. */
async function done(at, method, path, options, expected = 201) {
  const { status, body } = await rest(at, method, path, options);
  assert.equal(status, expected, `${method} ${path}: ${JSON.stringify(body)}`);
  return body;
}

const rows = async (at, path, token) => (await done(at, "GET", path, { token }, 200));

/** How each dialect is come into, and how a room of it is made, spoken in and read back. */
const DIALECTS = {
  rooms: {
    options: ({ token }) => ({ token }),
    async make(at, { ann }) {
      const code = fresh("den");
      const json = { room_code: code, content: `${SECRET_WORD} ${code}` };
      const { id } = await done(at, "POST", "/messages", { token: ann.token, json });
      return { code, message: id };
    },
    enter: (client, { code }) => client.ask("join_room", code),
    say: (at, { ann }, { code }, content) =>
      done(at, "POST", "/messages", { token: ann.token, json: { room_code: code, content } }),
    read: (at, { ann }, { code }) => rows(at, `/messages?room_code=${code}`, ann.token),
  },
  coaching: {
    options: ({ token }) => ({ token }),
    async make(at, { ann, ben, cid, eve, zoe }) {
      const name = `${SECRET_WORD} group`;
      const participant_ids = [ben.id, cid.id];
      const json = { is_group: true, name, participant_ids, initial_message: SECRET_WORD };
      const { data } = await done(at, "POST", "/api/chats", { token: ann.token, json });
      const others = [cid.id, zoe.id].concat(eve.id);
      return {
        chat: data.id, message: data.last_message.id, creator: ann.id, third: cid.id,
        newcomer: zoe.id, others,
      };
    },
    enter: (client, { chat }) => client.ask("join-chat", chat),
    say: (at, { ann }, { chat }, content) =>
      done(at, "POST", `/api/chats/${chat}/messages`, { token: ann.token, json: { content } }),
    read: async (at, { ann, ben }, { chat }) => [
      await rows(at, `/api/chats/${chat}/messages`, ann.token),
      await rows(at, "/api/chats", ann.token),
      await rows(at, "/api/chats", ben.token),
    ],
  },
  lounge: {
    options: ({ token, name }) => ({ auth: { token, nickname: name } }),
    async make(at, { ann }, isBridged) {
      const room = isBridged ? await opened(at, ann) : String(7_000 + (made += 1));
      const client = await Client.connect(at, this.options(ann));
      await client.ask("joinRoom", { room });
      const text = `${SECRET_WORD} ${room}`;
      const { id } = await client.ask("chatMessage", { type: "text", text });
      await client.ask("leaveRoom");
      client.leave();
      return { room, message: id };
    },
    enter: (client, { room }) => client.ask("joinRoom", { room }),
    say: (at, people, { inside }, text) => inside.ask("chatMessage", { type: "text", text }),
    async read(at, people, { inside }) {
      const told = await inside.ask("history");
      await inside.strike("history", told);
      return JSON.parse(told);
    },
  },
  conversations: {
    options: ({ id, token }) => ({ namespace: "/chat", query: { userId: id }, token }),
    async make(at, { ann, ben, cid }) {
      const api = "/api/chats";
      const { token } = ann;
      // A pair has one conversation: a new one needs the old one gone.
      const pair = { sender_id: ann.id, receiver_id: ben.id };
      const old = await done(at, "POST", `${api}/conversations`, { token, json: pair });
      await done(at, "DELETE", `${api}/conversations/${old.data.id}`, { token }, 200);
      const { data } = await done(at, "POST", `${api}/conversations`, { token, json: pair });
      const json = { conversation_id: data.id, sender_id: ann.id, content: SECRET_WORD };
      const said = await done(at, "POST", `${api}/messages`, { token, json });
      return {
        conversation: data.id, message: said.data.id, creator: ann.id, participant: ben.id,
        third: cid.id,
      };
    },
    enter: (client, { conversation }, { id }) =>
      client.ask("join-conversation", { conversationId: conversation, userId: id }),
    say: (at, { ann }, { conversation }, content) =>
      done(at, "POST", "/api/chats/messages", {
        token: ann.token, json: { conversation_id: conversation, sender_id: ann.id, content },
      }),
    read: async (at, { ann }, { conversation }) => [
      await rows(at, `/api/chats/conversations/${conversation}/messages`, ann.token),
      await rows(at, `/api/chats/users/${ann.id}/conversations`, ann.token),
    ],
  },
  chatty: {
    options: () => ({}),
    async make(at) {
      const handle = fresh("user");
      const user = await done(at, "POST", "/users/", { json: { name: handle, handle } });
      const chatroom = await done(at, "POST", "/chatrooms/", { json: { name: fresh("room") } });
      const t = { user: user.id, chatroom: chatroom.id };
      const { id } = await this.say(at, {}, t, SECRET_WORD);
      return { ...t, message: id };
    },
    enter: (client, { user, chatroom }) =>
      client.ask("join", { user_id: user, chatroom_id: chatroom }),
    say: (at, people, { user, chatroom }, message_text) => {
      const json = { message_text, user_id: user, chatroom_id: chatroom, is_reply: false };
      return done(at, "POST", "/messages/", { json });
    },
    read: async (at, people, { chatroom }) => [
      await rows(at, `/messages/chatroom/${chatroom}`),
      await rows(at, "/users/"),
      await rows(at, "/chatrooms/"),
      await rows(at, "/chatroom-participants/"),
    ],
  },
};

/** A server, its people, and a room of each dialect that it has. */
export class World {
  rooms = {};

  /** Of some dialects (none named: of all), with these flags. */
  static async make(dialects, ...flags) {
    const world = new World();
    world.at = await Polylogue.mounting(dialects, "--jwt-secret", SECRET, ...flags);
    world.isBridged = flags.includes("--bridge");
    world.dialects = dialects.length > 0 ? dialects : Object.keys(DIALECTS);
    try {
      await world.#furnish();
    } catch (error) {
      await world.remove();
      throw error;
    }
    return world;
  }

  /** One more room of a dialect. */
  room(dialect) {
    return DIALECTS[dialect].make(this.at, this.people, this.isBridged);
  }

  /** A socket of somebody's. */
  connect(dialect, who) {
    return Client.connect(this.at, DIALECTS[dialect].options(who));
  }

  /** The options of a stock client that is somebody there. */
  options(dialect, who) {
    return DIALECTS[dialect].options(who);
  }

  async enter(dialect, client, room, who) {
    const ack = await DIALECTS[dialect].enter(client, room, who);
    assert.equal(ack.error ?? ack.message, undefined, JSON.stringify(ack));
  }

  /** All that is kept of the rooms, as those inside may read it. */
  async rows() {
    const read = {};
    for (const dialect of this.dialects) {
      read[dialect] = await DIALECTS[dialect].read(this.at, this.people, this.rooms[dialect]);
    }
    return read;
  }

  /**
   * Has something said in every room, so that whoever is inside has heard all that was told before
   * -> what they heard but that, by dialect. The word holds {@link SECRET_WORD}.
   */
  async hush() {
    const word = fresh(`${SECRET_WORD} fence`);
    const heard = {};
    for (const dialect of this.dialects) {
      const room = this.rooms[dialect];
      const isWord = (entry) => JSON.stringify(entry).includes(word);
      await DIALECTS[dialect].say(this.at, this.people, room, word);
      // A dialect that tells a speaker nothing of what they said does so by REST.
      const told = () => room.inside.peek().some(isWord);
      await room.inside.until(told, `${word} in ${dialect}`);
      const others = room.inside.take().filter((entry) => !isWord(entry));
      heard[dialect] = others.filter(isTold);
    }
    return heard;
  }

  async remove() {
    for (const { inside } of Object.values(this.rooms)) inside?.leave();
    await this.at?.remove();
  }

  async #furnish() {
    this.people = await this.#people();
    for (const dialect of this.dialects) {
      const room = await this.room(dialect);
      room.inside = await this.connect(dialect, this.people.ann);
      this.rooms[dialect] = room;
      await this.enter(dialect, room.inside, room, this.people.ann);
    }
    await this.hush();
  }

  /** ann makes, ben and cid take part, eve and zoe do not. */
  async #people() {
    const people = {};
    for (const [place, name] of ["ann", "ben", "cid", "eve", "zoe"].entries()) {
      const id = this.dialects.includes("coaching") ? await register(this.at, name) : place + 1;
      people[name] = { id, name: `user_${id}`, token: tokenFor(id) };
    }
    return people;
  }
}

/** An open room that `rooms` makes, where the dialects share theirs -> its number as a text. */
async function opened(at, { token }) {
  const client = await Client.connect(at, { token });
  const { number } = await client.ask("join_room", fresh("lobby"));
  client.leave();
  return String(number);
}

async function register(at, name) {
  const email = `${name}@example.com`;
  const json = { email, password: "p@ssword", first_name: name, last_name: "Test" };
  return (await done(at, "POST", "/api/auth/register", { json })).data.user.id;
}

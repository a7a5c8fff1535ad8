// Strings with half an emoji, and JSON thousands deep, through every dialect: by socket, by REST,
// and back in the history. A cut emoji passes through and harms nobody; depth is an error.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SOCKET_IO as PATH, Wire, request } from "../../conformance/kit/wire.mjs";
import * as chatty from "../chatty/kit.mjs";
import * as coaching from "../coaching/stage.mjs";
import * as conversations from "../conversations/stage.mjs";
import { Client } from "../kit/client.mjs";
import { history, post, rest } from "../kit/rest.mjs";
import { tokenOf } from "../kit/tokens.mjs";
import { Stage } from "./stage.mjs";

const CUT = ["\ud83d", "cut \ud83d", "\ude00 cut", "\ude00\ud83d", "a\ud83db\ude00c", "\ud83d\ud83d\ude00"];
const DEEP = 5_000;

let stage;
before(async () => (stage = await Stage.open()));
after(() => stage?.close());

/** Dialect -> ways to say a text, and who reads it: `{ say, heard, history }`. */
const DIALECTS = {
  async rooms({ server }) {
    const [speaker, listener] = [11, 12].map((id) => new Client(server, { token: tokenOf(id) }));
    for (const client of [speaker, listener]) await client.ask("join_room", "cut");
    return {
      say: {
        socket: (content) => speaker.ask("send_message", { room: "cut", content }),
        REST: (content) => post(server, tokenOf(11), "cut", content),
      },
      heard: () => listener.heard("send_message").map((payload) => Object.values(payload)[0]),
      history: async () => (await history(server, tokenOf(11), "cut")).map(({ content }) => content),
      clients: [speaker, listener],
    };
  },

  async conversations({ server }) {
    const { id } = await conversations.conversation(server, 21, 22);
    const clients = [21, 22].map((user) => conversations.joined(server, user, id));
    const [speaker, listener] = await Promise.all(clients);
    const texts = (messages) => messages.map(({ content }) => content);
    return {
      say: {
        socket: (text) => speaker.ask("send-message", conversations.message(21, id, text)),
        REST: (text) => {
          const json = conversations.message(21, id, text);
          return conversations.ask(server, "POST", "/messages", { json });
        },
      },
      heard: () => texts(listener.heard("receive-message")),
      history: async () => {
        const path = `/conversations/${id}/messages?limit=100`;
        const { body } = await conversations.ask(server, "GET", path);
        return texts(body.messages).reverse();
      },
      clients: [speaker, listener],
    };
  },

  async chatty({ server }) {
    const [user, room] = [await chatty.makeUser(server), await chatty.makeChatroom(server)];
    const listener = await chatty.listener(server, user, [room]);
    const texts = (messages) => messages.map(({ message_text }) => message_text);
    return {
      say: { REST: (text) => chatty.post(server, user, room, text) },
      heard: () => texts(listener.heard("new_message")),
      history: async () => {
        const { body } = await rest(server, "GET", `/messages/chatroom/${room.id}`);
        return texts(body.messages);
      },
      clients: [listener],
    };
  },

  async coaching({ server }) {
    const [ann, ben] = await coaching.crowd(server, "Ann", "Ben");
    const { id } = await coaching.chat(server, ann, [ben]);
    const [speaker, listener] = await coaching.inside(server, id, [ann, ben]);
    const texts = (messages) => messages.map(({ content }) => content);
    const path = `/api/chats/${id}/messages`;
    return {
      say: {
        socket: (content) => speaker.ask("send-message", { chatId: id, content }),
        REST: (content) => coaching.data(server, ann, "POST", path, { content }, 201),
      },
      heard: () => texts(listener.heard("new-message")),
      history: async () => {
        const { messages } = await coaching.data(server, ann, "GET", `${path}?limit=100`);
        const fences = (text) => !text.startsWith("fence");
        return texts(messages).reverse().filter(fences);
      },
      clients: [speaker, listener],
    };
  },

  async lounge({ server }) {
    const clients = [31, 32].map((id) => {
      return Client.connect(server, { auth: { token: tokenOf(id), nickname: `nick_${id}` } });
    });
    const [speaker, listener] = await Promise.all(clients);
    for (const client of [speaker, listener]) await client.ask("joinRoom", { room: 77 });
    return {
      say: { socket: (text) => speaker.ask("chatMessage", JSON.stringify({ type: "text", text })) },
      heard: () => listener.heard("message").filter(({ type }) => type === "text").map(({ text }) => text),
      history: async () => JSON.parse(await listener.ask("history")).map(({ text }) => text),
      clients: [speaker, listener],
    };
  },
};

for (const [dialect, open] of Object.entries(DIALECTS)) {
  test(`a cut emoji passes through ${dialect}, and stays what it is in the history`, async () => {
    const { say, heard, history, clients } = await open(stage);
    const said = [];
    for (const way of Object.values(say)) {
      for (const text of CUT) {
        await way(text);
        said.push(text);
      }
    }
    await clients.at(-1).until(() => heard().length >= said.length, `${said.length} texts`);
    assert.deepEqual(heard(), said);
    assert.deepEqual(await history(), said);
    for (const client of clients) {
      assert.ok(client.socket.connected);
      client.leave();
    }
    await stage.unharmed();
  });
}

const DEPTHS = {
  arrays: "[".repeat(DEEP) + "]".repeat(DEEP),
  objects: '{"a":'.repeat(DEEP) + "1" + "}".repeat(DEEP),
};

/** Every event of every dialect, and the key that a value stands under where one is looked for. */
const EVENTS = {
  "/": {
    join_room: "room",
    send_message: "content",
    delete_message: "message_id",
    join: "user_id",
    leave: "chatroom_id",
    "join-chat": "chatId",
    "send-message": "content",
    typing: "isTyping",
    joinRoom: "room",
    chatMessage: "text",
  },
  "/chat": {
    "join-conversation": "conversationId",
    "send-message": "content",
    typing: "isTyping",
  },
};

for (const [namespace, events] of Object.entries(EVENTS)) {
  test(`JSON ${DEEP} deep in every event of ${namespace}: the connection stays`, async () => {
    const url = `${stage.url}${PATH}?EIO=4&transport=websocket&userId=21`;
    const wire = new Wire(url);
    await wire.next("the handshake");
    const auth = JSON.stringify({ token: tokenOf(31), nickname: "deep" });
    wire.send(`40${namespace},${namespace === "/" ? auth : ""}`);
    for (const [event, key] of Object.entries(events)) {
      for (const deep of Object.values(DEPTHS)) {
        wire.send(`42${namespace},["${event}",${deep}]`, `42${namespace},7["${event}",{"${key}":${deep}}]`);
      }
    }
    wire.send("40/nowhere,");
    let frame = await wire.next("an answer");
    while (typeof frame === "string" && !frame.startsWith("44/nowhere,")) {
      assert.ok(frame.length < 10_000, `an answer echoes it: ${frame.slice(0, 80)}`);
      frame = await wire.next("an answer");
    }
    assert.equal(typeof frame, "string", `it is closed: ${JSON.stringify(frame)}`);
    wire.end();
    await stage.unharmed();
  });
}

test(`JSON ${DEEP} deep in a CONNECT: refused, or let in as nobody`, async () => {
  for (const deep of Object.values(DEPTHS)) {
    for (const auth of [`{"token":${deep}}`, `{"nickname":${deep}}`]) {
      const wire = await Wire.session(stage.url, PATH);
      wire.send(`40${auth}`);
      assert.match(await wire.next("an answer"), /^4[04]\{/);
      wire.end();
    }
  }
  await stage.unharmed();
});

test(`JSON ${DEEP} deep in REST: the client's fault, in the dialect's envelope`, async () => {
  const bearer = { authorization: `Bearer ${tokenOf(11)}` };
  const posts = {
    "/messages": bearer,
    "/messages/": {},
    "/users/": {},
    "/chatrooms/": {},
    "/api/auth/register": {},
    "/api/auth/login": {},
    "/auth/login": {},
    "/api/chats": bearer,
    "/api/chats/conversations": {},
    "/api/chats/messages": {},
    "/api/rooms": bearer,
  };
  for (const [path, more] of Object.entries(posts)) {
    const headers = { "content-type": "application/json", ...more };
    for (const deep of Object.values(DEPTHS)) {
      for (const body of [deep, `{"content":${deep},"name":${deep},"room":${deep},"email":${deep}}`]) {
        const answer = await request(`${stage.url}${path}`, { method: "POST", headers, body });
        assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} to ${path}`);
        JSON.parse(answer.body);
      }
    }
  }
  await stage.unharmed();
});

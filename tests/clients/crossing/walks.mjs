// Each document's own walk-through, on the data of `polylogue demo`, in a form that others may run
// beside it: what is waited for is what somebody must hear, whatever else is heard.
// Spoken to by: walks.test.mjs.
import assert from "node:assert/strict";
import * as chatty from "../chatty/kit.mjs";
import { Client, system } from "../kit/client.mjs";
import { rest } from "../kit/rest.mjs";
import * as conversations from "../conversations/stage.mjs";

const PASSWORD = "p@ssword";

let words = 0;
const fresh = (stem) => `${stem} ${(words += 1)}`;

/** `rooms`: log in, be welcomed, join the default room, speak, read, delete, leave. */
async function rooms(at, { transports }) {
  const people = await Promise.all(
    ["user_1", "user_2"].map(async (username) => {
      const json = { username, password: PASSWORD };
      const { status, body } = await rest(at, "POST", "/auth/login", { json });
      assert.equal(status, 201);
      const client = await Client.join(at, { token: body.access_token, transports });
      await client.hears("connected", { message: `Welcome ${username} to the server` });
      return { username, token: body.access_token, client };
    }),
  );
  const [one, two] = people;
  for (const { client } of people) {
    client.say("join_room");
    await client.hears(...system("You joined the room"));
  }
  await one.client.hears(...system("user_2 joined the room"));
  const content = fresh("aloha");
  const { id } = await one.client.ask("send_message", content);
  await two.client.hears("send_message", { user_1: content });
  const path = "/messages?room_code=room_1&page=1";
  const { status, body: page } = await rest(at, "GET", path, { token: two.token });
  assert.equal(status, 200);
  const found = page.find((message) => message.id === id);
  assert.deepEqual([found.content, found.user], [content, { username: "user_1" }]);
  one.client.say("delete_message", id);
  await one.client.hears(...system(`Message ${id} deleted`));
  two.client.say("leave_room");
  await two.client.hears(...system("You left the room room_1"));
  people.forEach(({ client }) => client.leave());
}

/** `conversations`: the conversation 1 of the users 1 and 2, joined, spoken and typed in. */
async function talks(at, { transports }) {
  const ids = [1, 2];
  const [ann, ben] = await Promise.all(
    ids.map((userId) => conversations.user(at, userId, { transports })),
  );
  const known = await conversations.conversation(at, 1, 2);
  assert.deepEqual(known, { id: 1, sender_id: 1, receiver_id: 2 });
  for (const [place, client] of [ann, ben].entries()) {
    client.say("join-conversation", { conversationId: 1, userId: ids[place] });
    await client.hears("joined-conversation", { success: true, conversationId: 1 });
  }
  const { success, data } = await ann.ask(
    "send-message",
    conversations.message(1, 1, fresh("Hello, how are you?")),
  );
  assert.equal(success, true);
  await ben.hears("receive-message", data);
  await ann.hears("message-sent", data);
  ann.say("typing", { conversationId: 1, userId: 1, isTyping: true });
  await ben.hears("user-typing", { conversationId: 1, userId: 1, isTyping: true });
  const path = "/conversations/1/messages?page=1&limit=20";
  const { body } = await conversations.ask(at, "GET", path);
  assert.deepEqual(body.messages[0], data);
  [ann, ben].forEach((client) => client.leave());
}

/** `chatty`: a user and a chatroom are made, a socket joins, what is posted arrives. */
async function chatter(at, { transports }) {
  const alice = await chatty.makeUser(at);
  const general = await chatty.makeChatroom(at);
  const client = await chatty.listener(at, alice, [general], { transports });
  const posted = await chatty.post(at, alice, general, "Hello everyone!");
  await client.hears("new_message", posted);
  client.say("leave", { user_id: alice.id, chatroom_id: general.id });
  await client.hears("left", { chatroom_id: general.id });
  client.leave();
}

/** `coaching`: log in, open the demonstration's chat, speak both ways, type, make a new chat. */
async function coaching(at, { transports }) {
  const people = await Promise.all(
    ["alice@example.com", "bob@example.com"].map(async (email) => {
      const json = { email, password: PASSWORD };
      const { status, body } = await rest(at, "POST", "/api/auth/login", { json });
      assert.equal(status, 200);
      const { token, user } = body.data;
      return { token, user, client: await Client.connect(at, { token, transports }) };
    }),
  );
  const [alice, bob] = people;
  const { body: list } = await rest(at, "GET", "/api/chats", { token: bob.token });
  const chat = list.data.find(({ name }) => name === "Demo chat");
  for (const { client } of people) {
    assert.deepEqual(await client.ask("join-chat", chat.id), { success: true, chatId: chat.id });
  }
  const hears = (client, content) =>
    client.until(() => client.heard("new-message").some((it) => it.content === content), content);
  const [bySocket, byRest] = [fresh("Hello!"), fresh("Hello!")];
  alice.client.say("send-message", { chatId: chat.id, content: bySocket });
  await hears(bob.client, bySocket);
  const json = { content: byRest };
  const path = `/api/chats/${chat.id}/messages`;
  const posted = await rest(at, "POST", path, { token: bob.token, json });
  assert.equal(posted.status, 201);
  await hears(alice.client, byRest);
  alice.client.say("typing", { chatId: chat.id, isTyping: true });
  const typing = { chatId: chat.id, userId: alice.user.id, isTyping: true };
  await bob.client.hears("user-typing", typing);
  const wanted = { participant_ids: [bob.user.id], name: fresh("new"), is_group: true };
  const made = await rest(at, "POST", "/api/chats", { token: alice.token, json: wanted });
  assert.equal(made.status, 201);
  const isNew = ({ type, data }) => type === "new-chat" && data.chatId === made.body.data.id;
  await bob.client.until(() => bob.client.heard("notification").some(isNew), "new-chat");
  people.forEach(({ client }) => client.leave());
}

/** `lounge`: tokens and nicknames, room 1, words and an image, the history, who is there. */
async function lounge(at, { transports }) {
  const people = await Promise.all(
    // Where rooms are shared, 1 and 2 are in the same room by `rooms`, maybe.
    [3, 4].map(async (id) => {
      const auth = { token: await at.token(id), nickname: `nick_${id}` };
      const client = await Client.connect(at, { auth, transports });
      return { id, nickname: auth.nickname, client };
    }),
  );
  const [ann, ben] = people;
  for (const { id, client } of people) {
    assert.deepEqual(await client.ask("joinRoom", { room: "1" }), { room: "1" });
    const joined = ({ type, text }) => type === "system" && text === `user ${id} joined`;
    await client.until(() => client.heard("message").some(joined), "that one has joined");
    const shows = ({ users }) => users.some((user) => user.id === id);
    await client.until(() => client.heard("roomUsers").some(shows), "who is there");
  }
  const said = [
    { type: "text", text: fresh("hello") },
    { type: "image", text: fresh("look"), imageUrl: "/cat.png" },
  ];
  for (const message of said) {
    ann.client.say("chatMessage", JSON.stringify(message));
    const is = ({ id, nickname, text }) =>
      id === ann.id && nickname === ann.nickname && text === message.text;
    await ben.client.until(() => ben.client.heard("message").some(is), message.text);
  }
  const texts = JSON.parse(await ben.client.ask("history")).map(({ text }) => text);
  assert.ok(said.every(({ text }) => texts.includes(text)), texts.join());
  ben.client.say("leaveRoom");
  people.forEach(({ client }) => client.leave());
}

/** Every walk, by its dialect's name. */
export const WALKS = { rooms, conversations: talks, chatty: chatter, coaching, lounge };

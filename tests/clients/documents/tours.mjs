// One tour of each API: every event and every route is used once and works, and something of each
// kind goes wrong. What is heard on the way is for others to look at. Spoken to by:
// fields.test.mjs.
import * as chatty from "../chatty/kit.mjs";
import * as coach from "../coaching/stage.mjs";
import * as talk from "../conversations/stage.mjs";
import { WALKS } from "../crossing/walks.mjs";
import { Client } from "../kit/client.mjs";
import { rest } from "../kit/rest.mjs";

const WALK = { transports: ["websocket"] };

async function rooms(at) {
  await WALKS.rooms(at, WALK);
  const token = await at.token(1);
  const client = await Client.join(at, { token });
  const ask = (method, path, json) => rest(at, method, path, { token, json });
  await client.ask("join_room", "room_1");
  await client.ask("join_room", "");
  await client.ask("send_message", "");
  const { body } = await ask("POST", "/messages", { room_code: "room_1", content: "by REST" });
  await client.ask("delete_message", "none");
  await ask("DELETE", "/messages", { message_id: body.id });
  const { id } = await client.ask("send_message", "by socket");
  await client.ask("delete_message", id);
  const again = await Client.join(at, { token });
  await client.ask("send_message", "told again");
  await again.ask("join_room", "room_1");
  await again.ask("leave_room", "room_1");
  await again.ask("leave_room", "room_1");
  await ask("DELETE", "/messages", { message_id: 1 });
  await rest(at, "GET", "/messages?room_code=room_1");
  [client, again].forEach((one) => one.leave());
}

async function conversations(at) {
  await WALKS.conversations(at, WALK);
  const ask = (method, path, json) => talk.ask(at, method, path, { json });
  const client = await talk.joined(at, 1, 1);
  const { data } = await client.ask("send-message", talk.message(1, 1, "hello"));
  await client.ask("send-message", {});
  await client.ask("join-conversation", { conversationId: 4711, userId: 1 });
  await client.ask("typing", { conversationId: 1, userId: 1, isTyping: true });
  await client.ask("typing", {});
  await client.ask("leave-conversation", { conversationId: 1 });
  await client.ask("leave-conversation", {});
  for (const path of ["/conversations/1", "/conversations/between/1/2", "/users/1/conversations",
    `/messages/${data.id}`, "/conversations/4711", "/messages/4711"]) await ask("GET", path);
  await ask("POST", "/messages", talk.message(1, 1, "by REST"));
  await ask("PUT", `/messages/${data.id}`, { content: "changed" });
  await ask("DELETE", `/messages/${data.id}`);
  const ben = await talk.user(at, 2);
  ben.leave();
  await client.hears("user:offline", { userId: 2 });
  await ask("DELETE", "/conversations/1");
  client.leave();
}

async function chatter(at) {
  const [ann, ben] = [await chatty.makeUser(at), await chatty.makeUser(at)];
  const room = await chatty.makeChatroom(at);
  const client = await chatty.listener(at, ann, [room]);
  const ask = (method, path, json) => rest(at, method, path, { json });
  const message = await chatty.post(at, ann, room, "hello");
  await client.hears("new_message", message);
  const reply = { is_reply: true, parent_message_id: message.id };
  await chatty.post(at, ben, room, "hello, too", reply);
  const member = { user_id: ann.id, chatroom_id: room.id };
  await ask("POST", "/chatroom-participants/", member);
  const participant = `/chatroom-participants/${room.id}/${ann.id}`;
  for (const path of ["/users/", `/users/${ann.id}`, "/chatrooms/", `/chatrooms/${room.id}`,
    "/chatroom-participants/", participant, "/messages/", `/messages/${message.id}`,
    `/messages/chatroom/${room.id}`, "/health/", "/health/ready", `/users/${chatty.NOBODY}`,
    "/users/none"]) await ask("GET", path);
  await ask("PUT", `/users/${ann.id}`, { name: "Ann" });
  await ask("PUT", `/chatrooms/${room.id}`, { name: chatty.fresh("renamed") });
  await ask("PUT", `/messages/${message.id}`, { message_text: "changed" });
  await ask("DELETE", `/messages/${message.id}`);
  await ask("DELETE", participant);
  await client.ask("leave", member);
  await client.ask("join", {});
  await client.ask("leave", {});
  await ask("DELETE", `/users/${ben.id}`);
  await ask("DELETE", `/chatrooms/${room.id}`);
  client.leave();
}

async function coaching(at) {
  await WALKS.coaching(at, WALK);
  const [ann, ben, eve] = await coach.crowd(at, "Ann", "Ben", "Eve");
  const ask = (who, method, path, json) => rest(at, method, path, { token: who.token, json });
  const group = await coach.chat(at, ann, [ben], { is_group: true, initial_message: "hello" });
  const path = `/api/chats/${group.id}`;
  const [client, other] = await coach.inside(at, group.id, [ann, ben]);
  await client.ask("send-message", { chatId: group.id, content: "by socket" });
  await client.ask("typing", { chatId: group.id, isTyping: true });
  for (const event of ["join-chat", "leave-chat", "send-message", "typing"]) {
    await client.ask(event, {});
  }
  await ask(ann, "GET", "/api/chats");
  await ask(ann, "GET", path);
  await ask(ann, "POST", `${path}/messages`, { content: "by REST" });
  await ask(ann, "POST", `${path}/participants`, { user_id: eve.id });
  await ask(ann, "POST", `${path}/participants`, { user_id: eve.id });
  await ask(ann, "DELETE", `${path}/participants/${eve.id}`);
  await ask(ann, "GET", `${path}/messages`);
  await other.ask("leave-chat", group.id);
  await ask(ben, "POST", `${path}/leave`);
  await coach.chat(at, ann, [ben]);
  await ask(ann, "POST", "/api/chats", { participant_ids: [ben.id] });
  await ask(ann, "GET", "/api/chats/4711");
  await ask(ann, "POST", "/api/chats", {});
  await rest(at, "GET", "/api/chats");
  [client, other].forEach((one) => one.leave());
}

async function lounge(at) {
  await WALKS.lounge(at, WALK);
  const token = await at.token(1);
  await rest(at, "POST", "/api/rooms", { token, json: { room: "1", expires_in: 3_600 } });
  await rest(at, "POST", "/api/rooms", { token, json: {} });
  const client = await Client.connect(at, { auth: { token, nickname: "neo" } });
  for (const event of ["joinRoom", "chatMessage", "leaveRoom", "history"]) await client.ask(event);
  await client.ask("joinRoom", { room: "1" });
  await client.ask("chatMessage", { type: "text", text: "hello" });
  await client.ask("history");
  await client.ask("leaveRoom");
  client.leave();
}

/** Every tour, by its dialect's name. */
export const TOURS = { rooms, conversations, chatty: chatter, coaching, lounge };

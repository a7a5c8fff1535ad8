// The demonstration's half that speaks `chatty`. What is exported, /web/demo.js says.
import { clock, rest } from "/web/kit.js";

const PEOPLE = [
  { name: "Alice", handle: "demo_alice" },
  { name: "Bob", handle: "demo_bob" },
];
const CHATROOM = "demo";
const HISTORY_MAX = 100;
const LIST_MAX = 1000;

export default {
  about:
    `Both are in the chatroom ${CHATROOM}: they speak by REST, and hear by sockets. ` +
    "This API tells nobody who is there, or who types.",

  async enter({ at }) {
    const chatroom = await ensure("/chatrooms/", "chatrooms", { name: CHATROOM }, "name");
    const users = [];
    for (const person of PEOPLE) users.push(await ensure("/users/", "users", person, "handle"));
    const names = new Map(users.map(({ id, name }) => [id, name]));
    const { id, name } = users[at];
    return { name, id, names, chatroom: chatroom.id, options: {} };
  },

  attach(socket, me, view) {
    socket.on("new_message", (message) => show(me, view, message));
    socket.on("joined", () => view.note("You joined the chatroom"));
    socket.on("error", ({ message }) => view.bad(message));
  },

  async join(socket, me, view) {
    view.clear();
    socket.emit("join", { user_id: me.id, chatroom_id: me.chatroom });
    const path = `/messages/chatroom/${me.chatroom}`;
    const { total } = (await rest("GET", `${path}?limit=1`)).body;
    const skip = Math.max(0, total - HISTORY_MAX);
    const { messages } = (await rest("GET", `${path}?skip=${skip}`)).body;
    for (const message of messages.reverse()) show(me, view, message, true);
  },

  async send(socket, me, text, view) {
    const body = { message_text: text, user_id: me.id, chatroom_id: me.chatroom, is_reply: false };
    const { status, body: answer } = await rest("POST", "/messages/", { body });
    if (status !== 201) view.bad(JSON.stringify(answer.detail));
  },
};

function show(me, view, { id, user_id, message_text, created_date }, older = false) {
  const who = me.names.get(user_id) ?? "somebody";
  const mine = user_id === me.id;
  view.line({ key: id, who, text: message_text, when: clock(created_date), mine, older });
}

/** Finds what is there already by its `key`, or makes it. */
async function ensure(path, list, wanted, key) {
  const { body } = await rest("GET", `${path}?limit=${LIST_MAX}`);
  const found = body[list].find((one) => one[key] === wanted[key]);
  return found ?? (await rest("POST", path, { body: wanted })).body;
}

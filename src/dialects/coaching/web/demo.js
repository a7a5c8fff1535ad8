// The demonstration's half that speaks `coaching`. What is exported, /web/demo.js says.
import { clock, rest } from "/web/kit.js";

const PEOPLE = ["alice@example.com", "bob@example.com"];
const CHAT = "Demo chat";
const HISTORY_MAX = 100;

export default {
  about: `Both take part in the group "${CHAT}". The history comes by REST.`,

  async login(at) {
    const account = { email: PEOPLE[at], password: "p@ssword" };
    const { status, body } = await rest("POST", "/api/auth/login", { body: account });
    return status === 200 ? body.data : { error: body.message };
  },

  async enter({ login }) {
    const { token, user } = await login();
    const { data: chats } = (await rest("GET", "/api/chats", { token })).body;
    const chat = chats.find(({ name }) => name === CHAT) ?? chats[0];
    if (!chat) throw new Error(`${user.first_name} takes part in no chat: run \`polylogue demo\``);
    const names = new Map(chat.participants.map(({ id, first_name }) => [id, first_name]));
    const options = { auth: { token } };
    return { name: user.first_name, id: user.id, token, chat: chat.id, names, options };
  },

  attach(socket, me, view) {
    const name = (id) => me.names.get(id) ?? `user ${id}`;
    socket.on("new-message", (message) => {
      if (message.chat_id !== me.chat) return;
      show(me, view, message);
      if (message.sender) view.present(message.sender.first_name, true);
    });
    socket.on("user-typing", ({ userId, isTyping }) => view.isTyping(name(userId), isTyping));
    socket.on("user-joined", ({ user }) => {
      view.note(`${user.first_name} joined`);
      view.present(user.first_name, true);
    });
    socket.on("user-left", ({ userId }) => {
      view.note(`${name(userId)} left`);
      view.present(name(userId), false);
    });
    socket.on("notification", ({ type }) => view.note(`Notification: ${type}`));
    socket.on("error", ({ message }) => view.bad(message));
  },

  async join(socket, me, view) {
    view.clear();
    socket.emit("join-chat", me.chat, ({ success }) => success && view.note("You joined the chat"));
    view.present(me.name, true);
    const path = `/api/chats/${me.chat}/messages?limit=${HISTORY_MAX}`;
    const { data } = (await rest("GET", path, { token: me.token })).body;
    for (const message of data.messages) show(me, view, message, true);
  },

  send(socket, me, text) {
    socket.emit("send-message", { chatId: me.chat, content: text });
  },

  typing(socket, me, isOn) {
    socket.emit("typing", { chatId: me.chat, isTyping: isOn });
  },
};

function show(me, view, { id, sender, sender_id, content, created_at }, older = false) {
  if (!sender) return view.note(content, { older });
  const line = { key: id, who: sender.first_name, text: content, when: clock(created_at) };
  return view.line({ ...line, mine: sender_id === me.id, older });
}

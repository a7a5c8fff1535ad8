// The demonstration's half that speaks `conversations`. What is exported, /web/demo.js says.
import { clock, rest } from "/web/kit.js";

const USERS = [1, 2];
const HISTORY_MAX = 100;
const nameOf = (id) => `user ${id}`;

export default {
  about: "The users 1 and 2 talk. Everybody hears who comes online, and goes; history by REST.",

  async enter({ at, login }) {
    const body = { sender_id: USERS[0], receiver_id: USERS[1] };
    let token;
    let made = await rest("POST", "/api/chats/conversations", { body });
    if (made.status === 401) {
      ({ token } = await login());
      made = await rest("POST", "/api/chats/conversations", { body, token });
    }
    if (made.status === 403) {
      // Somebody else's token: the other user of the conversation makes it as well.
      const turned = { sender_id: USERS[1], receiver_id: USERS[0] };
      made = await rest("POST", "/api/chats/conversations", { body: turned, token });
    }
    if (made.status !== 201) throw new Error(made.body.message);
    const id = USERS[at];
    const options = { query: { userId: id }, auth: token ? { token } : {} };
    const conversation = made.body.data.id;
    return { name: nameOf(id), id, conversation, token, namespace: "/chat", options };
  },

  attach(socket, me, view) {
    socket.on("receive-message", (message) => {
      if (message.conversation_id !== me.conversation) return;
      show(me, view, message);
      view.present(nameOf(message.sender_id), true);
    });
    socket.on("user-typing", ({ userId, isTyping }) => view.isTyping(nameOf(userId), isTyping));
    socket.on("user:online", ({ userId }) => view.present(nameOf(userId), true));
    socket.on("user:offline", ({ userId }) => view.present(nameOf(userId), false));
    socket.on("joined-conversation", () => view.note("You joined the conversation"));
    socket.on("message-error", ({ error }) => view.bad(error));
    socket.on("error", ({ message }) => view.bad(message));
  },

  async join(socket, me, view) {
    view.clear();
    socket.emit("join-conversation", { conversationId: me.conversation, userId: me.id });
    const path = `/api/chats/conversations/${me.conversation}/messages?limit=${HISTORY_MAX}`;
    const { messages } = (await rest("GET", path, { token: me.token })).body;
    for (const message of messages) show(me, view, message, true);
  },

  send(socket, me, text) {
    const to = { sender_id: me.id, conversation_id: me.conversation };
    socket.emit("send-message", { ...to, message_type: "text", content: text });
  },

  typing(socket, me, isOn) {
    const typing = { conversationId: me.conversation, userId: me.id, isTyping: isOn };
    socket.emit("typing", typing);
  },
};

function show(me, view, { id, sender_id, content, timestamp }, older = false) {
  const mine = sender_id === me.id;
  const line = { key: id, who: nameOf(sender_id), text: content, when: clock(timestamp) };
  view.line({ ...line, mine, older });
}

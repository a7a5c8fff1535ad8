// The example chat: logs in, lists one's chats, joins one, and talks there.
import { Log, byId, clock, make, onSubmit, onTyping, rest, showState } from "/web/kit.js";

const HISTORY_MAX = 100;
const log = new Log(byId("messages"));
const message = byId("message");
let me;
let token;
let socket;
let chat;
const typers = new Map();

/** A request that shows what went wrong -> `data`, or nothing. */
async function ask(method, path, body) {
  const answer = await rest(method, path, { token, body });
  const isGood = answer.body.success === true;
  byId("notice").textContent = isGood ? "" : (answer.body.message ?? `HTTP ${answer.status}`);
  byId("notice").hidden = isGood;
  return isGood ? answer.body.data : undefined;
}

async function logIn() {
  token = undefined;
  const account = { email: byId("email").value, password: byId("password").value };
  const found = await ask("POST", "/api/auth/login", account);
  if (!found) return;
  socket?.disconnect();
  leave();
  ({ user: me, token } = found);
  byId("inside").hidden = false;
  listen();
  await listChats();
}

function listen() {
  socket = io({ auth: { token }, forceNew: true });
  socket.on("connect", () => {
    showState(byId("state"), true);
    if (chat) open(chat);
  });
  socket.on("disconnect", () => showState(byId("state"), false));
  socket.on("connect_error", (error) => showState(byId("state"), false, error.message));
  socket.on("new-message", (said) => said.chat_id === chat?.id && show(said));
  socket.on("user-typing", ({ chatId, userId, isTyping }) => {
    if (chatId !== chat?.id) return;
    if (isTyping) typers.set(userId, nameOf(userId));
    else typers.delete(userId);
    showTyping();
  });
  socket.on("user-joined", ({ user }) => log.note(`${user.first_name} joined`));
  socket.on("user-left", ({ userId }) => log.note(`${nameOf(userId)} left`));
  socket.on("error", (wrong) => log.note(wrong.message, { bad: true }));
  socket.on("notification", ({ type, data }) => {
    byId("notifications").append(make("li", {}, `${type}: chat ${data.chatId}`));
    listChats();
  });
}

async function listChats() {
  const chats = (await ask("GET", "/api/chats")) ?? [];
  if (chat && !chats.some(({ id }) => id === chat.id)) leave();
  const item = (one) => {
    const isOpen = one.id === chat?.id;
    const marks = { type: "button", class: "quiet", "aria-current": String(isOpen) };
    const button = make("button", marks, titleOf(one));
    button.addEventListener("click", () => open(one).then(listChats));
    return make("li", {}, button);
  };
  byId("chats").replaceChildren(...chats.map(item));
}

async function open(one) {
  if (chat && chat.id !== one.id) socket.emit("leave-chat", chat.id);
  chat = one;
  socket.emit("join-chat", chat.id);
  const found = await ask("GET", `/api/chats/${one.id}/messages?limit=${HISTORY_MAX}`);
  if (chat !== one || !found) return;
  byId("chat-title").textContent = titleOf(chat);
  log.clear();
  typers.clear();
  found.messages.reverse().forEach(show);
  setOpen(true);
}

function leave() {
  chat = undefined;
  log.clear();
  byId("chat-title").textContent = "Choose a chat";
  setOpen(false);
}

function setOpen(isOpen) {
  for (const field of byId("say").querySelectorAll("input, button")) field.disabled = !isOpen;
}

function show({ sender, sender_id, content, created_at }) {
  if (!sender) return log.note(content);
  typers.delete(sender_id);
  showTyping();
  const mine = sender_id === me.id;
  return log.line({ who: fullName(sender), text: content, when: clock(created_at), mine });
}

function showTyping() {
  const names = [...typers.values()];
  byId("typing").textContent = names.length ? `${names.join(", ")} is typing …` : "";
}

const fullName = ({ first_name, last_name }) => `${first_name} ${last_name}`.trim();

function nameOf(userId) {
  const found = chat?.participants.find(({ id }) => id === userId);
  return found ? fullName(found) : `user ${userId}`;
}

/** A chat's name, else the names of the others in it. */
function titleOf({ name, participants }) {
  return name ?? participants.filter(({ id }) => id !== me.id).map(fullName).join(", ");
}

const stopTyping = onTyping(message, (isTyping) => {
  if (chat) socket.emit("typing", { chatId: chat.id, isTyping });
});

onSubmit(byId("login"), logIn);
onSubmit(byId("say"), () => {
  const content = message.value.trim();
  if (!content || !chat) return;
  stopTyping();
  message.value = "";
  socket.emit("send-message", { chatId: chat.id, content });
});
onSubmit(byId("new"), async () => {
  const ids = byId("participants").value.split(",").map((id) => Number(id.trim()));
  const name = byId("chat-name").value.trim();
  const wanted = { participant_ids: ids, ...(name ? { name, is_group: true } : {}) };
  const made = await ask("POST", "/api/chats", wanted);
  if (!made) return;
  byId("new").reset();
  await open(made);
  await listChats();
});

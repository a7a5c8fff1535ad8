// The test client: connects as a user, joins a conversation, talks there, and shows every event.
import { Log, byId, clock, make, onSubmit, onTyping, showState } from "/web/kit.js";

const EVENTS_MAX = 200;
const log = new Log(byId("messages"));
const typers = new Set();
let socket;

const number = (id) => Number(byId(id).value);

if (location.protocol.startsWith("http")) byId("server").value = location.origin;

function connect() {
  socket?.disconnect();
  log.clear();
  const token = byId("token").value.trim();
  socket = io(`${byId("server").value.replace(/\/$/, "")}/chat`, {
    query: { userId: byId("user").value },
    auth: token ? { token } : {},
    transports: ["websocket", "polling"],
    forceNew: true,
  });
  socket.on("connect", () => {
    log.note(`Connected as user ${byId("user").value}`);
    show(true);
  });
  socket.on("disconnect", (reason) => {
    log.note(`Disconnected: ${reason}`);
    show(false);
  });
  socket.on("connect_error", ({ message }) => log.note(message, { bad: true }));
  socket.onAny((event, ...args) => note("←", event, args));
  socket.onAnyOutgoing((event, ...args) => note("→", event, args));
  listen();
}

function listen() {
  const name = (userId) => `User ${userId}`;
  socket.on("joined-conversation", ({ conversationId }) => {
    log.note(`Joined conversation ${conversationId}`);
  });
  socket.on("receive-message", ({ sender_id, content, timestamp }) => {
    typers.delete(name(sender_id));
    showTyping();
    const mine = sender_id === number("user");
    log.line({ who: name(sender_id), text: content, when: clock(timestamp), mine });
  });
  socket.on("user-typing", ({ userId, isTyping }) => {
    if (isTyping) typers.add(name(userId));
    else typers.delete(name(userId));
    showTyping();
  });
  socket.on("user:online", ({ userId }) => log.note(`${name(userId)} is online`));
  socket.on("user:offline", ({ userId }) => log.note(`${name(userId)} is offline`));
  socket.on("message-error", ({ error }) => log.note(error, { bad: true }));
  socket.on("error", ({ message }) => log.note(message, { bad: true }));
}

function show(isOn) {
  showState(byId("state"), isOn);
  for (const id of ["disconnect", "join", "leave", "send"]) byId(id).disabled = !isOn;
  typers.clear();
  showTyping();
}

function showTyping() {
  byId("typing").textContent = typers.size ? `${[...typers].join(", ")} is typing …` : "";
}

function note(arrow, event, args) {
  const list = byId("events");
  const words = `${arrow} ${event} ${args.map((arg) => JSON.stringify(arg)).join(" ")}`;
  list.append(make("li", { class: arrow === "→" ? "out" : "in" }, words));
  if (list.children.length > EVENTS_MAX) list.firstElementChild.remove();
  list.scrollTop = list.scrollHeight;
}

const place = () => ({ conversationId: number("conversation") });
const me = () => ({ ...place(), userId: number("user") });
const stopTyping = onTyping(byId("message"), (isTyping) => {
  if (socket?.connected) socket.emit("typing", { ...me(), isTyping });
});

onSubmit(byId("connection"), connect);
onSubmit(byId("place"), () => socket?.emit("join-conversation", me()));
byId("disconnect").addEventListener("click", () => socket.disconnect());
byId("leave").addEventListener("click", () => {
  socket.emit("leave-conversation", place(), ({ success }) => {
    if (success) log.note(`Left conversation ${number("conversation")}`);
  });
});
onSubmit(byId("say"), () => {
  const content = byId("message").value.trim();
  if (!content || !socket?.connected) return;
  stopTyping();
  byId("message").value = "";
  socket.emit("send-message", {
    sender_id: number("user"),
    conversation_id: number("conversation"),
    message_type: "text",
    content,
  });
});

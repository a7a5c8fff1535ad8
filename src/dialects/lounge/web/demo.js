// The demonstration's half that speaks `lounge`. What is exported, /web/demo.js says.

const ROOM = "1";
const NICKNAMES = ["neo", "trinity"];

export default {
  about:
    `Both sit in room ${ROOM}, one seat each. Whoever joins is told the history, and everybody ` +
    "who is there. This API has no typing event.",

  async enter({ at, login }) {
    const { token } = await login();
    const nickname = NICKNAMES[at];
    return { name: nickname, options: { auth: { token, nickname } } };
  },

  attach(socket, me, view) {
    socket.on("message", (message) => show(me, view, message));
    socket.on("history", (lines) => {
      view.clear();
      for (const message of JSON.parse(lines)) show(me, view, message);
    });
    socket.on("roomUsers", ({ users }) => {
      view.allPresent(users.map(({ nickname }) => nickname));
    });
    socket.on("alert", ({ type, text }) => view.bad(`${type}: ${text}`));
  },

  join(socket) {
    socket.emit("joinRoom", { room: ROOM });
  },

  send(socket, me, text) {
    socket.emit("chatMessage", JSON.stringify({ type: "text", text }));
  },
};

function show(me, view, { type, text, nickname, time, imageUrl }) {
  if (type === "system") return view.note(text);
  const words = imageUrl ? `${text} (${imageUrl})` : text;
  return view.line({ who: nickname, text: words, when: time, mine: nickname === me.name });
}

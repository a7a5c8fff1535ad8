// The demonstration's half that speaks `rooms`. What is exported, /web/demo.js says.
import { rest } from "/web/kit.js";

const ROOM = "room_1";
const PEOPLE = ["user_1", "user_2"];
const CAME_OR_WENT = /^(?!You )(\S+) (joined|left) the room$/;

export default {
  about:
    `Both are in ${ROOM}. Whoever joins is told what was said there before, and is not told who ` +
    "else is there. This API has no typing event.",

  async login(at) {
    const account = { username: PEOPLE[at], password: "p@ssword" };
    const { status, body } = await rest("POST", "/auth/login", { body: account });
    return status === 201 ? { token: body.access_token } : { error: body.message };
  },

  async enter({ at, login }) {
    const { token } = await login();
    return { name: PEOPLE[at], options: { auth: { token } } };
  },

  attach(socket, me, view) {
    socket.on("connected", ({ message }) => view.note(message));
    socket.on("system_message", ({ message }) => {
      view.note(message);
      const [, name, what] = CAME_OR_WENT.exec(message) ?? [];
      if (name) view.present(name, what === "joined");
    });
    // The history, newest first.
    socket.on("join_room", (said) => {
      const [[who, text]] = Object.entries(said);
      view.line({ who, text, mine: who === me.name, older: true });
    });
    socket.on("send_message", (said) => {
      const [[who, text]] = Object.entries(said);
      view.line({ who, text });
      view.present(who, true);
    });
  },

  join(socket, me, view) {
    view.clear();
    socket.emit("join_room", ROOM, () => view.present(me.name, true));
  },

  send(socket, me, text, view) {
    // The others hear it; whoever said it has the ack.
    socket.emit("send_message", { room: ROOM, content: text }, ({ error }) => {
      if (!error) view.line({ who: me.name, text, mine: true });
    });
  },
};

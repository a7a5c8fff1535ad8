// The demonstration's half that speaks `rooms`. What is exported, /web/demo.js says.

const ROOM = "room_1";
const PEOPLE = ["user_1", "user_2"];
const CAME_OR_WENT = /^(\S+) (joined|left) the room$/;

export default {
  about: `Both are in ${ROOM}. On joining, everything said there before comes along. This API has no typing event.`,

  async login(rest, at) {
    const account = { username: PEOPLE[at], password: "p@ssword" };
    const { status, body } = await rest("POST", "/auth/login", { body: account });
    return status === 201 ? { token: body.access_token } : { error: body.message };
  },

  async enter({ login, at }) {
    const { token } = await login();
    return { name: PEOPLE[at], options: { auth: { token } } };
  },

  attach(socket, me, view) {
    const said = (line) => Object.entries(line)[0];
    socket.on("connected", ({ message }) => view.note(message));
    socket.on("system_message", ({ message }) => {
      view.note(message);
      const [, name, what] = CAME_OR_WENT.exec(message) ?? [];
      if (name) view.present(name, what === "joined");
    });
    // The history, newest first.
    socket.on("join_room", (line) => {
      const [who, text] = said(line);
      view.line({ who, text, mine: who === me.name, older: true });
    });
    socket.on("send_message", (line) => {
      const [who, text] = said(line);
      view.line({ who, text });
      view.present(who, true);
    });
  },

  join(socket, me, view) {
    view.clear();
    socket.emit("join_room", ROOM, () => view.present(me.name, true));
  },

  send(socket, me, text, view) {
    // The others hear it; whoever sent it has the ack.
    socket.emit("send_message", { room: ROOM, content: text }, ({ error }) => {
      if (!error) view.line({ who: me.name, text, mine: true });
    });
  },
};

// The snippets printed in the lounge document, as printed but for the address and the names left
// open: the connection, each event, and each message.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { TRUSTING, lounger, seat } from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { Surroundings } from "../kit/snippet.mjs";
import { SECRET, epoch, sign } from "../kit/tokens.mjs";
import { until } from "../kit/until.mjs";

const TIME = /^\d{1,2}:\d\d [ap]m$/;

let server;
let around;
before(async () => {
  server = await Polylogue.mounting(["lounge"], ...TRUSTING);
  around = new Surroundings(server);
});
afterEach(() => around.close());
after(() => server?.remove());

/** A browser's storage that holds a token alone. */
const storage = (token) => ({ getItem: (key) => (key === "token" ? token : null) });

test("HOWTO, connect_error, roomUsers, message, chatMessage", async () => {
  const ann = await seat(server, 1);
  const socket = connection(around, storage(lounger(2)));
  const names = [];
  const shown = [];
  errors(around, socket);
  occupants(socket, (room) => names.push(room), (users) => shown.push(users));
  messages(around, socket);
  await until(() => around.lines.some(([, it]) => it.text === "user 2 joined"), "the joining");
  assert.deepEqual(names, ["1"]);
  assert.deepEqual(shown[0].map(({ id }) => id).toSorted(), [1, 2]);
  assert.ok(around.lines.every(([, { type, time }]) => type === "system" && TIME.test(time)));
  assert.equal(around.lines[0][1].text, "welcome to chat");
  around.lines.length = 0;

  speaking(socket, "hello", "https://example.com/a.png");
  await around.printed("log", "Image message");
  const [[, text], image] = around.lines;
  const { nickname, time, ...said } = text;
  assert.deepEqual(said, { type: "text", id: 2, text: "hello" });
  assert.equal(typeof nickname, "string");
  assert.match(time, TIME);
  assert.deepEqual(image, ["log", "Image message"]);
  await ann.until(() => ann.heard("message").some(({ type }) => type === "image"), "the image");
  const { imageUrl } = ann.heard("message").find(({ type }) => type === "image");
  assert.equal(imageUrl, "https://example.com/a.png");
  ann.leave();
});

test("connect_error: E01, refresh required", async () => {
  const expired = sign({ id: 1, iat: epoch(-60), exp: epoch(-30) }, { secret: SECRET });
  errors(around, connection(around, storage(expired)));
  await around.printed("log", { content: "refresh required" });
  assert.deepEqual(around.lines, [
    ["log", "E01"],
    ["log", { content: "refresh required" }],
  ]);
});

function connection({ io }, localStorage) {
  const socket = io("https://chat.example", {
      auth: {
          token: localStorage.getItem("token"),
          nickname: localStorage.getItem("token"),
      },
  });

  socket.emit("joinRoom", { room: "1" });
  return socket;
}

function errors({ console }, socket) {
  socket.on("connect_error", (err)=> {
        console.log(err.message); // E01
        console.log(err.data); // {content: refresh required}
  })
}

function occupants(socket, outputRoomName, outputUsers) {
  socket.on("roomUsers", ({ room, users }) => {
      outputRoomName(room);
      outputUsers(users);
  });
}

function messages({ console }, socket) {
  socket.on("message", (message) => {
     if (message.type === "system") {
        console.log(message);
     } else if (message.type === "text") {
        console.log(message);
     } else {
        console.log("Image message");
     }
  });
}

function speaking(socket, text, imageUrl) {
  socket.emit("chatMessage", JSON.stringify({ type: "text", text}));

  socket.emit("chatMessage", JSON.stringify({ type: "image", text, imageUrl}));
}

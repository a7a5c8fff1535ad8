// What must never stand in a log, at whatever level: tokens, passwords, and what people say. A walk
// through every dialect, its mistakes among it, with everything logged that can be.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { Client, TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { SECRET, sign } from "../kit/tokens.mjs";
import { until } from "../kit/until.mjs";

const SAID = "winterberry";
const PASSWORD = "sesame-open-9";
const WRONG = {
  password: "sesame-shut-9",
  token: sign({ id: 1 }, { secret: "no secret of ours" }),
};
const PERSON = { email: "walker@example.com", first_name: "A", last_name: "B" };
const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";

/** Starts a server that logs all it can -> it, and a function that gives its log. */
async function talkative(...flags) {
  process.env.RUST_LOG = "trace";
  const server = await Polylogue.mounting([], "--jwt-secret", SECRET, ...flags);
  delete process.env.RUST_LOG;
  let log = server.stderr;
  server.child.stderr.on("data", (text) => (log += text));
  return { server, log: () => log };
}

/** Everybody's words and mistakes, over every transport -> the good tokens that were used. */
async function walk(server) {
  const json = { ...PERSON, password: PASSWORD };
  const { body } = await rest(server, "POST", "/api/auth/register", { json });
  const { token } = body.data;
  for (const password of [PASSWORD, WRONG.password]) {
    await rest(server, "POST", "/api/auth/login", { json: { email: PERSON.email, password } });
    await rest(server, "POST", "/auth/login", { json: { username: "nobody", password } });
  }
  for (const bearer of [token, WRONG.token]) {
    const post = { token: bearer, json: { room_code: "r", content: SAID } };
    await rest(server, "POST", "/messages", post);
    await rest(server, "POST", "/messages", { token: bearer, text: `{"content":"${SAID}` });
    await rest(server, "POST", "/api/chats", { token: bearer, json: { initial_message: SAID } });
    await rest(server, "POST", "/api/rooms", { token: bearer, json: { room: SAID } });
  }
  await rest(server, "POST", "/users/", { json: { name: SAID, handle: 7 } });
  for (const transports of Object.values(TRANSPORTS)) await talk(server, token, transports);
  await rude(server, token);
  return [token];
}

async function talk(server, token, transports) {
  await Client.refusal(server, { token: WRONG.token, transports });
  await Client.refusal(server, { headers: { token: WRONG.token }, transports });
  const client = await Client.connect(server, { auth: { token, nickname: "neo" }, transports });
  await client.ask("join_room");
  await client.ask("send_message", SAID);
  await client.ask("send_message", { content: { [SAID]: 1 } });
  await client.ask("send-message", { chatId: 1, content: SAID });
  await client.ask("joinRoom", { room: "1" });
  await client.ask("chatMessage", JSON.stringify({ type: "text", text: SAID }));
  await client.ask("chatMessage", { type: SAID });
  client.say(SAID, SAID);
  await client.settle();
  client.leave();
}

/** What no client library sends: broken packets and too large ones, with words in them. */
async function rude(server, token) {
  const broken = [`42["x","${SAID}`, `40{"token":"${token}"`, `9${SAID}`];
  for (const packet of [...broken, SAID.repeat(200_000)]) {
    const opened = await fetch(`${server.url}${HANDSHAKE}`);
    const { sid } = JSON.parse((await opened.text()).slice(1));
    await fetch(`${server.url}${HANDSHAKE}&sid=${sid}`, { method: "POST", body: packet });
    const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url);
    await once(socket, "open");
    socket.send(packet);
    await once(socket, "close");
  }
  await fetch(`${server.url}/nowhere?token=${token}`, { headers: { authorization: token } });
}

test("no token, password or word of anybody's stands in the log", async () => {
  const { server, log } = await talkative();
  try {
    const tokens = await walk(server);
    await until(() => log().includes("a connection closed"), "a line of the log");
    await server.stop();
    const private_ = [SAID, PASSWORD, WRONG.password, WRONG.token, SECRET, ...tokens];
    // A part of a token is a part of a secret.
    private_.push(...[WRONG.token, ...tokens].map((token) => token.split(".")[2]));
    for (const text of private_) {
      const line = log().split("\n").find((each) => each.includes(text));
      assert.equal(line, undefined, text.slice(0, 20));
    }
    assert.ok(log().split("\n").length > 20, "the log has lines");
  } finally {
    await server.remove();
  }
});

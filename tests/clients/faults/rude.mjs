// Every rude way to leave a server, and the polite one. Each comes, joins a room, talks where it
// can, and goes; what it opened is in `ends`, for the case that it does not get there.
// Spoken to by: churn.mjs.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { Client } from "../kit/client.mjs";
import { reset } from "../kit/proxy.mjs";
import { within } from "../kit/until.mjs";

const ENGINE = "/socket.io/?EIO=4&transport";
const WORDS = 5;
/** As long as a server with short timeouts has patience. */
const SILENCE_MS = 5_000;
/** What a stuck reader lets pile up. */
const PILED = 40;
const PILE = "x".repeat(30_000);

/** By name: `(server, { token, room, ends })`, done when it has gone. */
export const WAYS = {
  "a goodbye, by WebSocket": (server, who) => visit(server, who, ["websocket"]),
  "a goodbye, by polling": (server, who) => visit(server, who, ["polling"]),
  "a goodbye, after an upgrade": (server, who) => visit(server, who, ["polling", "websocket"]),
  "a reset among words": async (server, who) => {
    const socket = await joined(server, who);
    for (let n = 0; n < WORDS; n += 1) socket.send(said(`${n}`));
    reset(socket._socket);
  },
  "half a close, then silence": async (server, who) => {
    const socket = await joined(server, who);
    socket._socket.end();
    await gone(socket);
  },
  "silence: no pong, no close": async (server, who) => {
    const socket = await joined(server, who, { isSilent: true });
    await gone(socket);
  },
  "no CONNECT": async (server, who) => {
    const socket = await bare(server, who);
    await gone(socket);
  },
  "no CONNECT, and a reset": async (server, who) => reset((await bare(server, who))._socket),
  "a reader that is stuck": async (server, who) => {
    const socket = await joined(server, who);
    socket.pause();
    for (let n = 0; n < PILED; n += 1) socket.send(said(PILE));
    await sleep(SILENCE_MS / 10);
    reset(socket._socket);
  },
  "a reset in the middle of an upgrade": async (server, who) => {
    const sid = await handshake(server, who);
    const socket = await bare(server, who, `&sid=${sid}`);
    socket.send("2probe");
    reset(socket._socket);
  },
  "an upgrade that is never finished": async (server, who) => {
    const sid = await handshake(server, who);
    const socket = await bare(server, who, `&sid=${sid}`);
    socket.send("2probe");
    await gone(socket);
  },
  "a reset in the middle of a POST": async (server, who) => {
    const sid = await handshake(server, who);
    const head = `POST ${ENGINE}=polling&sid=${sid} HTTP/1.1\r\nHost: a\r\nContent-Length: 999`;
    await broken(server, `${head}\r\n\r\n42["send_`);
  },
  "a poll that is cancelled": async (server, who) => {
    const sid = await handshake(server, who);
    await broken(server, `GET ${ENGINE}=polling&sid=${sid} HTTP/1.1\r\nHost: a\r\n\r\n`);
  },
  "a polling session that is left alone": (server, who) => handshake(server, who),
  "half a request": (server) => broken(server, "GET /socket.io/?EIO=4&tran"),
  "an upgrade where nobody is": (server) =>
    broken(
      server,
      "GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    ),
  "a post by REST, cut off": (server, { token }) =>
    broken(
      server,
      `POST /messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"room_code":"a",',
    ),
};

async function visit(server, { token, room, ends }, transports) {
  const client = await Client.join(server, { token, transports });
  ends.push(() => client.leave());
  await client.ask("join_room", room);
  for (let n = 0; n < WORDS; n += 1) await client.ask("send_message", { room, content: `${n}` });
  client.leave();
}

const said = (content) => `42["send_message",${JSON.stringify(content)}]`;

/** A bare WebSocket with its handshake. */
async function bare(server, { ends }, query = "") {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}${ENGINE}=websocket${query}`);
  ends.push(() => socket.terminate());
  socket.on("error", () => {});
  await within(new Promise((resolve) => socket.once("open", resolve)), "a WebSocket");
  return socket;
}

/** The same in the room; it answers pings, unless it is silent. */
async function joined(server, who, { isSilent = false } = {}) {
  const { token, room } = who;
  const socket = await bare(server, who);
  const seated = new Promise((resolve) => {
    socket.on("message", (bytes) => {
      const text = String(bytes);
      if (text === "2" && !isSilent) socket.send("3");
      if (text.startsWith("430")) resolve();
    });
  });
  socket.send(`40${JSON.stringify({ token })}`);
  socket.send(`420["join_room",${JSON.stringify(room)}]`);
  await within(seated, "a seat");
  return socket;
}

/** A polling session that has joined the room -> its sid. */
async function handshake(server, { token, room }) {
  const url = `${server.url}${ENGINE}=polling`;
  const opened = await (await fetch(url)).text();
  const { sid } = JSON.parse(opened.slice(1));
  const body = `40${JSON.stringify({ token })}\x1e42["join_room",${JSON.stringify(room)}]`;
  await (await fetch(`${url}&sid=${sid}`, { method: "POST", body })).text();
  return sid;
}

/** Sends some bytes and resets the stream once they are on their way. */
async function broken(server, text) {
  const { hostname, port } = new URL(server.url);
  const stream = connect(Number(port), hostname);
  stream.on("error", () => {});
  await within(new Promise((resolve) => stream.write(text, resolve)), "a write");
  await sleep(10);
  reset(stream);
}

/** Waits until the server has ended it. */
function gone(socket) {
  if (socket.readyState === WebSocket.CLOSED) return undefined;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  return within(closed, "the server to end it", 6 * SILENCE_MS);
}

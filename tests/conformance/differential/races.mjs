// Requests that go wrong on the way, and transports that meet: bodies cut off, lengths that lie,
// requests in one breath, and a POST or a close in the middle of an upgrade.
import http from "node:http";
import { connect } from "node:net";
import { ENGINE_IO, Polling, Wire, arrival, forgotten, within } from "../kit/wire.mjs";
import { ECHO_FENCE, code, overPolling, overWebSocket, packet } from "./observe.mjs";

/** Heads of a POST whose body is not what they say: headers, body -> the answer's status. */
const LENGTHS = {
  "a length too short": [["content-length: 2"], "4abc"],
  "two lengths that differ": [["content-length: 2", "content-length: 3"], "4ab"],
  "a length and chunks": [["content-length: 2", "transfer-encoding: chunked"], "2\r\n4a\r\n0\r\n\r\n"],
  "a length below nothing": [["content-length: -1"], "4a"],
  "a length that is no number": [["content-length: two"], "4a"],
  "chunks of no length": [["transfer-encoding: chunked"], "zz\r\n4a\r\n0\r\n\r\n"],
  "an unknown encoding": [["transfer-encoding: gzip"], "4a"],
};

const ALIVE = { frames: [], lives: true };
const LENGTH_DIFFERS = {
  "a length too short": {
    ours: { statuses: [200], ...ALIVE, frames: ["4a"] },
    why: "the body is what its length says; what is behind it on a stream that closes is nobody's",
  },
  "a length and chunks": {
    ours: { statuses: [200], ...ALIVE, frames: ["4a"] },
    why: "chunks go before a length, as HTTP lets a server choose",
  },
  "an unknown encoding": {
    ours: { statuses: [400], ...ALIVE },
    why: "it is refused before it is the session's",
  },
};

export const cases = [
  ...Object.entries(LENGTHS).map(([name, [headers, body]]) => ({
    name: `POST with ${name}`,
    run: (server) => lying(server, headers, body),
    differs: LENGTH_DIFFERS[name],
  })),
  { name: "a body cut off in the middle, by its end", run: (server) => cut(server, "end") },
  { name: "a body cut off in the middle, by a reset", run: (server) => cut(server, "resetAndDestroy") },
  { name: "a chunked body cut off in the middle", run: cutChunks },
  {
    name: "two POSTs in one breath",
    run: (server) => pipelined(server, ["4a", "4b"]),
    differs: {
      ours: { statuses: [200, 200], ...ALIVE, frames: ["4a", "4b"] },
      why: "on one stream a request is heard when the one before it is answered: they overlap not",
    },
  },
  { name: "a POST and a poll in one breath", run: (server) => pipelined(server, ["4a", undefined]) },
  {
    name: "upgrade: a POST is under way meanwhile",
    run: postUnderWay,
    differs: {
      ours: { moved: "4moved", status: 200, ...ALIVE, frames: ["4half"] },
      why: "a request that was begun is heard; the stock server cuts it off and loses its message",
    },
  },
  { name: "upgrade: a POST is cut off meanwhile", run: postCut },
  { name: "upgrade: the WebSocket closes right behind the upgrade packet", run: closedBehind },
  { name: "upgrade: the WebSocket is reset right behind the upgrade packet", run: resetBehind },
  { name: "upgrade: two WebSockets at once, the first one is taken", run: twoAtOnce },
];

/** A stream of bytes -> what came back until the end: the statuses of the answers. */
async function exchange(server, bytes, end = () => {}) {
  const { hostname, port } = new URL(server);
  const socket = connect(Number(port), hostname);
  let read = "";
  socket.on("data", (chunk) => (read += chunk.toString("latin1")));
  const closed = new Promise((resolve) => {
    socket.on("error", resolve);
    socket.on("close", resolve);
  });
  socket.write(bytes);
  await end(socket);
  await within(closed, "the stream's end");
  return [...read.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

function post(session, headers, body) {
  const { host, pathname, search } = new URL(session.url);
  const lines = [`POST ${pathname}${search} HTTP/1.1`, `host: ${host}`, "content-type: text/plain"];
  return `${[...lines, ...headers].join("\r\n")}\r\n\r\n${body}`;
}

async function lying(server, headers, body) {
  const session = await Polling.open(server);
  const statuses = await exchange(server, post(session, [...headers, "connection: close"], body));
  return { statuses, ...(await overPolling(session, ...ECHO_FENCE)) };
}

async function cut(server, how) {
  const session = await Polling.open(server);
  const statuses = await exchange(server, post(session, ["content-length: 10"], "4abc"), async (socket) => {
    await arrival();
    socket[how]();
  });
  return { answered: statuses.includes(200), after: await forgotten(session) };
}

async function cutChunks(server) {
  const session = await Polling.open(server);
  const bytes = post(session, ["transfer-encoding: chunked"], "4\r\n4abc\r\n");
  const statuses = await exchange(server, bytes, async (socket) => {
    await arrival();
    socket.end();
  });
  return { answered: statuses.includes(200), after: await forgotten(session) };
}

async function pipelined(server, bodies) {
  const session = await Polling.open(server);
  const requests = bodies.map((body, i) => {
    const last = i === bodies.length - 1 ? ["connection: close"] : [];
    if (body === undefined) return post(session, last, "").replace("POST", "GET");
    return post(session, [...last, `content-length: ${body.length}`], body);
  });
  const statuses = await exchange(server, requests.join(""));
  return { statuses, ...(await overPolling(session, ...ECHO_FENCE)) };
}

async function probing(server) {
  const session = await Polling.open(server);
  const wire = await Wire.open(server, ENGINE_IO, session.sid);
  wire.send("2probe");
  await wire.next("the probe's answer");
  return { session, wire };
}

/** A POST of which the first half is sent; `status` resolves with the answer's, or "reset". */
function half(session) {
  const outgoing = http.request(session.url, { method: "POST", agent: false });
  outgoing.status = new Promise((resolve) => {
    outgoing.on("error", () => resolve("reset"));
    outgoing.on("response", (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode);
    });
  });
  outgoing.write("4ha");
  return outgoing;
}

async function postUnderWay(server) {
  const { session, wire } = await probing(server);
  const outgoing = half(session);
  await arrival();
  wire.send("5", "4moved");
  const moved = packet(await wire.next("an echo by WebSocket"));
  outgoing.end("lf");
  const status = await within(outgoing.status, "an answer to the POST");
  return { moved, status, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function postCut(server) {
  const { session, wire } = await probing(server);
  const outgoing = half(session);
  await arrival();
  wire.send("5", "4moved");
  const moved = packet(await wire.next("an echo by WebSocket"));
  outgoing.destroy();
  await arrival();
  return { moved, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function closedBehind(server) {
  const { session, wire } = await probing(server);
  wire.send("5");
  wire.socket.close(1000);
  const closed = code(await within(wire.closed, "the close"));
  return { closed, after: await forgotten(session) };
}

async function resetBehind(server) {
  const { session, wire } = await probing(server);
  wire.send("5");
  wire.socket._socket.resetAndDestroy();
  await wire.closed;
  return { after: await forgotten(session) };
}

async function twoAtOnce(server) {
  const session = await Polling.open(server);
  const open = () => Wire.open(server, ENGINE_IO, session.sid);
  const [one, other] = [await open(), await open()];
  const closed = code(await within(other.closed, "the second one's close"));
  one.send("2probe");
  const answered = packet(await one.next("the probe's answer"));
  one.send("5");
  return { closed, answered, ...(await overWebSocket(one, ...ECHO_FENCE)) };
}

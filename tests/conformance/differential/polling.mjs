// A polling session of the Engine.IO echo: bodies, content types, sizes, methods, races, close.
import http from "node:http";
import { ENGINE_IO, Polling, arrival, forgotten, request } from "../kit/wire.mjs";
import { ECHO_FENCE, answer, brief, fatal, overPolling } from "./observe.mjs";

const MAX_PAYLOAD_BYTES = 1_000_000;
const METHOD_WHY = "a client's request is answered 400, never 500";
const UNSPOKEN = { status: 400, headers: {}, body: '{"code":3,"message":"Bad request"}' };

/** Bodies after which the session may live: what the POST says, what comes back, what remains. */
const BODIES = {
  "one packet": "4a",
  "an empty message": "4",
  "three packets": "4a\x1e4b\x1e4c",
  "text beyond ASCII": "4é€😀\u0000\u2028",
  "line breaks": "4a\r\nb",
  "a binary packet": "bAQIDBA==",
  "an empty binary packet": "b",
  "base64 without padding": "bAQ",
  "base64 in the URL's alphabet": "b-_-_",
  "base64 with a break": "bAQID\nBA==",
  "base64 that is none": "b!!!!",
  "a binary packet with a type digit": "b4AQIDBA==",
  "a pong that nobody asked for": "3",
  "a probe's pong": "3probe",
  "an open packet": '0{"sid":"x"}',
  "an upgrade packet": "5",
  "base64 that ends early": "bAQ==ID",
  "a NUL alone": "\0",
  "a message of white space": "4 ",
  "a cut character": Buffer.from([0x34, 0xe2, 0x82]),
  "a noop": "6",
  "a hundred packets": Array.from({ length: 100 }, (_, i) => `4m${i}`).join("\x1e"),
  "just the limit": `4${"x".repeat(MAX_PAYLOAD_BYTES - 1)}`,
  "just the limit, in three-byte characters": `4${"€".repeat(333_333)}`,
  "bytes that are no UTF-8": Buffer.from([0x34, 0xff, 0xfe, 0x61]),
  "a byte order mark within": "4\ufeffa",
  nothing: "",
  "a trailing separator": "4a\x1e",
  "a leading separator": "\x1e4a",
  "two separators": "4a\x1e\x1e4b",
  "a separator alone": "\x1e",
  "an unknown type": "9",
  "a letter": "x",
  "a type of two digits": "7a",
  "a byte order mark before": "\ufeff4a",
  "white space before": " 4a",
  "a ping, the wrong way": "2",
  "a probe's ping": "2probe",
  "a good packet, then a bad one": "4a\x1ex",
  "a bad packet, then a good one": "x\x1e4a",
  "the old length prefix": "2:4a",
};

const TYPES = {
  "text/plain": "4a",
  "text/plain;charset=utf-16": "4a",
  "Application/Octet-Stream": "4a",
  "application/json": "4a",
  "application/x-www-form-urlencoded": "d=4a",
  "application/octet-stream": "4a",
  "application/octet-stream; charset=x": "4a",
  "multipart/form-data; boundary=x": "4a",
};

const METHODS = ["PUT", "DELETE", "PATCH", "HEAD"];

/** Other queries that name the session: each a GET. `S` stands for its id. */
const QUERIES = {
  "of revision 3": "EIO=3&transport=polling&sid=S",
  "without EIO": "transport=polling&sid=S",
  "by WebSocket, but no upgrade": "EIO=4&transport=websocket&sid=S",
  "without a transport": "EIO=4&sid=S",
  "by an unknown transport": "EIO=4&transport=abc&sid=S",
  "by two ids, the last right": "EIO=4&transport=polling&sid=x&sid=S",
  "by two ids, the last wrong": "EIO=4&transport=polling&sid=S&sid=x",
  "by its id and a blank": "EIO=4&transport=polling&sid=S%20",
  "by its id encoded": "EIO=4&transport=polling&sid=ENCODED",
  "at another path": "OTHER",
};

export const cases = [...bodies(), ...types(), ...methods(), ...queries(), ...headers(), ...rest()];

function bodies() {
  return Object.entries(BODIES).map(([name, body]) => ({
    name: `POST of ${name}`,
    run: async (server) => afterPost(await Polling.open(server), body),
  }));
}

function types() {
  return Object.entries(TYPES).map(([type, body]) => ({
    name: `POST as ${type}`,
    run: async (server) => {
      const session = await Polling.open(server);
      return afterPost(session, body, { headers: { "content-type": type } });
    },
  }));
}

function methods() {
  return METHODS.map((method) => ({
    name: `${method} on a session`,
    run: async (server) => {
      const session = await Polling.open(server);
      const { status, body } = await request(session.url, { method });
      return { status, body, ...(await overPolling(session, ...ECHO_FENCE)) };
    },
    differs: {
      ours: { status: 400, body: method === "HEAD" ? "" : UNSPOKEN.body, frames: [], lives: true },
      why: METHOD_WHY,
    },
  }));
}

function queries() {
  return Object.entries(QUERIES).map(([name, query]) => ({
    name: `session asked for ${name}`,
    run: async (server) => {
      const session = await Polling.open(server);
      await session.post("4waiting");
      const encoded = `%${session.sid.charCodeAt(0).toString(16)}${session.sid.slice(1)}`;
      const asked = query.replace("S", session.sid).replace("ENCODED", encoded);
      const url =
        query === "OTHER"
          ? session.url.replace("/engine.io/", "/socket.io/")
          : `${server}${ENGINE_IO}?${asked}`;
      const asking = answer(await request(url));
      return { asking, ...(await overPolling(session, ...ECHO_FENCE)) };
    },
  }));
}

function headers() {
  const rows = {
    "an Origin": { origin: "http://app.example" },
    "an old browser": { "user-agent": "Mozilla/5.0 (Trident/7.0; rv:11.0)" },
    "a wish for gzip": { "accept-encoding": "gzip" },
  };
  return Object.entries(rows).map(([name, sent]) => ({
    name: `session with ${name}`,
    run: async (server) => {
      const session = await Polling.open(server);
      const posted = answer(await session.post("4a", { headers: sent }));
      return { posted, polled: answer(await session.poll({ headers: sent })) };
    },
  }));
}

function rest() {
  return [
    {
      name: "POST over the limit",
      run: (server) => oversized(server, "x".repeat(MAX_PAYLOAD_BYTES)),
    },
    {
      name: "POST over the limit in bytes, not in characters",
      run: (server) => oversized(server, "€".repeat(400_000)),
    },
    { name: "POST over the limit, in chunks", run: oversizedInChunks },
    { name: "POST in chunks", run: inChunks },
    { name: "second poll beside a pending one", run: secondPoll },
    { name: "second POST beside a pending one", run: secondPost },
    { name: "aborted poll", run: abortedPoll },
    { name: "aborted POST", run: abortedPost },
    { name: "POST that answers a pending poll", run: answeredPoll },
    { name: "many POSTs, then polls", run: manyPosts },
    { name: "close with no poll pending", run: (server) => closing(server, "1") },
    { name: "close before another packet", run: (server) => closing(server, "1\x1e4a") },
    { name: "close after another packet", run: (server) => closing(server, "4a\x1e1") },
    { name: "close with a poll pending", run: closeFreesPoll },
    { name: "close after another packet, a poll pending", run: messageThenClose },
    { name: "bad packet with a poll pending", run: badFreesPoll },
    { name: "poll of a session that was closed", run: pollOfClosed },
  ];
}

/** A POST observed, and the session after it. */
async function afterPost(session, body, options) {
  const posted = await session.post(body, options);
  const after = await overPolling(session, ...ECHO_FENCE);
  return { posted: after.lives ? answer(posted) : fatal(posted), ...after };
}

async function oversized(server, text) {
  const session = await Polling.open(server);
  const { status } = await session.post(`4${text}`);
  return { status, ...(await overPolling(session, ...ECHO_FENCE)) };
}

async function oversizedInChunks(server) {
  const session = await Polling.open(server);
  const held = heldPost(session, "4");
  for (let sent = 0; sent < MAX_PAYLOAD_BYTES; sent += 100_000) held.write("x".repeat(100_000));
  held.end();
  return { status: await held.status, ...(await overPolling(session, ...ECHO_FENCE)) };
}

async function inChunks(server) {
  const session = await Polling.open(server);
  const held = heldPost(session, "4a\x1e4");
  held.write("€".slice(0));
  held.end("b");
  return { status: await held.status, ...(await overPolling(session, ...ECHO_FENCE)) };
}

async function secondPoll(server) {
  const session = await Polling.open(server);
  const first = session.poll();
  await arrival();
  const second = await session.poll();
  return { second: second.status, first: brief(await first), after: brief(await session.poll()) };
}

async function secondPost(server) {
  const session = await Polling.open(server);
  const first = heldPost(session, "4a");
  await arrival();
  const second = await session.post("4b");
  const after = brief(await session.poll());
  first.end();
  return { second: second.status, first: fatal({ status: await first.status }), after };
}

async function abortedPoll(server) {
  const session = await Polling.open(server);
  const abort = new AbortController();
  const poll = session.poll({ signal: abort.signal });
  await arrival();
  abort.abort();
  await poll;
  return forgotten(session);
}

async function abortedPost(server) {
  const session = await Polling.open(server);
  const held = heldPost(session, "4a");
  await arrival();
  held.destroy();
  return forgotten(session);
}

async function answeredPoll(server) {
  const session = await Polling.open(server);
  const poll = session.poll();
  await arrival();
  return { posted: brief(await session.post("4a")), polled: answer(await poll) };
}

async function manyPosts(server) {
  const session = await Polling.open(server);
  for (let i = 0; i < 20; i += 1) await session.post(`4m${i}`);
  return overPolling(session, ...ECHO_FENCE);
}

async function closing(server, body) {
  const session = await Polling.open(server);
  const posted = await session.post(body);
  return { posted: fatal(posted), after: brief(await session.poll()) };
}

async function closeFreesPoll(server) {
  const { posted, polled, after } = await postBesidePoll(server, "1");
  return { posted: brief(posted), polled: answer(polled), after };
}

async function messageThenClose(server) {
  const { posted, polled, after } = await postBesidePoll(server, "4a\x1e1");
  return { posted: brief(posted), polled: brief(polled), after };
}

async function badFreesPoll(server) {
  const { posted, polled, after } = await postBesidePoll(server, "x");
  return { posted: fatal(posted), polled: brief(polled), after };
}

async function postBesidePoll(server, body) {
  const session = await Polling.open(server);
  const poll = session.poll();
  await arrival();
  const posted = await session.post(body);
  return { posted, polled: await poll, after: brief(await session.poll()) };
}

async function pollOfClosed(server) {
  const session = await Polling.open(server);
  await session.post("1");
  return [answer(await session.poll()), answer(await session.post("4a"))];
}

/** A POST whose body is sent in pieces; `status` resolves with the answer's, or "reset". */
function heldPost(session, first) {
  const outgoing = http.request(session.url, { method: "POST", agent: false });
  outgoing.status = new Promise((resolve) => {
    outgoing.on("error", () => resolve("reset"));
    outgoing.on("response", (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode);
    });
  });
  outgoing.write(first);
  return outgoing;
}

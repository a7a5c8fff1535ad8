// A WebSocket session of the Engine.IO echo: the opening handshake, packets, sizes, raw frames.
import { createHash } from "node:crypto";
import http from "node:http";
import { ENGINE_IO, Polling, Wire, request, within } from "../kit/wire.mjs";
import { ECHO_FENCE, answer, brief, code, overWebSocket, packet } from "./observe.mjs";

const MAX_PAYLOAD_BYTES = 1_000_000;
const OPEN = "EIO=4&transport=websocket";
const KEY = "AAAAAAAAAAAAAAAAAAAAAA==";

const REFUSALS_WHY = "refused before the 101: the stock server writes HTTP into the open WebSocket";
const UNSUPPORTED = { status: 400, body: "Unsupported protocol version" };

/** Opening handshakes; S stands for the id of a living polling session. */
const OPENINGS = {
  "as it should be": OPEN,
  "without a transport": "EIO=4",
  "with an unknown transport": "EIO=4&transport=abc",
  "with an unknown transport of revision 3": "EIO=3&transport=abc",
  "with an unknown sid": `${OPEN}&sid=AAAAAAAAAAAAAAAAAAAA`,
  "with an empty sid": `${OPEN}&sid=`,
  "with a sid named __proto__": `${OPEN}&sid=__proto__`,
  "with a polling session's sid, of revision 3": "EIO=3&transport=websocket&sid=S",
  "with a polling session's sid, unknown transport": "EIO=4&transport=abc&sid=S",
  "with transport polling": "EIO=4&transport=polling",
};

const REVISIONS = {
  "without EIO": "transport=websocket",
  "of revision 3": "EIO=3&transport=websocket",
  "of a revision in words": "EIO=abc&transport=websocket",
};

const OPENING_HEADERS = {
  "an Origin": { origin: "http://app.example" },
  "an offer to deflate": { "sec-websocket-extensions": "permessage-deflate" },
  "two subprotocols": { "sec-websocket-protocol": "chat, superchat" },
  "version 8": { "sec-websocket-version": "8" },
  "a key that is no base64": { "sec-websocket-key": "!!!!!!!!!!!!!!!!!!!!!!==" },
  "one subprotocol": { "sec-websocket-protocol": "chat" },
  "a wish for keep-alive as well": { connection: "keep-alive, Upgrade" },
  "another spelling of the protocol": { upgrade: "WebSocket" },
  "no key": { "sec-websocket-key": "" },
  "a short key": { "sec-websocket-key": "AAAA" },
  "version 12": { "sec-websocket-version": "12" },
  "no version": { "sec-websocket-version": "" },
};

/** Frames after which the fence is sent: a string is a text frame, a Buffer a binary one. */
const FRAMES = {
  "a message": "4a",
  "an empty message": "4",
  "text beyond ASCII": "4é€😀\u0000\u2028",
  "base64 in the URL's alphabet in a text frame": "b-_-_",
  "base64 alone": "b",
  "a byte order mark before": "\ufeff4a",
  "white space before": " 4a",
  "a line break behind": "4a\n",
  "a binary message": Buffer.from([1, 2, 3]),
  "an empty binary message": Buffer.alloc(0),
  "a binary message that looks like text": Buffer.from("4a"),
  "a long binary message": Buffer.alloc(70_000, 7),
  "base64 in a text frame": "bAQIDBA==",
  "base64 that is none": "b!!!!",
  "a payload of two packets": "4a\x1e4b",
  "a message of 125 bytes": `4${"x".repeat(124)}`,
  "a message of 126 bytes": `4${"x".repeat(125)}`,
  "a message of 65535 bytes": `4${"x".repeat(65_534)}`,
  "a message of 65536 bytes": `4${"x".repeat(65_535)}`,
  "just the limit": `4${"x".repeat(MAX_PAYLOAD_BYTES - 1)}`,
  "a byte over the limit": `4${"x".repeat(MAX_PAYLOAD_BYTES)}`,
  "a byte over the limit, binary": Buffer.alloc(MAX_PAYLOAD_BYTES + 1),
  "a pong that nobody asked for": "3",
  "a probe's pong": "3probe",
  "an open packet": "0{}",
  "an upgrade packet": "5",
  "a noop": "6",
  "an unknown type": "9",
  "a letter": "abc",
  "an empty frame": "",
  "a separator alone": "\x1e",
  "a ping, the wrong way": "2",
  "a probe's ping": "2probe",
};

/** Raw frames, masked with zeroes where they are masked: opcode, length, mask, payload. */
const RAW = {
  "a fragmented message": [[0x01, 0x81], "4", [0x80, 0x81], "a"],
  "a ping between fragments": [[0x01, 0x81], "4", [0x89, 0x80], "", [0x80, 0x81], "a"],
  "a ping": [[0x89, 0x83], "abc"],
  "a pong": [[0x8a, 0x83], "abc"],
  "a close without a code": [[0x88, 0x80], ""],
  "a close with code 1000": [[0x88, 0x82], "\x03\xe8"],
  "a close with code 4000": [[0x88, 0x82], "\x0f\xa0"],
  "a close with code 999": [[0x88, 0x82], "\x03\xe7"],
  "a close of one byte": [[0x88, 0x81], "\x03"],
  "a close with code 1005": [[0x88, 0x82], "\x03\xed"],
  "a close with a reason": [[0x88, 0x85], "\x03\xe8bye"],
  "a close with a reason that is no UTF-8": [[0x88, 0x83], "\x03\xe8\xff"],
  "a message, then a close": [[0x81, 0x82], "4a", [0x88, 0x80], ""],
  "an empty ping": [[0x89, 0x80], ""],
  "two pings": [[0x89, 0x81], "a", [0x89, 0x81], "b"],
  "a reserved bit in a ping": [[0xb9, 0x80], ""],
  "an empty fragment": [[0x01, 0x82], "4a", [0x80, 0x80], ""],
  "an unknown control opcode": [[0x8b, 0x80], ""],
  "an unmasked frame": [[0x81, 0x02], null, "4a"],
  "an unknown opcode": [[0x83, 0x80], ""],
  "a reserved bit": [[0xc1, 0x82], "4a"],
  "a continuation of nothing": [[0x80, 0x82], "4a"],
  "a message within a fragmented one": [[0x01, 0x81], "4", [0x81, 0x82], "4a"],
  "a fragmented ping": [[0x09, 0x80], ""],
  "text that is no UTF-8": [[0x81, 0x83], "4\xff\xfe"],
};

export const cases = [...openings(), ...frames(), ...raw(), ...rest()];

function openings() {
  const headers = Object.entries(OPENING_HEADERS).map(([name, sent]) => ({
    name: `opening with ${name}`,
    run: (server) => openingHeaders(server, sent),
  }));
  const revisions = Object.entries(REVISIONS).map(([name, query]) => ({
    name: `opening ${name}`,
    run: (server) => opening(server, query),
    differs: { ours: UNSUPPORTED, why: REFUSALS_WHY },
  }));
  const queries = Object.entries(OPENINGS).map(([name, query]) => ({
    name: `opening ${name}`,
    run: (server) => opening(server, query),
  }));
  return [...queries, ...revisions, ...headers];
}

function frames() {
  return Object.entries(FRAMES).map(([name, frame]) => ({
    name: `frame: ${name}`,
    run: async (server) => {
      const wire = await Wire.session(server);
      wire.send(frame);
      return overWebSocket(wire, ...ECHO_FENCE);
    },
  }));
}

function raw() {
  return Object.entries(RAW).map(([name, parts]) => ({
    name: `raw frame: ${name}`,
    run: async (server) => {
      const wire = await Wire.session(server);
      const seen = [];
      wire.socket.on("pong", (payload) => seen.push(`pong ${payload}`));
      wire.socket._socket.write(bytes(parts));
      const { frames, lives } = await overWebSocket(wire, ...ECHO_FENCE);
      return { seen, frames, lives };
    },
  }));
}

function rest() {
  return [
    {
      name: "frame: a close packet",
      run: async (server) => {
        const wire = await Wire.session(server);
        wire.send("1");
        return overWebSocket(wire, ...ECHO_FENCE);
      },
      differs: {
        ours: { frames: [{ closed: "normally" }], lives: false },
        why: "a close packet closes, as the official suite asks and the stock server does not",
      },
    },
    {
      name: "a second WebSocket to a WebSocket session",
      run: second,
      differs: {
        ours: { second: { closed: "normally" }, frames: [], lives: true },
        why: "nothing is left to upgrade; the stock server takes it for a probe and moves over",
      },
    },
    { name: "a thousand messages in one go", run: burst },
    { name: "polling a WebSocket session", run: pollingIt },
    { name: "posting to a WebSocket session", run: postingToIt },
    { name: "POST with an upgrade", run: (server) => upgradeBy(server, "POST", "websocket") },
    { name: "upgrade to something else", run: (server) => upgradeBy(server, "GET", "h2c") },
    { name: "accept key", run: acceptKey },
    { name: "a lost connection ends the session", run: lost },
  ];
}

async function opening(server, query) {
  const polling = query.includes("=S") ? await Polling.open(server) : undefined;
  const asked = query.replace("=S", `=${polling?.sid}`);
  const wire = new Wire(`${server}${ENGINE_IO}?${asked}`);
  const { status, body } = await within(wire.opened, "the opening");
  if (status !== 101) return { status, body };
  if (query === OPEN || query.endsWith("sid=")) return { status, first: packet(await wire.next()) };
  return { status, closed: code(await within(wire.closed, "the close")) };
}

async function openingHeaders(server, sent) {
  const answered = await upgradeBy(server, "GET", "websocket", sent);
  delete answered.body;
  delete answered.headers["content-type"];
  return answered;
}

/** The answer to a hand-made upgrade request. */
function upgradeBy(server, method, upgrade, sent = {}) {
  const defaults = { "sec-websocket-version": "13", "sec-websocket-key": KEY };
  const headers = { connection: "Upgrade", upgrade, ...defaults, ...sent };
  for (const name of Object.keys(headers)) if (headers[name] === "") delete headers[name];
  const answered = new Promise((resolve) => {
    const outgoing = http.request(`${server}${ENGINE_IO}?${OPEN}`, {
      method,
      headers,
      agent: false,
    });
    const seen = ({ statusCode: status, headers }, body) =>
      resolve({ ...answer({ status, headers, body }), accept: headers["sec-websocket-accept"] });
    outgoing.on("upgrade", (incoming, socket) => {
      socket.destroy();
      seen(incoming, "");
    });
    outgoing.on("response", async (incoming) => {
      let body = "";
      for await (const chunk of incoming) body += chunk;
      seen(incoming, body);
    });
    outgoing.on("error", () => resolve({ status: "reset", headers: {} }));
    outgoing.end();
  });
  return within(answered, "an answer to the upgrade");
}

async function acceptKey(server) {
  const { status, accept } = await upgradeBy(server, "GET", "websocket");
  const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const right = createHash("sha1")
    .update(KEY + guid)
    .digest("base64");
  return { status, right: accept === right };
}

async function second(server) {
  const wire = await Wire.session(server);
  const other = await Wire.open(server, ENGINE_IO, wire.handshake.sid);
  other.send("2probe");
  const answered = packet(await other.next());
  return { second: answered, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function burst(server) {
  const wire = await Wire.session(server);
  wire.send(...Array.from({ length: 1_000 }, (_, i) => `4m${i}`));
  return overWebSocket(wire, ...ECHO_FENCE);
}

async function pollingIt(server) {
  const wire = await Wire.session(server);
  const url = `${server}${ENGINE_IO}?EIO=4&transport=polling&sid=${wire.handshake.sid}`;
  const polled = brief(await request(url));
  return { polled, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function postingToIt(server) {
  const wire = await Wire.session(server);
  const url = `${server}${ENGINE_IO}?EIO=4&transport=polling&sid=${wire.handshake.sid}`;
  const posted = brief(await request(url, { method: "POST", body: "4a" }));
  return { posted, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function lost(server) {
  const wire = await Wire.session(server);
  wire.end();
  await wire.closed;
  const url = `${server}${ENGINE_IO}?EIO=4&transport=polling&sid=${wire.handshake.sid}`;
  for (;;) {
    const { status, body } = await request(url);
    if (JSON.parse(body).code === 1) return { status, body }; // until then: it lives by WebSocket
  }
}

/** `[[opcode, length], payload, ...]` as bytes; a `null` before a payload leaves out the mask. */
function bytes(parts) {
  const masked = !parts.includes(null);
  const chunks = parts
    .filter((part) => part !== null)
    .map((part) => {
      if (typeof part === "string") return Buffer.from(part, "latin1");
      return Buffer.from(masked ? [...part, 0, 0, 0, 0] : part);
    });
  return Buffer.concat(chunks);
}

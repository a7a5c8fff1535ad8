// Socket.IO packets, well-formed, odd and broken, each over WebSocket and over long-polling.
//
// A row: name -> packets, each sent behind an Engine.IO `4` (a Buffer: as an attachment). But for
// the rows of CONNECTS, the session is in `/` already.
import { SOCKET_IO, Polling, Wire } from "../kit/wire.mjs";
import { NAMESPACE_FENCE, fatal, overPolling, overWebSocket } from "./observe.mjs";

const NOT_JOINED = { joined: false };
export const CLOSED = { frames: [{ closed: "normally" }], lives: false };
export const GONE = { frames: [], lives: false, posted: "ended" };
/** A session's end is told to the next poll, or that poll is refused: the same to a client. */
const ENDS = ["6", "1"];
const AT_ONCE_WHY =
  "one packet takes effect before the next; in the stock server it depends on how close they come";
const KEPT_WHY = "an event right behind CONNECT is kept, in order, never dropped";
const ID_WHY = "an ack id that a double cannot hold exactly closes, rather than ack another id";

const CONNECTS = {
  CONNECT: ["0"],
  "CONNECT with an empty object": ["0{}"],
  "CONNECT with auth": ['0{"token":"123"}'],
  "CONNECT with white space in auth": ['0{ "a" : 1 }'],
  "CONNECT with __proto__ in auth": ['0{"__proto__":{"a":1}}'],
  "CONNECT with / spelled out": ["0/,"],
  "CONNECT with / and no comma": ["0/"],
  "CONNECT to /custom": ["0/custom,"],
  "CONNECT to /custom, no comma": ["0/custom"],
  "CONNECT to /custom with auth": ['0/custom,{"a":"b"}'],
  "CONNECT to /custom with a query": ["0/custom?a=b,"],
  "CONNECT to /CUSTOM": ["0/CUSTOM,"],
  "CONNECT to /custom/": ["0/custom/,"],
  "CONNECT to a namespace without a slash": ["0custom,"],
  "CONNECT to an unknown namespace": ["0/random,"],
  "CONNECT to a namespace beyond ASCII": ["0/é€😀,"],
  "CONNECT to a namespace with a quote": ['0/a"b,'],
  "CONNECT to a namespace with auth for a name": ['0/x{"a":1}'],
  "CONNECT to a namespace named __proto__": ["0/__proto__,"],
  "CONNECT to a long namespace": [`0/${"n".repeat(2_000)},`],
  "CONNECT with an array": ["0[]"],
  "CONNECT with a string": ['0"a"'],
  "CONNECT with null": ["0null"],
  "CONNECT with a number": ["0 1"],
  "CONNECT with an id": ["01"],
  "CONNECT with a no-break space": ["0\u00a0"],
  "CONNECT with a NUL": ["0\0"],
  "CONNECT with a comma alone": ["0,"],
  "CONNECT with auth that holds no object": ["0true"],
  "CONNECT with doubled keys in auth": ['0{"a":1,"a":2}'],
  "CONNECT with a lone surrogate in auth": ['0{"a":"\\ud83d"}'],
  "CONNECT to two namespaces": ["0/custom,", "0"],
  "CONNECT with an id and auth": ['01{"a":1}'],
  "CONNECT with broken JSON": ["0{"],
  "CONNECT with more behind the JSON": ["0{}x"],
  "an event and no CONNECT": ['2["message",1]'],
  "an ack and no CONNECT": ["31[]"],
  "DISCONNECT and no CONNECT": ["1"],
  "DISCONNECT of another namespace": ["1/custom,"],
  "CONNECT_ERROR and no CONNECT": ['4{"message":"x"}'],
  "an event in another namespace": ['2/custom,["message",1]'],
  "an attachment and no CONNECT": [Buffer.from([1])],
  "an empty packet": [""],
  "a letter": ["abc"],
  "an unknown type": ["7"],
  "a type of white space": [" "],
};

const EVENTS = {
  "an event": ['2["message"]'],
  "an event with arguments": ['2["message",1,"2",{"3":[true,false,null]}]'],
  "white space in the payload": ['2[ "message" , 1 ]'],
  "numbers of every kind": ['2["message",1.0,-0,1e3,1e400,0.1,12345678901234567890]'],
  "doubled keys": ['2["message",{"a":1,"a":2}]'],
  "__proto__ as a key": ['2["message",{"__proto__":{"a":1},"constructor":2}]'],
  escapes: ['2["message","\\u0041\\n\\"\\\\\\/\\u0000"]'],
  "an escaped event name": ['2["mess\\u0061ge",1]'],
  "a lone high surrogate": ['2["message","a\\ud83d"]'],
  "a lone low surrogate": ['2["message","\\ude00b"]'],
  "an emoji": ['2["message","😀\\ud83d\\ude00"]'],
  "a placeholder in a plain event": ['2["message",{"_placeholder":true,"num":0}]'],
  "deep nesting": [`2["message",${"[".repeat(500)}${"]".repeat(500)}]`],
  "many arguments": [`2["message"${",1".repeat(1_000)}]`],
  "a long string": [`2["message","${"x".repeat(200_000)}"]`],
  "an unknown event": ['2["nobody-listens",1]'],
  "an unknown event with an ack asked for": ['21["nobody-listens",1]'],
  "an empty event name": ['2["",1]'],
  "a number for a name": ["2[7,1]"],
  "the namespace spelled out": ['2/,["message",1]'],
  "no payload": ["2"],
  "a namespace and no payload": ["2/,"],
  "an id and no payload": ["212"],
  "an empty array": ["2[]"],
  "an object for a payload": ["2{}"],
  "a string for a payload": ['2"message"'],
  "null for a name": ["2[null]"],
  "a list for a name": ['2[["message"]]'],
  "true for a name": ["2[true]"],
  "broken JSON": ['2["message"'],
  "a trailing comma": ['2["message",]'],
  "a comment": ['2["message"/**/]'],
  NaN: ['2["message",NaN]'],
  "single quotes": ["2['message']"],
  "a raw line break in a string": ['2["message","a\nb"]'],
  "a NUL behind": ['2["message"]\0'],
  "more behind the JSON": ['2["message"]x'],
  "the reserved name connect": ['2["connect"]'],
  "the reserved name connect_error": ['2["connect_error"]'],
  "the reserved name disconnect": ['2["disconnect"]'],
  "the reserved name disconnecting": ['2["disconnecting"]'],
  "the reserved name newListener": ['2["newListener"]'],
  "the reserved name removeListener": ['2["removeListener"]'],
  "a comma alone": ["2,"],
  "an empty namespace": ['2/["message",1]'],
  "a namespace with a query": ['2/?a=b,["message",1]'],
  "big strings with escapes": [`2["message","${"\\u00e9".repeat(1_000)}"]`],
  "a tab in a string": ['2["message","a\tb"]'],
  "the reserved name, escaped": ['2["conn\\u0065ct"]'],
  "a name in capitals": ['2["MESSAGE"]'],
  "a number with a plus": ['2["message",+1]'],
  "a number with leading zeroes": ['2["message",01]'],
  "a number with a bare point": ['2["message",1.]'],
  "hexadecimal": ['2["message",0x10]'],
  "a lone word": ["2message"],
  "nested objects": [`2["message",${'{"a":'.repeat(100)}1${"}".repeat(100)}]`],
  "two events": ['2["message",1]', '2["message",2]'],
};

const ACKS = {
  "an ack asked for": ['2456["message-with-ack",1,"2",{"3":[false]}]'],
  "an ack asked for without arguments": ['20["message-with-ack"]'],
  "an ack id with leading zeroes": ['2007["message-with-ack"]'],
  "the largest ack id": ['29007199254740991["message-with-ack"]'],
  "an ack id of a byte order mark": ['2\ufeff["message-with-ack",1]'],
  "an ack id of white space": ['2 ["message-with-ack",1]'],
  "an ack id in white space": ['2 12 ["message-with-ack",1]'],
  "an ack id beside a namespace": ['2/,12["message-with-ack",1]'],
  "two acks asked for by one id": ['25["message-with-ack",1]', '25["message-with-ack",2]'],
  "an ack id that is no number": ['2abc["message-with-ack"]'],
  "a negative ack id": ['2-1["message-with-ack"]'],
  "an ack id with a fraction": ['21.5["message-with-ack"]'],
  "an ack id with an exponent": ['21e2["message-with-ack"]'],
  "an ack that nobody waits for": ["399[]"],
  "an ack without a payload": ["31"],
  "an ack without an id": ["3[]"],
  "an ack with an object": ["31{}"],
  "an ack with broken JSON": ["31["],
};

const SESSIONS = {
  "CONNECT again": ["0"],
  "CONNECT to /custom as well": ["0/custom,"],
  "CONNECT again with auth": ['0{"a":1}'],
  "DISCONNECT with the namespace spelled out": ["1/,"],
  "DISCONNECT with an id": ["15"],
  DISCONNECT: ["1"],
  "DISCONNECT with an empty object": ["1{}"],
  "DISCONNECT with a string": ['1"bye"'],
  "DISCONNECT with null": ["1null"],
  "DISCONNECT of a namespace not joined": ["1/custom,"],
  CONNECT_ERROR: ['4{"message":"x"}'],
  "CONNECT_ERROR without a payload": ["4"],
  "an event in a namespace not joined": ['2/custom,["message",1]'],
  "an event in an unknown namespace": ['2/random,["message",1]'],
};

export const cases = [
  ...table(CONNECTS, NOT_JOINED),
  ...table(EVENTS),
  ...table(ACKS),
  ...table(SESSIONS),
  ...argued(),
];

/** The rows whose answers differ, and why. */
function argued() {
  const huge = (id) => [`2${id}["message-with-ack"]`];
  const kept = ["0", '2["message",1]'];
  const joined = ['40{"sid":"<sid>"}', '42["auth",{}]'];
  const frames = [...joined, '42["message-back",1]'];
  const custom = joined.map((frame) => frame.replace(/\d\d/, "$&/custom,"));
  return [
    ...rows("an ack id beyond 2^53", huge("9007199254740993"), {}, [CLOSED, GONE], ID_WHY),
    ...rows("an ack id of 400 digits", huge("9".repeat(400)), {}, [CLOSED, GONE], ID_WHY),
    ...atOnce("CONNECT twice", ["0/custom,", "0/custom,"], [
      { ...CLOSED, frames: [...custom, ...CLOSED.frames] },
      GONE,
    ]),
    ...atOnce("DISCONNECT, then CONNECT", ["1", "0"], [
      { frames: joined, lives: true },
      { frames: joined, lives: true, posted: 200 },
    ]),
    ...atOnce("DISCONNECT, then an event", ["1", '2["message",1]'], [CLOSED, GONE]),
    ...atOnce("DISCONNECT twice", ["1", "1"], [CLOSED, GONE]),
    overOnePost(
      "an event in CONNECT's own payload",
      kept,
      NOT_JOINED,
      { frames, lives: true, posted: 200 },
      KEPT_WHY,
    ),
  ];
}

/** Packets in one breath, answered as if they had come one by one. */
function atOnce(name, packets, ours) {
  return rows(`${name}, at once`, packets, {}, ours, AT_ONCE_WHY).map(({ differs, ...row }) => ({
    ...row,
    differs: { ...differs, sometimes: true },
  }));
}

function table(entries, options = {}) {
  return Object.entries(entries).flatMap(([name, packets]) => rows(name, packets, options));
}

/** One row as two cases, one per transport; `ours` has what each owes where it differs. */
export function rows(name, packets, options = {}, ours = undefined, why = undefined) {
  return [
    {
      name: `${name}, by WebSocket`,
      run: (server) => byWebSocket(server, packets, options),
      differs: ours?.[0] && { ours: ours[0], why },
    },
    {
      name: `${name}, by polling`,
      run: (server) => byPolling(server, packets, options),
      differs: ours?.[1] && { ours: ours[1], why },
    },
  ];
}

function overOnePost(name, packets, options, ours, why) {
  const run = (server) => byPolling(server, packets, options);
  return { name, run, differs: { ours, why } };
}

async function byWebSocket(server, packets, { joined = true }) {
  const wire = await Wire.session(server, SOCKET_IO);
  if (joined) {
    wire.send("40");
    await wire.next("the CONNECT's answer");
    await wire.next("auth");
  }
  wire.send(...packets.map((packet) => (Buffer.isBuffer(packet) ? packet : `4${packet}`)));
  return overWebSocket(wire, ...NAMESPACE_FENCE);
}

async function byPolling(server, packets, { joined = true }) {
  const session = await Polling.open(server, SOCKET_IO);
  if (joined) {
    await session.post("40");
    await untilAuth(session);
  }
  const text = (packet) =>
    Buffer.isBuffer(packet) ? `b${packet.toString("base64")}` : `4${packet}`;
  const posted = await session.post(packets.map(text).join("\x1e"));
  const { frames, lives } = await overPolling(session, ...NAMESPACE_FENCE);
  if (lives) return { frames, lives, posted: posted.status };
  return { frames: frames.filter((frame) => !ENDS.includes(frame)), lives, posted: fatal(posted) };
}

async function untilAuth(session) {
  let body = "";
  while (!body.includes('"auth"')) {
    const polled = await session.poll();
    if (polled.status !== 200) throw new Error(`CONNECT was refused: ${polled.body}`);
    body += polled.body;
  }
}

// Socket.IO's binary packets: headers, placeholders, attachments in and out of place, each over
// WebSocket and over long-polling (rows as in socketio.mjs).
import { CLOSED, GONE, rows } from "./socketio.mjs";

const A = Buffer.from([1, 2, 3]);
const B = Buffer.from([4, 5, 6]);
const NONE = Buffer.alloc(0);
const P0 = '{"_placeholder":true,"num":0}';
const P1 = '{"_placeholder":true,"num":1}';

const PACKETS = {
  "one attachment": [`51-["message",${P0}]`, A],
  "two attachments": [`52-["message",${P0},${P1}]`, A, B],
  "two attachments, placed the other way round": [`52-["message",${P1},${P0}]`, A, B],
  "an empty attachment": [`51-["message",${P0}]`, NONE],
  "a long attachment": [`51-["message",${P0}]`, Buffer.alloc(100_000, 9)],
  "ten attachments": [
    `510-["message",${Array.from({ length: 10 }, (_, num) => placeholder(num))}]`,
    ...Array.from({ length: 10 }, (_, i) => Buffer.from([i])),
  ],
  "eleven attachments": [`511-["message",${P0}]`],
  "an ack asked for": [`51-789["message-with-ack",${P0}]`, A],
  "a nested placeholder": [`51-["message",{"a":[{"b":${P0}}]}]`, A],
  "the same placeholder twice": [`51-["message",${P0},${P0}]`, A],
  "an attachment that is not used": [`52-["message",${P0}]`, A, B],
  "no placeholder at all": ['51-["message",1]', A],
  "a placeholder beyond the attachments": [`51-["message",${P1}]`, A],
  "a negative placeholder": ['51-["message",{"_placeholder":true,"num":-1}]', A],
  "a placeholder with a string": ['51-["message",{"_placeholder":true,"num":"0"}]', A],
  "a placeholder without a number": ['51-["message",{"_placeholder":true}]', A],
  "a placeholder that is none": ['51-["message",{"_placeholder":1,"num":0}]', A],
  "a placeholder with more keys": ['51-["message",{"_placeholder":true,"num":0,"a":1}]', A],
  "a placeholder for a name": [`51-[${P0}]`, A],
  "no attachments": ['50-["message"]'],
  "no count": ['5-["message"]'],
  "no dash": ['51["message"]'],
  "a count in words": ['5a-["message"]'],
  "a negative count": ['5-1-["message"]'],
  "a count with a fraction": ['51.5-["message"]'],
  "a count with an exponent": [`51e0-["message",${P0}]`, A],
  "a count in hexadecimal": [`50x1-["message",${P0}]`, A],
  "a count with white space": [`5 1-["message",${P0}]`, A],
  "a count with a plus": [`5+1-["message",${P0}]`, A],
  "a count with a point": [`51.-["message",${P0}]`, A],
  "a binary count": [`50b1-["message",${P0}]`, A],
  "a placeholder with a point": ['51-["message",{"_placeholder":true,"num":0.0}]', A],
  "a placeholder by minus zero": ['51-["message",{"_placeholder":true,"num":-0}]', A],
  "a placeholder in a placeholder": [
    `51-["message",{"_placeholder":true,"num":0,"a":${P0}}]`,
    A,
  ],
  "placeholders in keys": [`51-["message",{"_placeholder":${P0}}]`, A],
  "an ack asked for, unused attachment": ['51-5["message-with-ack",1]', A],
  "an event without attachments behind": [`51-["message",${P0}]`, A, '2["message",1]'],
  "DISCONNECT while attachments are due": [`51-["message",${P0}]`, "1"],
  "a count with leading zeroes": [`501-["message",${P0}]`, A],
  "a count beyond measure": [`5${"9".repeat(30)}-["message"]`],
  "an infinite count": ['5Infinity-["message"]'],
  "text while attachments are due": [`51-["message",${P0}]`, '2["message",1]'],
  "another binary packet while attachments are due": [
    `51-["message",${P0}]`,
    `51-["message",${P0}]`,
  ],
  "an attachment out of nowhere": [A],
  "no payload": ["51-", A],
  "an object for a payload": [`51-${P0}`, A],
  "broken JSON": ['51-["message"', A],
  "a namespace": [`51-/,["message",${P0}]`, A],
  "a namespace not joined": [`51-/custom,["message",${P0}]`, A],
  "a binary ack that nobody waits for": [`61-99[${P0}]`, A],
  "a binary ack without a count": [`6-99[${P0}]`],
  "a binary ack with an object": ["61-99{}", A],
};

export const cases = [
  ...Object.entries(PACKETS).flatMap(([name, packets]) => rows(name, packets)),
  ...argued(),
];

/** The rows whose answers differ, and why. */
function argued() {
  const half = ['51-["message",{"_placeholder":true,"num":0.5}]', A];
  const halfWhy = "a placeholder between two attachments points at none, and closes as any such";
  const tooMany = [`51-["message",${P0}]`, A, B];
  const heard = [`451-["message-back",${P0}]`, { binary: A.toString("base64") }];
  const tooManyWhy = "what came whole before a mistake is heard, however close they come";
  const [webSocket, polling] = rows("an attachment too many", tooMany);
  const ours = { ...CLOSED, frames: [...heard, ...CLOSED.frames] };
  return [
    ...rows("a placeholder with a fraction", half, {}, [CLOSED, GONE], halfWhy),
    // the stock server hears an event a tick later: by then the mistake may have closed it
    { ...webSocket, differs: { ours, why: tooManyWhy, sometimes: true } },
    polling,
  ];
}

function placeholder(num) {
  return JSON.stringify({ _placeholder: true, num });
}

// Socket.IO's binary packets: headers, placeholders, attachments in and out of place, each over
// WebSocket and over long-polling (rows as in socketio.mjs).
import { argued } from "./compare.mjs";
import { DIGITS_WHY, closing, rows } from "./socketio.mjs";

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
  "a placeholder with a fraction": ['51-["message",{"_placeholder":true,"num":0.5}]', A],
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
  "a count with leading zeroes": [`501-["message",${P0}]`, A],
  "a count beyond measure": [`5${"9".repeat(30)}-["message"]`],
  "an infinite count": ['5Infinity-["message"]'],
  "text while attachments are due": [`51-["message",${P0}]`, '2["message",1]'],
  "another binary packet while attachments are due": [
    `51-["message",${P0}]`,
    `51-["message",${P0}]`,
  ],
  "an attachment too many": [`51-["message",${P0}]`, A, B],
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

const INDEX_WHY =
  "a placeholder's number is an attachment's; the stock server makes undefined of it";

export const cases = argued(
  Object.entries(PACKETS).flatMap(([name, packets]) => rows(name, packets)),
  {
    ...closing("a placeholder with a fraction", INDEX_WHY),
    ...closing("a count with an exponent", DIGITS_WHY),
    ...closing("a count in hexadecimal", DIGITS_WHY),
    ...closing("a count with white space", DIGITS_WHY),
    "an attachment too many, by WebSocket": {
      ours: {
        frames: ['42["message-back",{"bytes":"AQID"}]', { closed: "normally" }],
        lives: false,
      },
      why: "a packet that was whole before the bad one is answered, if the network allows it",
      racy: true,
    },
  },
);

function placeholder(num) {
  return JSON.stringify({ _placeholder: true, num });
}

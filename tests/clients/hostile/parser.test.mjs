// What was published against socket.io-parser, sent to this server: by WebSocket, and by polling
// where attachments are base64.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Polling, SOCKET_IO, Wire } from "../../conformance/kit/wire.mjs";
import { MIB, Stage, advisories } from "./stage.mjs";

const LONG = 900_000;
const RSS_GROWTH_MAX = 64 * MIB;
/** Closed with a code that says whose fault it was, or none. */
const CLOSED = [1000, 1002, 1003, 1005, 1006, 1007, 1008, 1009];

let stage;
before(async () => (stage = await Stage.open()));
after(() => stage?.close());

const placeholder = (num) => `51-["e",{"_placeholder":true,"num":${num}}]`;

advisories(() => stage, {
  "CVE-2020-36049": {
    sent: "packets whose id, namespace, attachments or nesting never end",
    run: () =>
      endsEach([
        `2${"9".repeat(LONG)}["e"]`,
        `5${"1".repeat(LONG)}-["e"]`,
        `2/${"n".repeat(LONG)},["e"]`,
        `2["e",${"[".repeat(LONG)}`,
        `2["e",${'{"a":'.repeat(LONG / 5)}`,
        `0${"{".repeat(LONG)}`,
      ]),
  },
  "CVE-2022-2421": {
    sent: "placeholders whose number is a method's name, negative, broken, or too large",
    run: () => {
      const numbers = ['"splice"', '"__proto__"', '"constructor"', '"0"', -1, 0.5, 1, 1e300, null];
      return endsEach([...numbers, "{}", "[0]", "true"].map(placeholder), Buffer.from([1]));
    },
  },
  "CVE-2023-32695": {
    sent: "event names that are no names",
    run: () => {
      const names = ['{"toString":"x"}', '{"toString":{}}', "null", "true", "[]", '["e"]', "{}"];
      return endsEach([...names.map((name) => `2[${name}]`), '2{"toString":"x"}', '2"e"', "2[]"]);
    },
  },
  "CVE-2026-33151": {
    sent: "attachments announced in any number, and more bytes of them than may be",
    run: async () => {
      const before = await stage.kernel("VmRSS");
      await endsEach(['511-["e"]', '51000000000-["e"]', '6999-["e"]', '5-1-["e"]']);
      await endsEach(['510-["e"]'], ...Array.from({ length: 9 }, () => Buffer.alloc(LONG)));
      const grown = (await stage.kernel("VmRSS")) - before;
      assert.ok(grown < RSS_GROWTH_MAX, `${grown} bytes more`);
    },
  },
  "CVE-2026-69185": {
    sent: "packets with no attachments that wait for some all the same",
    run: () => endsEach(['50-["e"]', '60-["e"]', "50-", '500-["e"]', '5-["e"]'], Buffer.from([1])),
  },
});

/** Each packet ends the session that sends it, by either transport; `behind` comes right after. */
async function endsEach(packets, ...behind) {
  for (const packet of packets) {
    const what = `4${packet.slice(0, 40)}`;
    const wire = await Wire.session(stage.url, SOCKET_IO);
    wire.send("40", `4${packet}`, ...behind);
    let frame = await wire.next(`the end after ${what}`);
    while (frame.closed === undefined) frame = await wire.next(`the end after ${what}`);
    assert.ok(CLOSED.includes(frame.closed), `${frame.closed} after ${what}`);

    const session = await Polling.open(stage.url, SOCKET_IO);
    const attached = behind.slice(0, 1).map((bytes) => `b${bytes.toString("base64")}`);
    const body = ["40", `4${packet}`, ...attached].join("\x1e");
    const { status } = await session.post(body.slice(0, 1_000_000));
    assert.ok([200, 400, 413].includes(status), `${status} to ${what}`);
    // Ten attachments do not fit into one request: those that came are waited for.
    if (behind.length < 2) assert.equal((await session.post("43")).status, 400, `alive: ${what}`);
  }
}

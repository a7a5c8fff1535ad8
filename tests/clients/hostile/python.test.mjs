// What was published against python-engineio and python-socketio, sent to this server. (Their
// CVE-2025-61765, pickles from a message queue, has no counterpart: from Redis nothing is read but
// answers of its own.)
import assert from "node:assert/strict";
import http from "node:http";
import { after, before } from "node:test";
import { Polling, SOCKET_IO as PATH, Wire, within } from "../../conformance/kit/wire.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SOCKET_IO, Stream, frame, upgrade } from "./raw.mjs";
import { MIB, Stage, advisories } from "./stage.mjs";

const PONGS = 20_000;
const CHUNK = "x".repeat(100_000);
const RSS_GROWTH_MAX = 32 * MIB;

let stage;
// Without a rate, so that all of what is sent is heard at once.
before(async () => (stage = await Stage.open("--events-per-second", "0")));
after(() => stage?.close());

advisories(() => stage, {
  "CVE-2019-13611": {
    sent: "WebSockets and upgrades of a stranger's page, where origins are listed",
    run: hijack,
  },
  "CVE-2026-48802": { sent: "pongs that nobody asked for", run: pongs },
  "CVE-2026-48804": { sent: "attachments that are begun anew and never whole", run: begunAnew },
  "CVE-2026-48809": { sent: "bodies and messages that do not say how long they are", run: unsized },
});

async function hijack() {
  const server = await Polylogue.mounting([], "--cors-origins", "http://app.example");
  try {
    const session = await Polling.open(server.url, PATH);
    for (const sid of ["", `&sid=${session.sid}`]) {
      for (const origin of ["http://evil.example", "null", "http://app.example:81"]) {
        const stream = await Stream.open(server);
        await stream.write(upgrade(`${SOCKET_IO}websocket${sid}`, { origin }), frame(0x81, "2probe"));
        assert.equal(await stream.status(), 400, `${origin} ${sid}`);
        stream.reset();
      }
    }
    assert.equal((await session.post("40")).status, 200, "the session is not harmed by it");
  } finally {
    await server.remove();
  }
}

async function pongs({ url }) {
  const [threads, bytes] = [await stage.kernel("Threads"), await stage.kernel("VmRSS")];
  const wire = await Wire.session(url, PATH);
  for (let sent = 0; sent < PONGS; sent += 1) wire.send("3");
  wire.send("40/nowhere,");
  let frame = await wire.next("the answer behind the pongs");
  while (frame === "2") frame = await wire.next("the answer behind the pongs");
  assert.match(frame, /^44\/nowhere,/);
  const session = await Polling.open(url, PATH);
  const { status } = await session.post(Array.from({ length: PONGS }, () => "3").join("\x1e"));
  assert.ok([200, 400].includes(status));
  // A thread of the runtime's may have been idle until now.
  assert.ok((await stage.kernel("Threads")) <= threads + 8);
  assert.ok((await stage.kernel("VmRSS")) - bytes < RSS_GROWTH_MAX);
  wire.end();
}

async function begunAnew({ url }) {
  const wire = await Wire.session(url, PATH);
  wire.send("40", '453-["e"]', Buffer.alloc(300_000), Buffer.alloc(300_000), '453-["e"]');
  let frame = await wire.next("the close");
  while (frame.closed === undefined) frame = await wire.next("the close");
  const session = await Polling.open(url, PATH);
  const { status } = await session.post(`40\x1e452-["e"]\x1eb${"A".repeat(400_000)}\x1e42["e"]`);
  assert.ok([200, 400].includes(status));
  assert.equal((await session.post("43")).status, 400, "the session has ended");
}

async function unsized({ server, url }) {
  const before = await stage.kernel("VmRSS");
  const session = await Polling.open(url, PATH);
  const outgoing = http.request(session.url, { method: "POST", agent: false });
  const answered = new Promise((resolve) => {
    outgoing.on("error", () => resolve("reset"));
    outgoing.on("response", ({ statusCode }) => resolve(statusCode));
  });
  for (let sent = 0; sent < 30; sent += 1) outgoing.write(CHUNK);
  assert.ok([413, "reset"].includes(await within(answered, "an answer to endless chunks")));
  outgoing.destroy();

  const stream = await Stream.open(server);
  await stream.write(upgrade());
  assert.equal(await stream.status(), 101);
  await stream.write(frame(0x01, `4${CHUNK}`));
  for (let sent = 0; sent < 30; sent += 1) await stream.write(frame(0x00, CHUNK));
  stream.socket.end();
  await stream.ended("the end of an endless message");
  assert.ok((await stage.kernel("VmRSS")) - before < RSS_GROWTH_MAX);
}

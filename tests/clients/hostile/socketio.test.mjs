// What was published against socket.io, sent to this server.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Polling, SOCKET_IO as PATH, Wire, request } from "../../conformance/kit/wire.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SOCKET_IO, Stream, upgrade } from "./raw.mjs";
import { Stage, advisories } from "./stage.mjs";

const OURS = "http://app.example";
const THEIRS = ["http://evil.example", "http://app.example.evil.example", "https://app.example", "null"];
/** Events that mean something to an emitter of Node's: these end the session, as they do there. */
const RESERVED = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
];
/** ... and these are events like others, which no dialect has. */
const UNKNOWN = ["error", "data", "end", "__proto__", "constructor"];
const SIDS = 1_000;
/** The part of a session's id that is random, and how many characters each place must show. */
const RANDOM_CHARS = 16;
const SPREAD_MIN = 40;

let stage;
before(async () => (stage = await Stage.open()));
after(() => stage?.close());

advisories(() => stage, {
  "CVE-2020-28481": {
    sent: "requests of other origins' pages, where only some may come",
    run: origins,
  },
  "CVE-2024-38355": {
    sent: "events with the names that an emitter keeps for itself",
    run: reservedEvents,
  },
  "CVE-2017-16031": {
    sent: `${SIDS} handshakes, whose ids must not be guessed from one another`,
    run: sids,
  },
});

async function origins() {
  const server = await Polylogue.mounting([], "--cors-origins", OURS);
  try {
    const handshake = `${server.url}${PATH}?EIO=4&transport=polling`;
    for (const origin of [OURS, ...THEIRS]) {
      const { headers } = await request(handshake, { headers: { origin } });
      const allowed = headers["access-control-allow-origin"];
      assert.equal(allowed === origin || allowed === "*", origin === OURS, `${allowed} to ${origin}`);
      const stream = await Stream.open(server);
      await stream.write(upgrade(`${SOCKET_IO}websocket`, { origin }));
      assert.equal(await stream.status(), origin === OURS ? 101 : 400, origin);
      stream.reset();
    }
  } finally {
    await server.remove();
  }
}

async function reservedEvents({ url }) {
  for (const name of [...RESERVED, ...UNKNOWN]) {
    for (const args of ["", ',"x"', ',{"message":"x"}', ",null"]) {
      const wire = await Wire.session(url, PATH);
      wire.send("40", `42["${name}"${args}]`, "40/nowhere,");
      assert.match(await wire.next("the answer to CONNECT"), /^40\{/);
      const frame = await wire.next(`what follows ${name}`);
      const isKept = typeof frame === "string" && frame.startsWith("44/nowhere,");
      assert.equal(isKept, UNKNOWN.includes(name), `${name}: ${JSON.stringify(frame)}`);
      wire.end();
    }
  }
}

async function sids({ url }) {
  const open = () => Polling.open(url, PATH);
  const found = [];
  while (found.length < SIDS) found.push(...(await Promise.all(Array.from({ length: 50 }, open))));
  const ids = found.map(({ sid }) => sid);
  assert.equal(new Set(ids).size, SIDS);
  for (let place = 0; place < RANDOM_CHARS; place += 1) {
    const chars = new Set(ids.map((id) => id[place]));
    assert.ok(chars.size >= SPREAD_MIN, `place ${place} of an id has ${chars.size} characters`);
  }
  // Others hear a socket's id; with it nobody may take over the session.
  const [{ sid }] = found;
  await found[0].post("40");
  const { body } = await found[0].poll();
  const [, own] = /^40\{"sid":"([^"]+)"/.exec(body);
  assert.notEqual(own, sid);
  const other = await request(`${url}${PATH}?EIO=4&transport=polling&sid=${own}`);
  assert.equal(other.status, 400);
  await Promise.all(found.map((session) => session.post("1")));
}

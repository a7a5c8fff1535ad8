// What was published against ws, sent to this server: frames and headers, byte by byte.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { SOCKET_IO, Stream, frame, frames, upgrade } from "./raw.mjs";
import { MIB, Stage, advisories } from "./stage.mjs";

const TEXT = 0x81;
const CLOSE = 0x88;
const PING = 0x89;
const PONG = 0x8a;
const RSS_GROWTH_MAX = 32 * MIB;
/** As many headers as the advisory sends. */
const HEADERS = 2_000;

let stage;
before(async () => (stage = await Stage.open()));
after(() => stage?.close());

advisories(() => stage, {
  "CVE-2016-10518": { sent: "pings of every length, and one that is cut off", run: pings },
  "CVE-2016-10542": { sent: "frames that announce more than may come", run: announced },
  "GHSA-5v72-xg48-5rpm": {
    sent: "extensions and parameters that every JavaScript object has",
    run: extensions,
  },
  "CVE-2021-32640": { sent: "a subprotocol of very many blanks", run: blanks },
  "CVE-2024-37890": { sent: `an upgrade with ${HEADERS} headers`, run: manyHeaders },
  "CVE-2026-45736": { sent: "closes with reasons of every length", run: closes },
  "CVE-2026-48779": { sent: "a message of very many, very small fragments", run: fragments },
});

/** A WebSocket whose handshake has been read. */
async function opened(headers) {
  const stream = await Stream.open(stage.server);
  await stream.write(upgrade(`${SOCKET_IO}websocket`, headers));
  assert.equal(await stream.status(), 101);
  await stream.until((read) => frames(read).length > 0, "the handshake");
  return stream;
}

/** The next frame of that kind. */
async function next(stream, first) {
  const found = (read) => frames(read).find((each) => each.first === first);
  const read = await stream.until(found, `a frame ${first}`);
  return found(read)?.payload;
}

async function pings() {
  for (const length of [0, 1, 2, 60, 124, 125]) {
    const stream = await opened();
    const body = "x".repeat(length);
    await stream.write(frame(PING, body));
    assert.equal((await next(stream, PONG)).toString(), body);
    stream.reset();
  }
  const stream = await opened();
  await stream.write(frame(PING, "abc", { length: 125 }), "abc");
  stream.socket.end();
  await stream.ended("the end of a cut ping");
  assert.equal(frames(stream.read).filter(({ first }) => first === PONG).length, 0);
}

async function announced() {
  const before = await stage.kernel("VmRSS");
  const streams = [];
  for (const length of [1_000_001, 2 ** 31, 2 ** 32, 2 ** 52, 2n ** 62n, 2n ** 63n]) {
    for (const first of [TEXT, 0x82, 0x01, PING]) {
      const stream = await opened();
      streams.push(stream);
      await stream.write(frame(first, "4a", { length }));
      const code = (await next(stream, CLOSE))?.readUInt16BE(0);
      assert.ok([1002, 1009, undefined].includes(code), `${code} after ${length} bytes announced`);
      if (length === 1_000_001 && first === TEXT) assert.equal(code, 1009);
    }
  }
  const grown = (await stage.kernel("VmRSS")) - before;
  assert.ok(grown < RSS_GROWTH_MAX, `${grown} bytes more`);
  for (const stream of streams) stream.reset();
}

async function extensions() {
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty"];
  const offers = names.flatMap((name) => [name, `permessage-deflate; ${name}`, `${name}; ${name}=1`]);
  for (const offer of [...offers, "permessage-deflate; client_max_window_bits=99", ";;;,,,="]) {
    const stream = await opened({ "sec-websocket-extensions": offer });
    assert.ok(!/sec-websocket-extensions/i.test(stream.read.toString("latin1")), offer);
    stream.reset();
  }
}

async function blanks() {
  const values = [`b${" ".repeat(12_000)}x`, `${"a,".repeat(6_000)}a`, `${", ".repeat(6_000)}`];
  for (let round = 0; round < 20; round += 1) {
    for (const value of values) {
      const stream = await Stream.open(stage.server);
      await stream.write(upgrade(`${SOCKET_IO}websocket`, { "sec-websocket-protocol": value }));
      assert.ok([101, 400].includes(await stream.status()));
      stream.reset();
    }
  }
}

async function manyHeaders() {
  for (const [count, value] of [[HEADERS, "x"], [99, "x"], [1, "x".repeat(20_000)]]) {
    const headers = Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, value]));
    const stream = await Stream.open(stage.server);
    await stream.write(upgrade(`${SOCKET_IO}websocket`, headers));
    const status = await stream.status();
    assert.ok([101, 400, 431].includes(status), `${status} to ${count} headers`);
    stream.reset();
  }
}

async function closes() {
  for (const [code, reason] of [[1000, ""], [1000, "bye"], [4_000, "x".repeat(80)], [1001, "x".repeat(123)]]) {
    const stream = await opened();
    const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
    payload.writeUInt16BE(code);
    await stream.write(frame(CLOSE, payload));
    const said = await next(stream, CLOSE);
    assert.equal(said.readUInt16BE(0), code);
    assert.ok(["", reason].includes(said.subarray(2).toString()), "nothing but what it was told");
    stream.reset();
  }
}

async function fragments() {
  const before = await stage.kernel("VmRSS");
  const empty = Buffer.concat(Array.from({ length: 50_000 }, () => frame(0x00)));
  const one = Buffer.concat(Array.from({ length: 50_000 }, () => frame(0x00, "x")));
  const streams = await Promise.all(Array.from({ length: 5 }, () => opened()));
  for (const stream of streams) {
    await stream.write(frame(0x01, "4"), empty, one, empty, frame(PING, "done"));
    assert.equal((await next(stream, PONG)).toString(), "done", "a ping between fragments");
  }
  const grown = (await stage.kernel("VmRSS")) - before;
  assert.ok(grown < RSS_GROWTH_MAX, `${grown} bytes more`);
  for (const stream of streams) stream.reset();
}

// What was published against engine.io, sent to this server.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Polling, SOCKET_IO as PATH, request } from "../../conformance/kit/wire.mjs";
import { until } from "../kit/until.mjs";
import { SOCKET_IO, Stream, frame, head, upgrade } from "./raw.mjs";
import { MIB, Stage, advisories } from "./stage.mjs";

const MAX_PAYLOAD_BYTES = 1_000_000;
const INHERITED = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"];
const RSS_GROWTH_MAX = 64 * MIB;

let stage;
// Without a rate, a decoder has no rest between packets.
before(async () => (stage = await Stage.open("--events-per-second", "0")));
after(() => stage?.close());

advisories(() => stage, {
  "CVE-2020-36048": {
    sent: "POSTs of very many packets, in today's and in the old spelling",
    run: manyPackets,
  },
  "CVE-2022-21676": {
    sent: "an upgrade with frames behind it that are none",
    run: brokenFrames,
  },
  "CVE-2022-41940": {
    sent: "an upgrade to a path that nobody serves, then a reset",
    run: resetUpgrades,
  },
  "CVE-2023-31125": {
    sent: "transports and sids that every JavaScript object has",
    run: inheritedNames,
  },
  "CVE-2026-59724": {
    sent: "WebTransport, with a sid that every JavaScript object has",
    run: webTransport,
  },
  "CVE-2026-59725": {
    sent: "POSTs of octets, each answered and none held",
    run: octets,
  },
});

async function manyPackets({ url }) {
  const before = await stage.kernel("VmRSS");
  const fill = (unit) => unit.repeat(Math.floor(MAX_PAYLOAD_BYTES / unit.length));
  const bodies = ["4\x1e", "b\x1e", "3\x1e", "\x1e", "2:4a", "1:2", "4", "b"].map(fill);
  const posts = bodies.map(async (body) => {
    const session = await Polling.open(url, PATH);
    const { status } = await session.post(body);
    assert.ok([200, 400].includes(status), `${status} to ${body.slice(0, 8)}...`);
  });
  await Promise.all(posts);
  const session = await Polling.open(url, PATH);
  assert.equal((await session.post("x".repeat(MAX_PAYLOAD_BYTES + 1))).status, 413);
  const grown = (await stage.kernel("VmRSS")) - before;
  assert.ok(grown < RSS_GROWTH_MAX, `${grown} bytes more`);
}

async function brokenFrames({ server }) {
  const broken = {
    "reserved bits": frame(0xf1, "4a"),
    "an unknown opcode": frame(0x83, "4a"),
    "no mask": frame(0x81, "4a", { mask: 0 }),
    "a long ping": frame(0x89, "x".repeat(126)),
    "a fragmented close": frame(0x08),
    "a continuation of nothing": frame(0x80, "4a"),
    "text that is no text": frame(0x81, Buffer.from([0x34, 0xff, 0xfe])),
    "no frame at all": Buffer.from("GET / HTTP/1.1\r\n\r\n"),
  };
  const session = await Polling.open(server.url, PATH);
  const targets = [
    `${SOCKET_IO}websocket`,
    `${SOCKET_IO}websocket&sid=${session.sid}`,
    `${SOCKET_IO}websocket&sid=AAAAAAAAAAAAAAAAAAAA`,
    "/socket.io/?EIO=3&transport=websocket",
    "/socket.io/?transport=websocket",
  ];
  for (const target of targets) {
    for (const [what, bytes] of Object.entries(broken)) {
      const stream = await Stream.open(server);
      await stream.write(upgrade(target), bytes);
      assert.ok([101, 400].includes(await stream.status()), `${what} at ${target}`);
      stream.socket.end();
      await stream.ended(`the end after ${what} at ${target}`);
    }
  }
}

async function resetUpgrades({ server }) {
  const targets = ["/nowhere", "/nowhere/?EIO=4&transport=websocket", "/messages", "/", "/socket.iox/"];
  for (const target of [...targets, "/socket.io/", `${SOCKET_IO}websocket`]) {
    const [early, late] = [await Stream.open(server), await Stream.open(server)];
    await early.write(upgrade(target));
    early.reset();
    await late.write(upgrade(target));
    const status = await late.status();
    assert.ok(status < 500, `${status} at ${target}`);
    late.reset();
  }
}

async function inheritedNames({ server, url }) {
  for (const name of INHERITED) {
    for (const query of [`EIO=4&transport=${name}`, `EIO=4&transport=polling&sid=${name}`]) {
      for (const method of ["GET", "POST"]) {
        const { status } = await request(`${url}${PATH}?${query}`, { method, body: "" });
        assert.equal(status, 400, `${method} ${query}`);
      }
    }
    for (const query of [`transport=${name}`, `transport=websocket&sid=${name}`]) {
      const stream = await Stream.open(server);
      await stream.write(upgrade(`/socket.io/?EIO=4&${query}`));
      assert.ok([101, 400].includes(await stream.status()), query);
      stream.socket.end();
      await stream.ended(query);
    }
  }
}

async function webTransport({ server, url }) {
  for (const sid of ["", ...INHERITED.map((name) => `&sid=${name}`)]) {
    const query = `EIO=4&transport=webtransport${sid}`;
    assert.equal((await request(`${url}${PATH}?${query}`)).status, 400, query);
    const stream = await Stream.open(server);
    await stream.write(head("CONNECT", `${PATH}?${query}`, { ":protocol": "webtransport" }));
    const status = await stream.status();
    assert.ok(status === "ended" || (status >= 400 && status < 500), `${status} to ${query}`);
    stream.reset();
  }
  const { handshake } = await Polling.open(url, PATH);
  assert.deepEqual(handshake.upgrades, ["websocket"]);
}

async function octets({ url }) {
  const before = await stage.metric("polylogue_connections");
  const headers = { "content-type": "application/octet-stream" };
  for (let round = 0; round < 100; round += 1) {
    const session = await Polling.open(url, PATH);
    const { status } = await session.post(Buffer.from([0, 1, 2]), { headers });
    assert.equal(status, 400);
  }
  const left = async () => (await stage.metric("polylogue_connections")) <= before;
  await until(left, "every one of these sessions to be gone");
}

// What a flood costs: while it lasts, the server's resident memory grows by no more than the bound
// beside it, and two people in a room notice nothing; once it is over, the memory comes back.
//
// The bounds are what one connection may hold (`limits`, `--max-payload`) times the flood's size,
// and some slack for the allocator.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Polling, SOCKET_IO as PATH, Wire } from "../../conformance/kit/wire.mjs";
import { tokenOf } from "../kit/tokens.mjs";
import { until, within } from "../kit/until.mjs";
import { SOCKET_IO, Stream, head } from "./raw.mjs";
import { MIB, Stage } from "./stage.mjs";

const SLACK = 16 * MIB;
/** Of one kind, until memory must have stopped growing. */
const FLOODS_MAX = 5;
const BIG = 900_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A head has fifteen seconds to arrive. */
const HEAD_DEADLINE_MS = 40_000;

let stage;
let lorises;
before(async () => {
  const flags = ["--connect-timeout-ms", String(CONNECT_TIMEOUT_MS), "--durability", "normal"];
  stage = await Stage.open(...flags);
  await warmedUp();
  lorises = await trickle();
});
after(() => stage?.close());

/** The code, the buffers and the tables that every server has after a while. */
async function warmedUp() {
  await each(50, async () => {
    const session = await Polling.open(stage.url, PATH);
    await session.post(`40\x1e42["nothing","${"x".repeat(100_000)}"]`);
    await session.post("1");
  });
}

/** `count` times at once, in crowds of 50 -> what came of them. */
async function each(count, make) {
  const made = [];
  while (made.length < count) {
    const crowd = Array.from({ length: Math.min(50, count - made.length) }, (_, i) =>
      make(made.length + i),
    );
    made.push(...(await Promise.all(crowd)));
  }
  return made;
}

/**
 * `flood()` -> how to end it; `bound`: the bytes it may cost. All of it is let go: the system has
 * it back, or, where the allocator keeps it, there is a flood soon that needs no more than those
 * before it, but for some `slack`. Not always the next one: each thread keeps its own.
 */
function costs(name, bound, flood, slack = SLACK) {
  test(`${name}: at most ${Math.round(bound / MIB)} MiB`, async (t) => {
    const [bytes, open] = [await stage.kernel("VmRSS"), await stage.metric("polylogue_connections")];
    const growth = async () => {
      // The allocator gives back what is free when it is next asked for something.
      await stage.unharmed();
      return (await stage.kernel("VmRSS")) - bytes;
    };
    const floods = async () => {
      const end = await flood();
      const grown = await growth();
      await end();
      const isGone = async () => (await stage.metric("polylogue_connections")) <= open;
      await until(isGone, "every connection of the flood to be gone");
      return grown;
    };
    const grown = await floods();
    t.diagnostic(`${name}: ${(grown / MIB).toFixed(1)} MiB`);
    assert.ok(grown <= bound, `${grown} bytes more, and ${bound} are allowed`);
    if ((await growth()) <= slack) return;
    const all = [Math.max(grown, 0)];
    while (all.length < FLOODS_MAX) {
      const most = Math.max(...all);
      all.push(await floods());
      assert.ok(all.at(-1) <= bound + slack, `${all} bytes more, and ${bound} are allowed to one`);
      if (all.at(-1) <= most + slack) return;
    }
    assert.fail(`with each flood it is more: ${all} bytes, and ${slack} are no matter`);
  });
}

costs("1,000 sessions that never CONNECT", 32 * MIB, async () => {
  await each(500, () => Polling.open(stage.url, PATH));
  await each(500, () => Wire.session(stage.url, PATH));
  // The server ends them, once their time is over.
  return () => {};
});

costs("40 uploads that stop before their end", 40 * 2 * MIB + SLACK, async () => {
  const uploads = await each(40, async () => {
    const { sid } = await Polling.open(stage.url, PATH);
    const stream = await Stream.open(stage.server);
    const headers = { "content-type": "text/plain", "content-length": 1_000_000 };
    await stream.write(head("POST", `${SOCKET_IO}polling&sid=${sid}`, headers), "4".repeat(BIG));
    return stream;
  });
  return () => uploads.forEach((stream) => stream.reset());
});

costs("240 uploads, more than all together may be half read", 128 * MIB + 3 * SLACK, async () => {
  const uploads = await each(240, async () => {
    const { sid } = await Polling.open(stage.url, PATH);
    const stream = await Stream.open(stage.server);
    const headers = { "content-type": "text/plain", "content-length": 1_000_000 };
    await stream.write(head("POST", `${SOCKET_IO}polling&sid=${sid}`, headers), "4".repeat(BIG));
    return stream;
  });
  const refused = () => uploads.filter(({ read }) => read.includes("HTTP/1.1 503 ")).length;
  await until(() => refused() > 0, "one that is refused");
  assert.ok((await stage.metric("polylogue_intake_bytes")) <= 128 * MIB);
  // Who says something whole is heard; who says something large by halves is told why not.
  const session = await Polling.open(stage.url, PATH);
  assert.equal((await session.post("40")).status, 200);
  const wires = await each(8, () => Wire.session(stage.url, PATH));
  const ends = wires.map(({ socket }) => new Promise((resolve) => socket.once("close", (...how) => resolve(how))));
  for (const { socket } of wires) (socket.send("40"), socket.send("4".repeat(BIG), { fin: false }));
  const [code, reason] = await within(Promise.race(ends), "the end of one by WebSocket");
  wires.forEach((wire) => wire.end());
  assert.deepEqual([code, `${reason}`], [1013, "too much is half read"]);
  await session.post("1");
  return () => uploads.forEach((stream) => stream.reset());
}, 3 * SLACK);

costs("40 REST bodies that stop before their end", 40 * MIB + SLACK, async () => {
  const uploads = await each(40, async () => {
    const stream = await Stream.open(stage.server);
    const headers = { "content-type": "application/json", "content-length": 200_000 };
    await stream.write(head("POST", "/users/", headers), "[".repeat(199_000));
    return stream;
  });
  return () => uploads.forEach((stream) => stream.reset());
});

costs("40 events whose second attachment never comes", 40 * 2 * MIB + SLACK, async () => {
  const wires = await each(40, async () => {
    const wire = await Wire.session(stage.url, PATH);
    wire.send("40", '452-["e"]', Buffer.alloc(BIG));
    const read = new Promise((resolve) => wire.socket.once("pong", resolve));
    wire.socket.ping();
    await within(read, "the pong behind the attachment");
    return wire;
  });
  return () => wires.forEach((wire) => wire.end());
});

costs("20 sockets that ask for 2,000 namespaces each", 32 * MIB, async () => {
  const wires = await each(20, async () => {
    const wire = await Wire.session(stage.url, PATH);
    wire.send("40", "40/socket.io,");
    await wire.next("the answer to CONNECT");
    return wire;
  });
  for (const wire of wires) {
    for (let i = 0; i < 2_000; i += 1) wire.send(`40/${"n".repeat(200)}${i},{"a":"${"x".repeat(200)}"}`);
    wire.send("40/last,");
    let frame = await wire.next("an answer");
    while (!frame.startsWith?.("44/last,")) {
      assert.equal(typeof frame, "string", JSON.stringify(frame));
      frame = await wire.next("an answer");
    }
  }
  return () => wires.forEach((wire) => wire.end());
});

costs(
  "a user who joins 1,500 rooms",
  32 * MIB,
  async () => {
    const wire = await Wire.session(stage.url, PATH);
    wire.send(`40${JSON.stringify({ token: tokenOf(9) })}`);
    let [joined, refused] = [0, 0];
    for (let i = 0; i < 1_500; i += 1) wire.send(`42${i}["join_room","room ${i}"]`);
    while (joined + refused < 1_500) {
      const frame = await wire.next("an answer");
      if (frame.startsWith("43")) frame.includes("error") ? (refused += 1) : (joined += 1);
    }
    assert.deepEqual([joined, refused], [1_000, 500], "a voice has a thousand seats");
    return () => wire.end();
  },
);

costs("200 heads that never end", 16 * MIB, async () => {
  const streams = await each(200, async () => {
    const stream = await Stream.open(stage.server);
    await stream.write(`GET / HTTP/1.1\r\nhost: chat\r\nx: ${"y".repeat(15_000)}`);
    return stream;
  });
  const tooLong = await Stream.open(stage.server);
  await tooLong.write(head("GET", "/", { x: "y".repeat(40_000) }));
  assert.ok([431, "ended"].includes(await tooLong.status()));
  return () => [...streams, tooLong].forEach((stream) => stream.reset());
});

/** Streams that say one byte at a time, from the beginning of this file on. */
async function trickle() {
  const streams = await each(300, async () => {
    const stream = await Stream.open(stage.server);
    await stream.write("GET / HTTP/1.1\r\nx: ");
    return stream;
  });
  const timer = setInterval(() => streams.forEach(({ socket }) => socket.writable && socket.write("y")), 1_000);
  const ended = Promise.all(streams.map((stream) => stream.until(() => false, "its end", HEAD_DEADLINE_MS)));
  ended.finally(() => clearInterval(timer)).catch(() => {});
  return { streams, ended };
}

test("300 heads that come byte by byte: ended in time, and nobody waits for them", async () => {
  await stage.unharmed();
  await within(lorises.ended, "the server to end them", HEAD_DEADLINE_MS);
  for (const { socket } of lorises.streams) socket.destroy();
  await stage.unharmed();
});

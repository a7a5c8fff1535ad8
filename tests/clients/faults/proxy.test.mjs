// Bad networks, one fault at a time, by polling and by WebSocket: what was acked is there, nothing
// twice, in one order; whoever sits has heard all up to a point; nobody else notices.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Narrow } from "../kit/narrow.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { Proxy } from "../kit/proxy.mjs";
import { history } from "../kit/rest.mjs";
import { Stubborn } from "../kit/stubborn.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";
import { until } from "../kit/until.mjs";

/** What a neighbour says between two strikes, and what everybody says at least. */
const MESSAGES = 8;
const STRIKES = 3;
/** Wide enough to fill a tiny window many times over. */
const PADDING = "~".repeat(3_000);
const PATIENCE_MS = 60_000;
const SIDES = ["up", "down"];

const disconnects = (who) => who.disconnects;
const repeats = (who) => who.repeats;

/**
 * Weather lasts all the while. `strike` happens again and again; once the speaker has `noticed`
 * (the number it looks at has grown), `mend`.
 */
const FAULTS = {
  latency: { weather: { latencyMs: 60 }, ackMs: 50 },
  "little bandwidth": { weather: { bytesPerSecond: 8_000 } },
  "single bytes": { weather: { pieceBytes: 1 } },
  "tiny windows": { relay: Narrow, padding: PADDING },
  cut: { strike: (proxy) => proxy.cut(), noticed: disconnects },
  reset: { strike: (proxy) => proxy.reset(), noticed: disconnects },
  "cut, and nobody there for a while": {
    strike: (proxy) => proxy.shut(true),
    noticed: (who) => Math.floor(who.repeats / 2),
    ackMs: 100,
    mend: (proxy) => proxy.shut(false),
  },
  "the server's half closed": { strike: (proxy) => proxy.halfClose("down"), noticed: disconnects },
  "the client's half closed": { strike: (proxy) => proxy.halfClose("up"), noticed: disconnects },
  "held for a while": {
    strike: (proxy) => SIDES.forEach((way) => proxy.hold(way)),
    noticed: repeats,
    ackMs: 200,
    mend: (proxy) => proxy.release(),
  },
  "held until the heartbeat tells": {
    strikes: 1,
    strike: (proxy) => SIDES.forEach((way) => proxy.hold(way)),
    noticed: disconnects,
    mend: (proxy) => proxy.release(),
  },
  "acks held, then reset": {
    strike: (proxy) => proxy.hold("down"),
    noticed: repeats,
    ackMs: 200,
    mend: (proxy) => (proxy.reset(), proxy.release()),
  },
};

let server;
before(async () => {
  // A held stream is found out by its heartbeat.
  const heartbeat = ["--ping-interval-ms", "500", "--ping-timeout-ms", "4000"];
  const all = ["--history-on-join", "100000", "--page-size", "1000"];
  server = await Polylogue.start("--jwt-secret", SECRET, ...heartbeat, ...all);
});
after(() => server?.remove());

describe("stock clients outlive", { concurrency: true }, () => {
  for (const [name, fault] of Object.entries(FAULTS)) {
    for (const transports of [["websocket"], ["polling"]]) {
      test(`${name}, by ${transports}`, () => outlive(`${name} ${transports}`, fault, transports));
    }
  }
});

async function outlive(room, fault, transports) {
  const { relay = Proxy, weather, padding = "", ackMs } = fault;
  const proxy = await relay.to(server.url, weather);
  const far = { transports, room, ackMs };
  const near = { transports: ["websocket"], room };
  const [speaker, listener, neighbour, witness] = await Promise.all([
    Stubborn.enter(proxy.url, { token: tokenOf(1), ...far }),
    Stubborn.enter(proxy.url, { token: tokenOf(2), ...far }),
    Stubborn.enter(server.url, { token: tokenOf(3), ...near }),
    Stubborn.enter(server.url, { token: tokenOf(4), ...near }),
  ]);
  const acked = new Map();
  const say = async (who, content) => acked.set(content, await who.say(content));
  let isOver = false;
  const talk = async () => {
    for (let n = 0; n < MESSAGES || !isOver; n += 1) await say(speaker, `far ${n}${padding}`);
  };
  const disturb = async () => {
    for (let n = 0; n < MESSAGES * STRIKES; n += 1) {
      await say(neighbour, `near ${n}`);
      if (n % MESSAGES === 1 && n < MESSAGES * (fault.strikes ?? STRIKES)) {
        await strike(fault, proxy, speaker);
      }
    }
    isOver = true;
  };
  await Promise.all([talk(), disturb()]);
  const kept = await history(server, tokenOf(4), room);
  judge(kept, acked);
  const told = () => [listener, witness].every((who) => who.told.length === kept.length);
  await until(told, "all that was said", PATIENCE_MS);
  const contents = kept.map(({ content }) => content);
  [listener, witness].forEach((who) => assertPrefixes(who, contents));
  assert.deepEqual([witness, neighbour].map((who) => who.sittings.length), [1, 1]);
  assert.deepEqual([neighbour.repeats, witness.disconnects], [0, 0], "nobody else noticed");
  [speaker, listener, neighbour, witness].forEach((who) => who.leave());
  proxy.close();
}

/** Strikes until it has told (between two polls there is nothing to strike), and mends. */
async function strike(fault, proxy, speaker) {
  if (fault.strike === undefined) return;
  const before = fault.noticed(speaker);
  const told = () => fault.noticed(speaker) > before || fault.strike(proxy);
  await until(told, "the fault to be noticed", PATIENCE_MS);
  fault.mend?.(proxy);
}

/** Each acked message is kept once, under the id it was acked with; each speaker's in order. */
function judge(kept, acked) {
  assert.deepEqual(new Map(kept.map(({ content, id }) => [content, id])).size, kept.length);
  for (const { content, id } of kept) assert.equal(acked.get(content), id, content);
  assert.equal(kept.length, acked.size);
  for (const who of ["far", "near"]) {
    const spoken = kept.map(({ content }) => content).filter((each) => each.startsWith(who));
    assert.deepEqual(spoken, [...acked.keys()].filter((each) => each.startsWith(who)));
  }
}

/**
 * Whoever sat somewhere was told the history from its beginning, without a gap or a double. It
 * comes newest first: of a sitting that ended within it, only the newest were told.
 */
function assertPrefixes(who, contents) {
  for (const { history, live } of who.sittings) {
    const told = [...history, ...live];
    const end = told.length === 0 ? 0 : contents.indexOf(told.at(-1)) + 1;
    const begin = live.length === 0 ? end - told.length : 0;
    assert.deepEqual(told, contents.slice(begin, end));
  }
  assert.deepEqual(who.told, contents, "the last sitting was told all");
}

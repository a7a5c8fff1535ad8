// From polling to WebSocket: probes as they should and should not be, and races of both transports.
import { ENGINE_IO, Polling, Wire, pause, request, within } from "../kit/wire.mjs";
import { ECHO_FENCE, brief, code, overPolling, overWebSocket, packet } from "./observe.mjs";

/** First frames of a probing WebSocket after which it is closed, and polling goes on. */
const WRONG_PROBES = {
  "a message": "4a",
  "a ping without the word": "2",
  "a ping with another word": "2probex",
  "a ping with white space": "2 probe",
  "base64": "bAQID",
  "a pong": "3probe",
  "a noop": "6",
  "an open packet": "0",
  "a close packet": "1",
  "an unknown type": "9",
  "an empty frame": "",
  "a binary frame": Buffer.from([1]),
};

/** Frames after a good probe, in the upgrade packet's place. */
const WRONG_UPGRADES = {
  "a message": "4a",
  "a noop": "6",
  "a close packet": "1",
  "a ping": "2",
  "an unknown type": "x",
};

const single = {
  "as it should be": asItShouldBe,
  "without a probe": (server) => straight(server, "5"),
  "without a probe, with a payload": (server) => straight(server, "5x"),
  "probed twice": probedTwice,
  "a message right behind the upgrade packet": messageBehind,
  "frames sent before the answers": eagerly,
  "what waited for a poll comes by WebSocket": whatWaited,
  "messages while probing come by polling": whileProbing,
  "a pending poll is freed while probing": (server) => freed(server, 1),
  "every poll is freed while probing": (server) => freed(server, 3),
  "the probe is lost, polling goes on": probeLost,
  "the probe is lost, the next one succeeds": secondTry,
  "a second WebSocket while probing": secondWhileProbing,
  "a second WebSocket after the upgrade": secondAfter,
  "polling after the upgrade": pollAfter,
  "posting after the upgrade": postAfter,
  "the session is closed by POST while probing": closedWhileProbing,
  "the WebSocket is lost after the upgrade": lostAfter,
  "a bad packet after the upgrade": badAfter,
  "revision 3": revisionThree,
};

const CLOSES_WHY =
  "a close packet closes, as the official suite asks and the stock server does not";

export const cases = [
  ...Object.entries(WRONG_PROBES).map(([name, frame]) => ({
    name: `probe by ${name}`,
    run: (server) => failing(server, [frame]),
  })),
  ...Object.entries(WRONG_UPGRADES).map(([name, frame]) => ({
    name: `upgrade by ${name}`,
    run: (server) => failing(server, ["2probe", frame]),
  })),
  ...Object.entries(single).map(([name, run]) => ({ name: `upgrade: ${name}`, run })),
  {
    name: "upgrade: a close packet after the upgrade",
    run: closeAfter,
    differs: { ours: { frames: [{ closed: "normally" }], lives: false }, why: CLOSES_WHY },
  },
];

async function start(server) {
  const session = await Polling.open(server);
  const wire = await Wire.open(server, ENGINE_IO, session.sid);
  return { session, wire };
}

async function probing(server) {
  const { session, wire } = await start(server);
  wire.send("2probe");
  const answered = await wire.next("the probe's answer");
  if (answered !== "3probe") throw new Error(`the probe was answered ${packet(answered)}`);
  return { session, wire };
}

async function upgraded(server) {
  const { session, wire } = await probing(server);
  wire.send("5", "4moved");
  const moved = await wire.next("the first echo by WebSocket");
  if (moved !== "4moved") throw new Error(`the upgrade was answered ${packet(moved)}`);
  return { session, wire };
}

/** The WebSocket is closed, polling lives and has heard nothing of it. */
async function failing(server, frames) {
  const { session, wire } = await start(server);
  const seen = [];
  for (const frame of frames) {
    wire.send(frame);
    seen.push(packet(await wire.next(`an answer to ${frame}`)));
  }
  return { seen, polling: await overPolling(session, ...ECHO_FENCE) };
}

async function asItShouldBe(server) {
  const { session, wire } = await probing(server);
  const poll = brief(await session.poll());
  wire.send("5");
  return { poll, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function straight(server, frame) {
  const { wire } = await start(server);
  wire.send(frame);
  return overWebSocket(wire, ...ECHO_FENCE);
}

async function probedTwice(server) {
  const { wire } = await probing(server);
  wire.send("2probe");
  const again = await wire.next();
  wire.send("5");
  return { again, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function messageBehind(server) {
  const { wire } = await probing(server);
  wire.send("5", "4a", Buffer.from([1]), "4b");
  return overWebSocket(wire, ...ECHO_FENCE);
}

async function eagerly(server) {
  const { wire } = await start(server);
  wire.send("2probe", "5", "4a");
  return overWebSocket(wire, ...ECHO_FENCE);
}

async function whatWaited(server) {
  const { session, wire } = await probing(server);
  await session.post("4a\x1ebAQID\x1e4b");
  wire.send("5");
  return overWebSocket(wire, ...ECHO_FENCE);
}

async function whileProbing(server) {
  const { session, wire } = await probing(server);
  await session.post("4a");
  const polled = brief(await session.poll());
  await session.post("4b");
  wire.send("5");
  return { polled, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function freed(server, times) {
  const { session, wire } = await probing(server);
  const polls = [];
  for (let i = 0; i < times; i += 1) polls.push(brief(await session.poll()));
  wire.send("5");
  return { polls, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function probeLost(server) {
  const { session, wire } = await probing(server);
  wire.end();
  await wire.closed;
  return overPolling(session, ...ECHO_FENCE).then(withoutNoops);
}

async function secondTry(server) {
  const { session, wire } = await probing(server);
  wire.socket.close();
  await wire.closed;
  await session.post("4a");
  const polled = brief(await session.poll());
  const second = await Wire.open(server, ENGINE_IO, session.sid);
  second.send("2probe");
  const answered = packet(await second.next());
  second.send("5");
  return { polled, answered, ...(await overWebSocket(second, ...ECHO_FENCE)) };
}

async function secondWhileProbing(server) {
  const { session, wire } = await probing(server);
  const second = await Wire.open(server, ENGINE_IO, session.sid);
  const closed = code(await within(second.closed, "the second WebSocket's close"));
  wire.send("5");
  return { closed, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function secondAfter(server) {
  const { session, wire } = await upgraded(server);
  const second = await Wire.open(server, ENGINE_IO, session.sid);
  const closed = code(await within(second.closed, "the second WebSocket's close"));
  return { closed, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function pollAfter(server) {
  const { session, wire } = await upgraded(server);
  const polled = brief(await session.poll());
  return { polled, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function postAfter(server) {
  const { session, wire } = await upgraded(server);
  const posted = brief(await session.post("4a"));
  return { posted, ...(await overWebSocket(wire, ...ECHO_FENCE)) };
}

async function closedWhileProbing(server) {
  const { session, wire } = await probing(server);
  const posted = brief(await session.post("1"));
  const closed = code(await within(wire.closed, "the probe's close"));
  return { posted, closed, after: brief(await session.poll()) };
}

async function lostAfter(server) {
  const { session, wire } = await upgraded(server);
  wire.end();
  await wire.closed;
  for (;;) {
    const [status, body] = brief(await session.poll());
    if (JSON.parse(body).code === 1) return { status, body }; // until then: it lives by WebSocket
    await pause(5);
  }
}

async function closeAfter(server) {
  const { wire } = await upgraded(server);
  wire.send("1");
  return overWebSocket(wire, ...ECHO_FENCE);
}

async function badAfter(server) {
  const { session, wire } = await upgraded(server);
  wire.send("x");
  const closed = code(await within(wire.closed, "the close"));
  return { closed, after: brief(await session.poll()) };
}

async function revisionThree(server) {
  const session = await Polling.open(server);
  const wire = new Wire(`${server}${ENGINE_IO}?EIO=3&transport=websocket&sid=${session.sid}`);
  const { status, body } = await within(wire.opened, "the refusal");
  const url = `${server}${ENGINE_IO}?EIO=3&transport=polling&sid=${session.sid}`;
  const polled = brief(await request(url));
  return { status, body, polled, ...(await overPolling(session, ...ECHO_FENCE)) };
}

/** A lost probe may be noticed only after a poll was freed with a noop. */
const withoutNoops = ({ frames, ...rest }) => ({
  frames: frames.filter((f) => f !== "6"),
  ...rest,
});

// The heartbeat: pings that are buffered, answered, missed, or put off by other packets. A time is
// compared as the nearest of the times that would tell right from wrong, never to the millisecond.
import { TIMING } from "../kit/program.mjs";
import { ENGINE_IO, Polling, SOCKET_IO, Wire, pause, within } from "../kit/wire.mjs";
import { brief, code, packet } from "./observe.mjs";

/** Slow enough that a busy machine does not blur one step into the next. */
export const PULSE = process.env.CONFORMANCE_URL
  ? TIMING
  : { ...TIMING, "ping-interval-ms": 600, "ping-timeout-ms": 400 };
const PING_MS = PULSE["ping-interval-ms"];
const PONG_MS = PULSE["ping-timeout-ms"];
const CONNECT_MS = PULSE["connect-timeout-ms"];

export const cases = [
  { name: "a WebSocket that never answers", run: silentWire },
  { name: "a WebSocket that answers lives on", run: answeringWire },
  { name: "a message in the pong's place puts the end off, once", run: (s) => refreshed(s, "4a") },
  { name: "a noop in the pong's place puts the end off, once", run: (s) => refreshed(s, "6") },
  { name: "a pong before the ping counts for nothing", run: earlyPong },
  { name: "a ping with no poll pending waits for the next poll", run: bufferedPing },
  { name: "a ping waits together with a message", run: joinedPing },
  { name: "a polling session that never answers, no poll pending", run: silentPolling },
  { name: "a polling session that polls and never answers", run: pollingNoPong },
  { name: "the heartbeat goes on after an upgrade", run: afterUpgrade },
  { name: "a ping packet ends a polling session", run: wrongWay },
  { name: "no CONNECT in time, by WebSocket", run: (server) => unconnected(server, []) },
  { name: "a refused CONNECT is none", run: (server) => unconnected(server, ["40/nowhere"]) },
  { name: "CONNECT, then DISCONNECT, keeps the connection", run: connectedOnce },
  { name: "no CONNECT in time, by polling", run: unconnectedPolling },
];

/** The name of the time in `times` (name -> milliseconds) that lies nearest to the time since. */
function nearest(since, times) {
  const passed = performance.now() - since;
  const off = ([, ms]) => Math.abs(ms - passed);
  return Object.entries(times).sort((a, b) => off(a) - off(b))[0][0];
}

async function silentWire(server) {
  const wire = await Wire.session(server);
  const frame = await wire.next("the ping");
  const pinged = performance.now();
  const closed = await within(wire.closed, "the close");
  const when = nearest(pinged, { early: 0, right: PONG_MS, late: PONG_MS * 2 });
  return { frame, closed: code(closed), when };
}

async function answeringWire(server) {
  const wire = await Wire.session(server);
  const frames = [];
  for (let beat = 0; beat < 3; beat += 1) {
    frames.push(await wire.next("a ping"));
    wire.send("3");
  }
  wire.end();
  return frames;
}

async function refreshed(server, frame) {
  const wire = await Wire.session(server);
  await wire.next("the ping");
  const pinged = performance.now();
  const part = PONG_MS * 0.6;
  await pause(part);
  wire.send(frame); // the time to answer starts anew
  await pause(part);
  wire.send(frame); // and does so once only
  await within(wire.closed, "the close");
  return nearest(pinged, { never: PONG_MS, once: PONG_MS + part, twice: PONG_MS + 2 * part });
}

async function earlyPong(server) {
  const wire = await Wire.session(server);
  wire.send("3");
  const frames = [await wire.next("the ping")];
  frames.push(packet(await wire.next("the close")));
  return frames;
}

async function bufferedPing(server) {
  const session = await Polling.open(server);
  await pause(PING_MS + PONG_MS / 2);
  const polled = brief(await session.poll());
  const posted = brief(await session.post("3"));
  return { polled, posted, next: brief(await session.poll()) };
}

async function joinedPing(server) {
  const session = await Polling.open(server);
  await session.post("4a");
  await pause(PING_MS + PONG_MS / 2);
  return brief(await session.poll());
}

async function silentPolling(server) {
  const session = await Polling.open(server);
  await pause(PING_MS + PONG_MS * 1.5);
  return [brief(await session.poll()), brief(await session.post("3"))];
}

async function pollingNoPong(server) {
  const session = await Polling.open(server);
  const polls = [brief(await session.poll()), brief(await session.poll())];
  return [...polls, brief(await session.poll())];
}

async function afterUpgrade(server) {
  const session = await Polling.open(server);
  const wire = await Wire.open(server, ENGINE_IO, session.sid);
  wire.send("2probe", "5");
  const frames = [];
  for (let beat = 0; beat < 3; beat += 1) {
    frames.push(await wire.next());
    if (frames.at(-1) === "2") wire.send("3");
  }
  wire.end();
  return frames;
}

async function wrongWay(server) {
  const session = await Polling.open(server);
  await session.poll();
  await session.post("2");
  return brief(await session.poll());
}

async function unconnected(server, frames) {
  const wire = await Wire.session(server, SOCKET_IO);
  const opened = performance.now();
  wire.socket.on("message", (frame) => `${frame}` === "2" && wire.send("3"));
  wire.send(...frames);
  const closed = await within(wire.closed, "the close");
  const when = nearest(opened, { early: CONNECT_MS / 2, right: CONNECT_MS, late: CONNECT_MS * 2 });
  return { closed: code(closed), when };
}

async function connectedOnce(server) {
  const wire = await Wire.session(server, SOCKET_IO);
  wire.socket.on("message", (frame) => `${frame}` === "2" && wire.send("3"));
  wire.send("40");
  await wire.next("the CONNECT's answer");
  wire.send("41");
  await pause(CONNECT_MS * 1.5);
  wire.send("40/late,");
  let frame = await wire.nextButPing();
  while (!String(frame).startsWith("44") && frame.closed === undefined) {
    frame = await wire.nextButPing();
  }
  return packet(frame);
}

async function unconnectedPolling(server) {
  const session = await Polling.open(server, SOCKET_IO);
  const polls = [];
  for (let polled = await session.poll(); polled.status === 200; polled = await session.poll()) {
    polls.push(polled.body);
    await session.post("3");
  }
  return polls.at(-1);
}

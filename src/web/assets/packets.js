// Shows the raw Engine.IO packets of a connection, as they stand in a WebSocket frame.
// Spoken to by: the demonstration's sides.
import { make } from "./kit.js";

const PACKETS_MAX = 300;
const DIGITS = { open: 0, close: 1, ping: 2, pong: 3, message: 4, upgrade: 5, noop: 6 };

/** Writes every packet of a socket's connection, and of those that follow it, into a list. */
export function showPackets(socket, list) {
  const manager = socket.io;
  watch(manager.engine, list);
  // The next engine is made right after this event, in the same turn: before it can hear anything.
  manager.on("reconnect_attempt", () => queueMicrotask(() => watch(manager.engine, list)));
}

function watch(engine, list) {
  engine.on("packet", (packet) => add(list, "in", "←", packet));
  engine.on("packetCreate", (packet) => add(list, "out", "→", packet));
}

function add(list, direction, arrow, { type, data }) {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(make("li", { class: direction }, `${arrow} ${raw(type, data)}`));
  if (list.children.length > PACKETS_MAX) list.firstElementChild.remove();
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

function raw(type, data) {
  if (data instanceof ArrayBuffer || data instanceof Blob || ArrayBuffer.isView(data)) {
    return `(${data.byteLength ?? data.size} bytes)`;
  }
  return `${DIGITS[type]}${data ?? ""}`;
}

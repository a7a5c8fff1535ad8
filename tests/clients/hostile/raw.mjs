// Bytes on a stream, with no client library that would know better than to send them.
// Spoken to by: the tests beside it.
import { connect } from "node:net";
import { within } from "../kit/until.mjs";

export const SOCKET_IO = "/socket.io/?EIO=4&transport=";

/** A TCP stream to the server. */
export class Stream {
  constructor(server) {
    const { hostname, port } = new URL(server.url);
    this.read = Buffer.alloc(0);
    this.socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    this.socket.on("error", () => {});
    this.waiting = new Set();
    this.socket.on("data", (chunk) => {
      this.read = Buffer.concat([this.read, chunk]);
      this.#check();
    });
    for (const end of ["end", "close"]) {
      this.socket.on(end, () => {
        this.isEnded = true;
        this.#check();
      });
    }
  }

  static async open(server) {
    const stream = new Stream(server);
    await within(new Promise((resolve) => stream.socket.on("connect", resolve)), "a stream");
    return stream;
  }

  /** Writes, and resolves once the kernel has it all. */
  write(...parts) {
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
    return new Promise((resolve) => this.socket.write(bytes, resolve));
  }

  /** Waits until what was read fulfils a condition, or the server has ended the stream. */
  until(condition, what, deadlineMs) {
    const met = new Promise((resolve) => this.waiting.add({ condition, resolve }));
    this.#check();
    return within(met, what, deadlineMs).then(() => this.read);
  }

  /** The status of the answer, or "ended" where there is none. */
  async status() {
    const read = await this.until((bytes) => bytes.includes("\r\n"), "an answer");
    const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(read.toString("latin1")) ?? [];
    return status === undefined ? "ended" : Number(status);
  }

  /** Resolves once the server has ended the stream. */
  async ended(what = "the stream's end") {
    await this.until(() => false, what);
    this.socket.destroy();
  }

  /** A reset: the other side reads an error. */
  reset() {
    this.socket.resetAndDestroy();
  }

  #check() {
    for (const waiting of this.waiting) {
      if (!this.isEnded && !waiting.condition(this.read)) continue;
      this.waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

/** A request's head. */
export function head(method, target, headers = {}) {
  const lines = Object.entries({ host: "chat", ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** The head of a request to become a WebSocket. */
export function upgrade(target = `${SOCKET_IO}websocket`, headers = {}) {
  return head("GET", target, {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    ...headers,
  });
}

/** A frame, masked with zeroes; `length` may lie. */
export function frame(first, payload = "", { length = Buffer.byteLength(payload), mask = 0x80 } = {}) {
  const short = length < 126 ? [first, mask | length] : [first, mask | (length < 65_536 ? 126 : 127)];
  const long = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8);
  if (long.length === 2) long.writeUInt16BE(length);
  if (long.length === 8) long.writeBigUInt64BE(BigInt(length));
  const key = mask ? Buffer.alloc(4) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from(short), long, key, Buffer.from(payload)]);
}

/** What came behind the 101, as frames `{ first, payload }`, the whole ones. */
export function frames(read) {
  const found = [];
  let at = read.indexOf("\r\n\r\n") + 4;
  while (at > 3 && at + 2 <= read.length) {
    let [first, length] = read.subarray(at, at + 2);
    at += 2;
    if (length === 126) [length, at] = [read.readUInt16BE(at), at + 2];
    if (at + length > read.length) break;
    found.push({ first, payload: read.subarray(at, at + length) });
    at += length;
  }
  return found;
}

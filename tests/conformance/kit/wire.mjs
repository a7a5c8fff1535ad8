// A peer on the wire: requests, polling sessions and WebSockets, with nothing between the test and
// the bytes. What never comes ends in an error that says what was waited for.
// Spoken to by: the suites and the differential tables.
import http from "node:http";
import { WebSocket } from "./packages.mjs";

/** How long anything is waited for. Far above any answer's time, so never a measure. */
export const DEADLINE_MS = 8_000;
export const ENGINE_IO = "/engine.io/";
export const SOCKET_IO = "/socket.io/";

/** Resolves as `promise` does, or fails after the deadline naming `what`. */
export function within(promise, what, deadlineMs = DEADLINE_MS) {
  let late;
  const deadline = new Promise((_, reject) => {
    late = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), deadlineMs);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(late));
}

/** A pause that the protocol itself asks for: a heartbeat's interval, an order of two requests. */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Long enough for what was sent to be with a server that says nothing of it, on a busy machine. */
export const arrival = () => pause(120);

/**
 * One HTTP request -> `{ status, headers, body }`; `status` is "reset" where the connection broke
 * before an answer. `signal` aborts it.
 */
export function request(url, { method = "GET", headers = {}, body, signal } = {}) {
  const answer = new Promise((resolve) => {
    const outgoing = http.request(url, { method, headers, signal, agent: false });
    outgoing.on("error", () => resolve({ status: "reset", headers: {}, body: "" }));
    outgoing.on("response", (incoming) => {
      const chunks = [];
      const done = () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode, headers: incoming.headers, body: text });
      };
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("end", done);
      incoming.on("error", () => resolve({ status: "reset", headers: {}, body: "" }));
    });
    outgoing.end(body);
  });
  return within(answer, `an answer to ${method} ${url}`);
}

/** An Engine.IO session over long-polling. */
export class Polling {
  constructor(server, path, handshake) {
    this.handshake = handshake;
    this.sid = handshake.sid;
    this.url = `${server}${path}?EIO=4&transport=polling&sid=${handshake.sid}`;
  }

  static async open(server, path = ENGINE_IO) {
    const { status, body } = await request(`${server}${path}?EIO=4&transport=polling`);
    if (status !== 200 || body[0] !== "0") throw new Error(`no handshake: ${status} ${body}`);
    return new Polling(server, path, JSON.parse(body.slice(1)));
  }

  poll(options) {
    return request(this.url, options);
  }

  post(body, options) {
    return request(this.url, { method: "POST", body, ...options });
  }
}

/** A WebSocket: frames are read in order, text as a string and binary as a Buffer. */
export class Wire {
  #frames = [];
  #waiting = [];

  constructor(url, options) {
    this.socket = new WebSocket(url.replace(/^http/, "ws"), options);
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code) => resolve(code));
    });
    this.opened = new Promise((resolve) => {
      this.socket.on("open", () => resolve({ status: 101 }));
      this.socket.on("error", () => resolve({ status: "reset" }));
      this.socket.on("unexpected-response", (_, response) => {
        refusal(response).then((refused) => {
          resolve(refused);
          this.socket.terminate(); // with a listener to this event, ws leaves the end to us
        });
      });
    });
    this.socket.on("message", (frame, isBinary) => this.#arrive(isBinary ? frame : `${frame}`));
    this.socket.on("close", (code) => this.#arrive({ closed: code }));
  }

  /** A WebSocket at `path`, of session `sid` if one is named; resolves once it is open. */
  static async open(server, path = ENGINE_IO, sid = undefined) {
    const session = sid === undefined ? "" : `&sid=${sid}`;
    const wire = new Wire(`${server}${path}?EIO=4&transport=websocket${session}`);
    const { status } = await within(wire.opened, "the WebSocket to open");
    if (status !== 101) throw new Error(`the WebSocket was refused: ${status}`);
    return wire;
  }

  /** An open session: the handshake has been read and is in `handshake`. */
  static async session(server, path = ENGINE_IO) {
    const wire = await Wire.open(server, path);
    wire.handshake = JSON.parse((await wire.next()).slice(1));
    return wire;
  }

  send(...frames) {
    for (const frame of frames) this.socket.send(frame);
  }

  /** The next frame: a string, a Buffer, or `{ closed: code }`. */
  next(what = "a frame") {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift());
    const frame = new Promise((resolve) => this.#waiting.push(resolve));
    return within(frame, what);
  }

  /** The next frame that is not a heartbeat's ping. */
  async nextButPing(what) {
    let frame = await this.next(what);
    while (frame === "2") frame = await this.next(what);
    return frame;
  }

  end() {
    this.socket.terminate();
  }

  #arrive(frame) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(frame);
    else this.#frames.push(frame);
  }
}

async function refusal(response) {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  return { status: response.statusCode, headers: response.headers, body };
}

/** What is said of a polling session once it is gone; one that lives is asked without harming it. */
export async function forgotten({ url }) {
  const asked = async () => {
    for (;;) {
      const { status, body } = await request(url.replace("EIO=4", "EIO=3"));
      if (JSON.parse(body).code === 1) return [status, body];
      await pause(5);
    }
  };
  return within(asked(), "the end of the session");
}

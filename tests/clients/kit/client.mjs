// A stock socket.io-client with an ear: every event is logged in order from before CONNECT on, and
// can be waited for or taken. Spoken to by: every test beside it.
import { io } from "socket.io-client";
import { record } from "./record.mjs";
import { within } from "./until.mjs";

/** The three ways a stock client can be told to travel. */
export const TRANSPORTS = {
  "polling only": ["polling"],
  "WebSocket only": ["websocket"],
  "polling, then upgrade": ["polling", "websocket"],
};

/** What the server itself says. */
export const system = (message) => ["system_message", { message, sender: "System" }];

/** One connection of one user. */
export class Client {
  #log = [];
  #waiting = new Set();

  constructor(server, options = {}) {
    const { token, auth, headers, transports = ["websocket"], namespace = "", query } = options;
    this.transports = transports;
    this.socket = io(`${server.url}${namespace}`, {
      query,
      auth: auth ?? (token === undefined ? {} : { token }),
      extraHeaders: headers,
      transports,
      forceNew: true,
      reconnection: false,
    });
    this.socket.onAny((event, ...args) => {
      // How far it has heard its rooms: for the client library alone.
      if (event === "offset") return;
      this.#log.push([event, ...args]);
      record({ event, payload: args[0] });
      this.#check();
    });
  }

  /** A client that has been let in, welcomed, and (where it may) upgraded. */
  static async join(server, options) {
    const client = new Client(server, options);
    client.socket.on("connect_error", (error) => client.#fail(error));
    try {
      await client.until(() => client.heard("connected").length > 0, "the welcome");
      if (client.transports.includes("websocket")) await client.#onWebSocket();
    } catch (error) {
      client.leave();
      throw error;
    }
    return client;
  }

  /** A client whose CONNECT was answered, and that (where it may) has upgraded. */
  static async connect(server, options) {
    const client = new Client(server, options);
    const connected = new Promise((resolve, reject) => {
      client.socket.on("connect", resolve);
      client.socket.on("connect_error", reject);
    });
    await within(connected, "the answer to CONNECT");
    if (client.transports.includes("websocket")) await client.#onWebSocket();
    return client;
  }

  /** The error a refused client reads: its `connect_error`'s message. */
  static async refusal(server, options) {
    return (await Client.refused(server, options)).message;
  }

  /** The same with all that came along: `{ message, data }`. */
  static async refused(server, options) {
    const client = new Client(server, options);
    const refused = new Promise((resolve, reject) => {
      client.socket.on("connect_error", ({ message, data }) => resolve({ message, data }));
      client.socket.on("connect", () => reject(new Error("it was let in")));
    });
    const error = await within(refused, "the refusal");
    client.leave();
    return error;
  }

  /** The name of the transport in use. */
  get transport() {
    return this.socket.io.engine.transport.name;
  }

  /** The payloads of an event heard so far and not taken. */
  heard(event) {
    return this.#log.filter(([name]) => name === event).map(([, payload]) => payload);
  }

  /** Everything heard and not taken, as `[event, ...args]`. */
  peek() {
    return [...this.#log];
  }

  /** Everything heard since the last time, as `[event, ...args]`. */
  take() {
    return this.#log.splice(0);
  }

  /** Waits for a condition on what was heard. */
  until(condition, what) {
    const met = new Promise((resolve, reject) => this.#waiting.add({ condition, resolve, reject }));
    this.#check();
    return within(met, what).catch((error) => {
      throw new Error(`${error.message}; heard ${JSON.stringify(this.#log).slice(0, 2_000)}`);
    });
  }

  /** Waits for an event with just this payload. */
  hears(event, payload) {
    const wanted = JSON.stringify([event, payload]);
    const found = () => this.#log.some((entry) => JSON.stringify(entry) === wanted);
    return this.until(found, wanted);
  }

  /** Takes one entry out of the log, once it is there. */
  async strike(event, payload) {
    await this.hears(event, payload);
    const wanted = JSON.stringify([event, payload]);
    const at = this.#log.findIndex((entry) => JSON.stringify(entry) === wanted);
    this.#log.splice(at, 1);
  }

  say(event, ...args) {
    this.socket.emit(event, ...args);
  }

  /** Emits and waits for the ack. */
  async ask(event, ...args) {
    const ack = await within(this.socket.emitWithAck(event, ...args), `the ack of ${event}`);
    record({ ack: event, payload: ack });
    return ack;
  }

  /** A trip there and back: what was on its way to this client has arrived. */
  async settle() {
    await this.ask("send_message", "");
  }

  leave() {
    this.socket.disconnect();
  }

  #onWebSocket() {
    const { engine } = this.socket.io;
    if (engine.transport.name === "websocket" && !engine.upgrading) return undefined;
    const upgraded = new Promise((resolve) => engine.once("upgrade", resolve));
    return within(upgraded, "the upgrade");
  }

  #check() {
    for (const waiting of this.#waiting) {
      if (!waiting.condition()) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  #fail(error) {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}

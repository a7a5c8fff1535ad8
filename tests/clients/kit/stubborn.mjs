// A stock client of `rooms` as people run it: it comes back by itself, joins its room again, and
// repeats a message with its client_id until it is acked. Spoken to by: the tests in faults/.
import { io } from "socket.io-client";
import { setTimeout as sleep } from "node:timers/promises";
import { DEADLINE_MS, until } from "./until.mjs";

const AGAIN_MS = 50;
const KEY_CHARS_MAX = 255;

/** See the file's head. */
export class Stubborn {
  /** What was told in each sitting, oldest first: the history on joining, then what was said. */
  sittings = [];
  /** Sends that were not acked in time, or refused as it had no seat yet. */
  repeats = 0;
  disconnects = 0;

  constructor(url, { token, transports, room, ackMs = 1_000 }) {
    Object.assign(this, { room, ackMs });
    const patience = { reconnectionDelay: AGAIN_MS, reconnectionDelayMax: 4 * AGAIN_MS };
    const timeout = DEADLINE_MS / 2;
    const options = { auth: { token }, transports, forceNew: true, timeout, ...patience };
    this.socket = io(url, options);
    this.socket.on("connect", () => this.#sit());
    this.socket.on("disconnect", () => (this.disconnects += 1));
    this.socket.on("join_room", (line) => this.#sitting.history.unshift(words(line)));
    this.socket.on("send_message", (line) => this.#sitting.live.push(words(line)));
    this.socket.on("system_message", ({ message }) => {
      if (/^You (joined|are already in) /.test(message)) this.#sitting.isSeated = true;
    });
  }

  /** One that has its seat. */
  static async enter(url, options) {
    const client = new Stubborn(url, options);
    await until(() => client.sittings.at(-1)?.isSeated, "a seat");
    return client;
  }

  /** All of the last sitting. */
  get told() {
    const { history, live } = this.#sitting;
    return [...history, ...live];
  }

  /** Says it until it is acked -> its id. */
  async say(content, deadlineMs = 3 * DEADLINE_MS) {
    const message = { room: this.room, content, client_id: content.slice(0, KEY_CHARS_MAX) };
    const end = performance.now() + deadlineMs;
    let ack;
    // An ack that comes late is lost: whoever is far away must wait longer.
    for (let ackMs = this.ackMs; performance.now() < end; ackMs += this.ackMs) {
      ack = await this.#once(message, ackMs);
      if (ack?.id !== undefined) return ack.id;
      this.repeats += 1;
      await sleep(AGAIN_MS);
    }
    throw new Error(`${message.client_id} was never acked: ${JSON.stringify(ack)}`);
  }

  leave() {
    this.socket.disconnect();
  }

  get #sitting() {
    return this.sittings.at(-1) ?? { history: [], live: [] };
  }

  /**
   * A session that was recovered goes on where it was; where the join was lost, or its answer, that
   * is outside: what was asked for is asked again.
   */
  #sit() {
    if (this.socket.recovered && this.#sitting.isSeated) return;
    if (!this.socket.recovered) this.sittings.push({ history: [], live: [], isSeated: false });
    this.socket.emit("join_room", this.room);
  }

  async #once(message, ackMs) {
    try {
      return await this.socket.timeout(ackMs).emitWithAck("send_message", message);
    } catch {
      return undefined;
    }
  }
}

const words = (line) => Object.values(line)[0];

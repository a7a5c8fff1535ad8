// A Socket.IO session by long-polling that sends whatever bytes it is given, each event asking for
// an ack, and reads what comes back. Spoken to by: the tables beside it.
import { within } from "../kit/until.mjs";
import { bytes } from "./literals.mjs";

const SEPARATOR = Buffer.from([0x1e]);
const POST_BYTES_MAX = 900_000;
const POST_PACKETS_MAX = 64;

/** One session in one namespace. */
export class Wire {
  #acks = new Map();
  #next = 1;
  /** Every event heard: `[name, payload]`. */
  events = [];

  /** Opens a session; `auth` goes with CONNECT, `query` with the request. */
  static async open(at, { auth = {}, namespace = "", query = {} } = {}) {
    const wire = new Wire();
    const params = new URLSearchParams({ EIO: "4", transport: "polling", ...query });
    wire.url = `${at.url}/socket.io/?${params}`;
    wire.prefix = namespace ? `${namespace},` : "";
    const opened = JSON.parse((await wire.#get()).slice(1));
    wire.url += `&sid=${opened.sid}`;
    await wire.#post([Buffer.from(`40${wire.prefix}${JSON.stringify(auth)}`)]);
    await wire.#until(() => wire.isIn, "the answer to CONNECT");
    return wire;
  }

  /** Emits events, `[name, text of the arguments]` each -> their acks, in order. */
  async emit(all) {
    const ids = all.map(() => this.#next++);
    let waiting = [];
    let size = 0;
    for (const [at, [name, args]] of all.entries()) {
      const text = `42${this.prefix}${ids[at]}["${name}"${args === undefined ? "" : `,${args}`}]`;
      const packet = bytes(text);
      if (size + packet.length > POST_BYTES_MAX || waiting.length === POST_PACKETS_MAX) {
        await this.#post(waiting);
        [waiting, size] = [[], 0];
      }
      waiting.push(packet);
      size += packet.length + SEPARATOR.length;
    }
    await this.#post(waiting);
    const isThere = () => ids.every((id) => this.#acks.has(id));
    await this.#until(isThere, `the acks of ${all.map(([name]) => name)[0]}`);
    return ids.map((id) => this.#acks.get(id));
  }

  async close() {
    await this.#post([Buffer.from("1")]);
  }

  async #until(isThere, what) {
    const reading = async () => {
      while (!isThere()) this.#hear(await this.#get());
    };
    await within(reading(), what);
  }

  #hear(payload) {
    for (const packet of payload.split("\x1e")) {
      const [, kind, id, json] = /^4(\d)(?:\/[^,[{]+,)?(\d*)(.*)$/s.exec(packet) ?? [];
      if (kind === "0") this.isIn = true;
      if (kind === "1" || kind === "4" || packet === "1") throw new Error(`it ends: ${packet}`);
      if (kind === "2") this.events.push(JSON.parse(json));
      if (kind === "3") this.#acks.set(Number(id), JSON.parse(json)[0]);
      if (packet === "2") this.#pong = this.#post([Buffer.from("3")]);
    }
  }

  #pong = undefined;

  async #get() {
    await this.#pong;
    const answer = await fetch(this.url);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`a poll is ${answer.status}: ${text}`);
    return text;
  }

  async #post(packets) {
    const parts = packets.flatMap((packet, at) => (at === 0 ? [packet] : [SEPARATOR, packet]));
    const headers = { "content-type": "text/plain;charset=UTF-8" };
    const answer = await fetch(this.url, { method: "POST", headers, body: Buffer.concat(parts) });
    if (answer.status !== 200) throw new Error(`a post is ${answer.status}`);
    await answer.text();
  }
}

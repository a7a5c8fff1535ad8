// A write burst in one scene: everybody speaks with some messages in flight, some listen by both
// transports, and a ledger is kept. The server may go at any moment.
// Spoken to by: kill.test.mjs, stop.test.mjs.
import { until } from "../kit/until.mjs";
import { Ledger } from "./ledger.mjs";

const IN_FLIGHT = 4;
const MESSAGES_MAX = 2_000;
const TRANSPORTS = ["websocket", "polling"];

/** See the file's head. */
export class Burst {
  ledger = new Ledger();
  #isOver = false;
  #onAck;

  constructor(name, scene, onAck = () => {}) {
    Object.assign(this, { name, scene });
    this.#onAck = onAck;
  }

  /** Connects all who listen and speak. */
  async begin(server) {
    this.listeners = await this.#listen(server);
    this.speakers = {};
    for (const [name, speaker] of Object.entries(this.scene.speakers)) {
      this.speakers[name] = await speaker(server);
    }
  }

  /** Everybody speaks, until it is over. */
  speak() {
    for (const name of Object.keys(this.speakers)) {
      for (let i = 0; i < IN_FLIGHT; i += 1) this.#next(name);
    }
  }

  /** Nobody says anything new; what was heard is noted, and everybody goes. */
  end() {
    this.#isOver = true;
    this.listeners.forEach(({ heard }, at) => this.ledger.heard.set(TRANSPORTS[at], heard()));
    [...this.listeners, ...Object.values(this.speakers)].forEach((who) => who.leave());
  }

  /** Compares with the history of a server that is back -> `{ complaints, kept }`. */
  async judge(server) {
    const kept = await this.scene.history(server);
    const inOrder = Object.keys(this.speakers).filter((name) => this.speakers[name].inOrder);
    return { complaints: this.#mine(this.ledger.judge(kept, inOrder)), kept };
  }

  /**
   * Who got no answer sends again, some who got one do so as well: each message is there once, the
   * answer is the first one's, and whoever listens now hears what is new, once -> complaints.
   */
  async repeat(server, kept, alsoAcked) {
    const { ledger } = this;
    const listeners = await this.#listen(server);
    const open = ledger.open;
    const again = [...open, ...alsoAcked(this.#ackedSends())];
    const complaints = [];
    for (const [name, speaker] of Object.entries(this.scene.speakers)) {
      const own = again.filter((sent) => sent.speaker === name);
      const voice = await speaker(server);
      const ids = await Promise.all(own.map(({ content }) => voice.send(content)));
      own.forEach(({ content }, at) => ledger.acks(content, ids[at], complaints));
      voice.leave();
    }
    const now = await this.scene.history(server);
    const fresh = now.slice(kept.length).map(({ content }) => content);
    for (const { heard, leave } of listeners) {
      await until(() => heard().length >= fresh.length, `${this.name}: what is sent again`);
      if (heard().join() !== fresh.join()) complaints.push(`heard ${heard()}, new are ${fresh}`);
      leave();
    }
    return [...this.#mine(complaints), ...this.#mine(ledger.judgeAll(now))];
  }

  #listen(server) {
    const listen = ([at, way]) => this.scene.listen(server, [way], at);
    return Promise.all([...TRANSPORTS.entries()].map(listen));
  }

  async #next(name) {
    const said = this.ledger.sent.get(name)?.length ?? 0;
    if (this.#isOver || said >= MESSAGES_MAX) return;
    const content = `${name}-${said}`;
    this.ledger.sends(name, content);
    try {
      this.ledger.acks(content, await this.speakers[name].send(content));
    } catch {
      return;
    }
    this.#onAck();
    this.#next(name);
  }

  /** What was sent and acked, with its speaker. */
  #ackedSends() {
    const all = [...this.ledger.sent].flatMap(([speaker, contents]) =>
      contents.map((content) => ({ speaker, content })),
    );
    return all.filter(({ content }) => this.ledger.acked.has(content));
  }

  #mine(complaints) {
    return complaints.map((sentence) => `${this.name}: ${sentence}`);
  }
}

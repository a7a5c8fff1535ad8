// A TCP relay that does to streams what bad networks do: it delays and narrows them, tears them
// into single bytes, holds them up, closes one half, cuts them or resets them.
// Spoken to by: the tests in faults/. `up` is from the client to the server, `down` the way back.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What one direction of a pair holds before its source is left unread, in bytes. */
const HELD_BYTES_MAX = 256 * 1024;
/** A narrow stream moves in steps of this length, in milliseconds. */
const STEP_MS = 20;

/** A relay on a free port of 127.0.0.1. */
export class Proxy {
  /** `{ latencyMs, bytesPerSecond, pieceBytes }`, each as good as it gets where it is missing. */
  weather = {};
  #pairs = new Set();
  #held = { up: false, down: false };

  /** A relay to where `url` points; its own address is `url` as well. */
  static async to(url, weather = {}) {
    const proxy = new Proxy();
    const { hostname, port } = new URL(url);
    proxy.target = { host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true };
    proxy.weather = weather;
    const options = { allowHalfOpen: true, noDelay: true };
    proxy.server = createServer(options, (client) => proxy.#pair(client));
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    proxy.port = proxy.server.address().port;
    proxy.url = `http://127.0.0.1:${proxy.port}`;
    return proxy;
  }

  /** How many pairs of streams are open. */
  get size() {
    return this.#pairs.size;
  }

  /** Ends every stream in good order: both halves, with a FIN. */
  cut() {
    for (const { client, server } of this.#pairs) [client, server].forEach((end) => end.destroy());
  }

  /** Ends every stream with an RST to both sides. */
  reset() {
    for (const { client, server } of this.#pairs) [client, server].forEach(reset);
  }

  /** Closes one half: whoever reads that direction sees its end, and may go on to write. */
  halfClose(direction) {
    for (const pair of this.#pairs) (direction === "up" ? pair.server : pair.client).end();
  }

  /** Moves nothing in that direction any more, and says so to nobody. */
  hold(direction) {
    this.#held[direction] = true;
  }

  /** Moves on. */
  release() {
    this.#held = { up: false, down: false };
    for (const { up, down } of this.#pairs) [up, down].forEach((stream) => stream.go());
  }

  /** Is not there (`true`): resets all that is open, and nobody can connect; or is there again. */
  shut(isShut) {
    if (isShut && this.server.listening) {
      this.server.close();
      this.reset();
    }
    if (!isShut && !this.server.listening) this.server.listen(this.port, "127.0.0.1");
  }

  /** Ends it with all of its streams. */
  close() {
    this.shut(true);
  }

  #pair(client) {
    const server = connect(this.target);
    const toUp = { weather: () => this.weather, isHeld: () => this.#held.up };
    const toDown = { weather: () => this.weather, isHeld: () => this.#held.down };
    const up = new Stream(client, server, toUp);
    const down = new Stream(server, client, toDown);
    const pair = { client, server, up, down };
    this.#pairs.add(pair);
    for (const [one, other] of [[client, server], [server, client]]) {
      one.on("error", () => reset(other));
      one.on("close", () => {
        // Whoever destroyed it ended both halves; what is merely half closed stays.
        if (!one.readableEnded) other.destroy();
        if (client.closed && server.closed) this.#pairs.delete(pair);
      });
    }
  }
}

/** RST. Node loses the handle of a stream that is reset once its half is closed, and never exits. */
export function reset(end) {
  if (end.writableEnded) end.destroy();
  else end.resetAndDestroy();
}

/** One direction of a pair. */
class Stream {
  #queue = [];
  #queuedBytes = 0;
  #isMoving = false;

  constructor(from, to, sky) {
    Object.assign(this, { from, to, sky });
    from.on("data", (bytes) => this.#take(bytes));
    from.on("end", () => this.#take(undefined));
  }

  /** Moves what waits, unless it is held. */
  async go() {
    if (this.#isMoving) return;
    this.#isMoving = true;
    while (this.#queue.length > 0 && !this.sky.isHeld() && !this.to.destroyed) {
      const [{ bytes, dueMs }] = this.#queue;
      const earlyMs = dueMs - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      if (bytes === undefined) {
        this.to.end();
        this.#queue.shift();
      } else {
        await this.#move(bytes);
      }
    }
    this.#isMoving = false;
  }

  #take(bytes) {
    this.#queue.push({ bytes, dueMs: performance.now() + (this.sky.weather().latencyMs ?? 0) });
    this.#queuedBytes += bytes?.length ?? 0;
    if (this.#queuedBytes > HELD_BYTES_MAX) this.from.pause();
    this.go();
  }

  /** Writes a piece of the first chunk, which the rest of it replaces. */
  async #move(bytes) {
    const { pieceBytes = bytes.length, bytesPerSecond = Infinity } = this.sky.weather();
    const stepBytes = Math.max(1, Math.floor((bytesPerSecond * STEP_MS) / 1_000));
    const piece = bytes.subarray(0, Math.min(pieceBytes, stepBytes));
    await new Promise((resolve) => this.to.write(piece, resolve));
    if (bytesPerSecond < Infinity) await sleep((piece.length * 1_000) / bytesPerSecond);
    this.#queuedBytes -= piece.length;
    if (piece.length === bytes.length) this.#queue.shift();
    else this.#queue[0].bytes = bytes.subarray(piece.length);
    if (this.#queuedBytes <= HELD_BYTES_MAX / 2) this.from.resume();
  }
}

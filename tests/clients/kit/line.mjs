// A TCP line between a client and the server that can be cut, or go dead without a word; and a
// stock client that is lost and comes back. Spoken to by: the tests in recovery/.
import net from "node:net";
import { until, within } from "./until.mjs";

/** A proxy on a port of its own. */
export class Line {
  #pairs = new Set();
  #bytesLeft = Infinity;

  static async to(server) {
    const line = new Line();
    const { hostname, port } = new URL(server.url);
    line.listener = net.createServer((near) => line.#join(near, net.connect(port, hostname)));
    await new Promise((resolve) => line.listener.listen(0, "127.0.0.1", resolve));
    line.url = `http://127.0.0.1:${line.listener.address().port}`;
    return line;
  }

  /** Cuts every connection on it, at both ends. */
  cut() {
    for (const pair of this.#pairs) for (const end of pair) end.destroy();
    this.#pairs.clear();
  }

  /**
   * Cuts whenever so many more bytes have gone to clients: in the middle of whatever that is.
   * `Infinity`: no more.
   */
  cutAfter(bytes) {
    this.#bytesLeft = this.bytesEach = bytes;
  }

  /** Every connection on it is dead from now on, and neither end is told; new ones are not. */
  freeze() {
    for (const [near, far] of this.#pairs) {
      near.pause().removeAllListeners();
      far.pause().removeAllListeners();
      for (const end of [near, far]) end.on("error", () => {});
    }
    this.frozen = [...(this.frozen ?? []), ...this.#pairs];
    this.#pairs.clear();
  }

  close() {
    for (const pair of this.frozen ?? []) for (const end of pair) end.destroy();
    this.cut();
    this.listener.close();
  }

  #join(near, far) {
    const pair = [near, far];
    this.#pairs.add(pair);
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => this.#pass(bytes, near));
    for (const [end, other] of [pair, [far, near]]) {
      end.setNoDelay(true);
      end.on("error", () => {});
      end.on("close", () => (this.#pairs.delete(pair), other.destroy()));
    }
  }

  #pass(bytes, near) {
    if (bytes.length < this.#bytesLeft) {
      this.#bytesLeft -= bytes.length;
      return near.write(bytes);
    }
    const last = bytes.subarray(0, this.#bytesLeft);
    this.#bytesLeft = this.bytesEach;
    return near.write(last, () => this.cut());
  }
}

/** How many sessions the server keeps for clients that were lost. */
export async function lostSessions(server) {
  const page = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^polylogue_lost_sessions (\d+)$/m.exec(page)[1]);
}

/** Has a client lose its transport as stock clients do, or by `cut`; the server knows of it. */
export async function lose(server, client, cut = () => client.socket.io.engine.close()) {
  const before = await lostSessions(server);
  const gone = new Promise((resolve) => client.socket.once("disconnect", resolve));
  cut();
  await within(gone, "the disconnect");
  await until(async () => (await lostSessions(server)) > before, "the server to notice");
}

/** Has a client connect again -> whether it says that it has its old session. */
export async function comeBack(client) {
  const connected = new Promise((resolve, reject) => {
    client.socket.once("connect", resolve);
    client.socket.once("connect_error", reject);
    client.socket.once("disconnect", (reason) => reject(new Error(reason)));
  });
  client.socket.connect();
  await within(connected, "the answer to CONNECT");
  return client.socket.recovered === true;
}

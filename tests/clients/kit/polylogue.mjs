// The real binary as a child process: started on a free port with its own data, asked for tokens,
// stopped, killed, started again. The binary is POLYLOGUE_BIN, else the release build.
// Spoken to by: every test beside it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DEADLINE_MS } from "./until.mjs";

const BUILT = fileURLToPath(new URL("../../../target/release/polylogue", import.meta.url));
/** The binary. */
export const PROGRAM = process.env.POLYLOGUE_BIN ?? BUILT;
const run = promisify(execFile);

/** A running server. */
export class Polylogue {
  /** Starts one of the dialect `rooms` on fresh data; `flags` are added to the command line. */
  static start(...flags) {
    return Polylogue.mounting(["rooms"], ...flags);
  }

  /** The same with other dialects; with none named, all of them. */
  static async mounting(dialects, ...flags) {
    return Polylogue.on({ dialects, flags });
  }

  /** The same on data that is there, with variables of its own, and run by another program. */
  static async on({ data, dialects = [], flags = [], env = {}, by = [] }) {
    data ??= await mkdtemp(path.join(tmpdir(), "polylogue-"));
    const server = new Polylogue();
    server.dialects = dialects.flatMap((dialect) => ["--dialect", dialect]);
    Object.assign(server, { data, flags, env, by });
    await server.again();
    return server;
  }

  /** Starts it (again) on the same data; on a free port, unless one is named. */
  async again(port = 0) {
    const listen = `127.0.0.1:${port}`;
    const args = ["serve", "--listen", listen, "--data", this.data, ...this.dialects];
    const options = { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...this.env } };
    const [program, ...words] = [...this.by, PROGRAM, ...args, ...this.flags];
    this.child = spawn(program, words, options);
    this.stderr = "";
    this.child.stderr.on("data", (text) => (this.stderr = (this.stderr + text).slice(-4_000)));
    this.exited = once(this.child, "exit").then(([code, signal]) => ({ code, signal }));
    this.exited.catch(() => {});
    this.url = await this.#ready();
  }

  /** A token of the command `token`, on this server's data. */
  async token(id, { name = `user_${id}`, ttl = "1h" } = {}) {
    const args = ["--id", String(id), "--name", name, "--ttl", ttl];
    const { stdout } = await run(PROGRAM, ["token", "--data", this.data, ...args]);
    return stdout.trim();
  }

  /** Puts the demo accounts into this server's data. */
  async demo() {
    await run(PROGRAM, ["demo", "--data", this.data]);
  }

  /** SIGTERM -> `{ code, signal }`, once it has gone. */
  async stop() {
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), DEADLINE_MS * 2);
    const exit = await this.exited;
    clearTimeout(late);
    return exit;
  }

  /** SIGKILL: no goodbye. */
  async kill() {
    this.child.kill("SIGKILL");
    return this.exited;
  }

  /** Stops it, if it runs, and removes its data. */
  async remove() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.stop();
    await rm(this.data, { recursive: true, force: true });
  }

  #ready() {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${PROGRAM} ${why}\n${this.stderr}`));
      const late = setTimeout(() => fail("is not ready in time"), DEADLINE_MS);
      this.child.once("error", (error) => fail(error.message));
      this.child.once("exit", (code) => fail(`exited with ${code} before it was ready`));
      createInterface({ input: this.child.stdout }).on("line", (line) => {
        const [, url] = /^listening on (http:\/\/\S+)/.exec(line) ?? [];
        if (!url) return;
        clearTimeout(late);
        resolve(url);
      });
    });
  }
}

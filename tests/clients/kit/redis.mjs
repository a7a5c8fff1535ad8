// A real redis-server on a free port, without persistence, and the few questions asked of it.
// Spoken to by: the membership tests.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { until } from "./until.mjs";

const run = promisify(execFile);

/** A running Redis. */
export class Redis {
  static async start() {
    const redis = new Redis();
    redis.port = await freePort();
    redis.url = `redis://127.0.0.1:${redis.port}`;
    await redis.again();
    return redis;
  }

  /** Starts it (again), empty, on the same port. */
  async again() {
    const args = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", ""];
    this.child = spawn("redis-server", [...args, "--appendonly", "no"], { stdio: "ignore" });
    this.exited = once(this.child, "exit");
    await until(async () => (await this.ask("PING")) === "PONG", "Redis to answer");
  }

  /** SIGKILL. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** SIGSTOP: it takes connections and answers nothing. */
  freeze() {
    this.child.kill("SIGSTOP");
  }

  /** SIGCONT. */
  thaw() {
    this.child.kill("SIGCONT");
  }

  /** A command's answer as redis-cli prints it; empty while Redis is away. */
  async ask(...command) {
    try {
      const { stdout } = await run("redis-cli", ["-h", "127.0.0.1", "-p", this.port, ...command]);
      return stdout.trim();
    } catch {
      return "";
    }
  }

  /** The ids of a room's members: the union of all sets whose key contains the room's code. */
  async members(room) {
    const keys = (await this.ask("KEYS", `*${room}*`)).split("\n").filter(Boolean);
    const members = new Set();
    for (const key of keys) {
      if ((await this.ask("TYPE", key)) !== "set") continue;
      const found = (await this.ask("SMEMBERS", key)).split("\n").filter(Boolean);
      for (const member of found) members.add(member);
    }
    return [...members].sort();
  }

  /** Waits until just `ids` are a room's members. */
  holds(room, ids, deadlineMs) {
    const wanted = ids.map(String).sort().join();
    const held = async () => (await this.members(room)).join() === wanted;
    return until(held, `Redis to hold [${wanted}] in ${room}`, deadlineMs);
  }
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

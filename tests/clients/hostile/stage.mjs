// A server with every dialect, and two people in a room of it who must never notice what is done
// to the server meanwhile. Spoken to by: every test beside it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { metric } from "../floods/metrics.mjs";
import { Client, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";

export const MIB = 1024 * 1024;

/** See the file's head. */
export class Stage {
  #said = 0;

  static async open(...flags) {
    const stage = new Stage();
    stage.server = await Polylogue.mounting([], "--jwt-secret", SECRET, ...flags);
    stage.url = stage.server.url;
    try {
      stage.people = [await stage.#join(1), await stage.#join(2)];
    } catch (error) {
      await stage.server.remove();
      throw error;
    }
    return stage;
  }

  /** The process has not ended, and who speaks is still heard. */
  async unharmed() {
    const { exitCode, signalCode } = this.server.child;
    assert.deepEqual([exitCode, signalCode], [null, null], this.server.stderr);
    const [speaker, listener] = this.people;
    const word = `word ${(this.#said += 1)}`;
    const { id } = await speaker.ask("send_message", word);
    assert.ok(Number.isSafeInteger(id));
    await listener.strike("send_message", { user_1: word });
    assert.ok(!this.server.stderr.includes("panicked"), this.server.stderr);
  }

  /** A number of the process as the kernel counts it: `VmRSS` in bytes, `Threads`. */
  async kernel(name) {
    const status = await readFile(`/proc/${this.server.child.pid}/status`, "utf8");
    const [, number, unit] = new RegExp(`^${name}:\\s+(\\d+)( kB)?`, "m").exec(status);
    return Number(number) * (unit ? 1024 : 1);
  }

  /** A number of its metrics. */
  metric(sample) {
    return metric(this.server, sample);
  }

  async close() {
    for (const person of this.people) person.leave();
    await this.server.remove();
  }

  async #join(id) {
    const client = await Client.join(this.server, { token: tokenOf(id) });
    client.say("join_room");
    await client.hears(...system("You joined the room"));
    return client;
  }
}

/**
 * One test for each row of a table: advisory -> `{ sent, run }`. `run(stage)` sends what the
 * advisory tells of and checks the answer; that nobody else is harmed is checked here.
 */
export function advisories(stage, rows) {
  for (const [advisory, { sent, run }] of Object.entries(rows)) {
    test(`${advisory}: ${sent}`, async () => {
      await run(stage());
      await stage().unharmed();
    });
  }
}

// Churn: many at once who come, join, talk and go in every rude way, and what a server holds
// before and after. Spoken to by: churn.test.mjs, soak.mjs.
import { readFile, readdir } from "node:fs/promises";
import { metric } from "../floods/metrics.mjs";
import { tokenOf } from "../kit/tokens.mjs";
import { WAYS } from "./rude.mjs";

const ACTORS = 48;
const ROOMS = 20;
const USERS = 100;

/** Flags of a server that finds out soon who has gone. */
export const IMPATIENT = [
  ...["--ping-interval-ms", "1000", "--ping-timeout-ms", "4000"],
  ...["--connect-timeout-ms", "1500", "--upgrade-timeout-ms", "1500"],
  ...["--history-on-join", "10", "--recovery-window", "1s"],
];

/** Of so many visits, one may be broken off: a crowded machine is slower than the server's patience. */
const BROKEN_ONCE_IN = 50;

/** Churns for so long -> how often each way was gone, by its name. */
export async function churn(server, dice, forMs) {
  const names = Object.keys(WAYS);
  const counts = Object.fromEntries(names.map((name) => [name, 0]));
  const end = performance.now() + forMs;
  const broken = [];
  const act = async (first) => {
    // Everyone begins with another way, so that a short churn has them all.
    for (let name = names[first % names.length]; performance.now() < end; ) {
      const ends = [];
      const room = `churn_${dice.below(ROOMS)}`;
      const who = { token: tokenOf(1 + dice.below(USERS)), room, ends };
      try {
        await WAYS[name](server, who);
        counts[name] += 1;
      } catch (error) {
        broken.push(`${name}: ${error.message}`);
      } finally {
        ends.forEach((end) => end());
      }
      name = names[dice.below(names.length)];
    }
  };
  await Promise.all(Array.from({ length: ACTORS }, (_, at) => act(at)));
  const visits = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (broken.length * BROKEN_ONCE_IN > visits) throw new Error(broken.slice(0, 9).join("\n"));
  return counts;
}

/** What a server holds: gauges, open files, resident memory in KiB. */
export async function holdings(server) {
  const { pid } = server.child;
  const gauge = (name) => metric(server, `polylogue_${name}`);
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    connections: await gauge("connections"),
    sessions: await gauge("sessions"),
    rooms: await gauge("rooms_awake"),
    tasks: await gauge("tasks"),
    files: (await readdir(`/proc/${pid}/fd`)).length,
    rssKib: Number(/VmRSS:\s+(\d+)/.exec(status)[1]),
  };
}

/** The store's readers open their files with the first thing they read. */
const READERS_FILES = 8;

/** Whether no more of anything is held than before. */
export function isBack(now, before) {
  const names = ["connections", "sessions", "rooms", "tasks"];
  const isLess = names.every((name) => now[name] <= before[name]);
  return isLess && now.files <= before.files + READERS_FILES;
}

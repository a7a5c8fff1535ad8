// Minutes of churn (SOAK_MINUTES, 10): then sessions, rooms, tasks, open files and memory must be
// where they were after a first minute's warming up. Prints what it held; exits 1 where it leaks.
// Spoken to by: run.sh, for `make soak`.
import { Dice, SEED } from "../kit/dice.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET } from "../kit/tokens.mjs";
import { until } from "../kit/until.mjs";
import { IMPATIENT, churn, holdings, isBack } from "./churn.mjs";

const MINUTE_MS = 60_000;
const MINUTES = Number(process.env.SOAK_MINUTES ?? 10);
/** Rooms stay in memory for a minute after their last use. */
const SETTLED_WITHIN_MS = 3 * MINUTE_MS;
/** What an allocator may keep beyond what it had. */
const RSS_GROWTH_KIB_MAX = 16 * 1024;

const server = await Polylogue.mounting([], "--jwt-secret", SECRET, ...IMPATIENT);
try {
  const dice = new Dice();
  console.log(`SEED=${SEED}, ${MINUTES} minutes`);
  const fresh = await holdings(server);
  print("fresh", fresh);
  await churn(server, dice, Math.min(1, MINUTES / 4) * MINUTE_MS);
  const warm = await settle(fresh);
  print("warmed up", warm);
  const minutely = setInterval(async () => print("churning", await holdings(server)), MINUTE_MS);
  const counts = await churn(server, dice, MINUTES * MINUTE_MS);
  clearInterval(minutely);
  const last = await settle(fresh);
  print("settled", last);
  const visits = Object.values(counts).reduce((sum, count) => sum + count, 0);
  console.log(`${visits} visits in ${Object.keys(counts).length} ways`);
  const grownKib = last.rssKib - warm.rssKib;
  console.log(`memory grew by ${grownKib} KiB, of ${RSS_GROWTH_KIB_MAX} allowed`);
  if (grownKib > RSS_GROWTH_KIB_MAX) process.exitCode = 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await server.remove();
}

/** Waits until nothing more is held than before -> what is held. */
async function settle(before) {
  let now;
  const settled = async () => isBack((now = await holdings(server)), before);
  await until(settled, "what was held to be let go", SETTLED_WITHIN_MS).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(now)}`);
  });
  return now;
}

function print(when, held) {
  const parts = Object.entries(held).map(([name, count]) => `${name} ${count}`);
  console.log(`${when}: ${parts.join(", ")}`);
}

// After a short churn of everybody who leaves rudely, connections, sessions, tasks and open files
// are back where they began. `make soak` is the long form, with rooms and memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Dice, SEED } from "../kit/dice.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET } from "../kit/tokens.mjs";
import { until } from "../kit/until.mjs";
import { IMPATIENT, churn, holdings, isBack } from "./churn.mjs";

const CHURN_MS = 3_000;
const SETTLED_WITHIN_MS = 30_000;

test("who leaves rudely leaves nothing behind", async (t) => {
  const server = await Polylogue.mounting([], "--jwt-secret", SECRET, ...IMPATIENT);
  t.after(() => server.remove());
  const before = await holdings(server);
  const counts = await churn(server, new Dice(), CHURN_MS);
  for (const [way, count] of Object.entries(counts)) assert.ok(count > 0, `nobody left by ${way}`);
  let now;
  // A room stays in memory for a minute after its last use.
  const settled = async () => isBack({ ...(now = await holdings(server)), rooms: 0 }, before);
  await until(settled, "what was held to be let go", SETTLED_WITHIN_MS).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify({ before, now })}, SEED=${SEED}`);
  });
  const visits = Object.values(counts).reduce((sum, count) => sum + count, 0);
  t.diagnostic(`${visits} came and went in ${Object.keys(counts).length} ways`);
});

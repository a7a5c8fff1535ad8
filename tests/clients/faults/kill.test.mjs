// kill -9 at random points of a write burst in every dialect at once, by socket and REST: nothing
// acked or heard is lost, nothing is there twice, one order for all; a repeat gets the first answer.
// SEED=... KILL_ROUNDS=... throw the same dice again; `make chaos` runs 100 rounds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Dice, SEED } from "../kit/dice.mjs";
import { amount } from "../kit/long.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET } from "../kit/tokens.mjs";
import { until } from "../kit/until.mjs";
import { Burst } from "./burst.mjs";
import { SCENES, castAll } from "./scenes.mjs";

const ROUNDS = amount("KILL_ROUNDS", 5, 100);
/** A kill comes after fewer acks than that, and then within that many milliseconds. */
const ACKS_MAX = 400;
const LATER_MS_MAX = 20;
/** Now and then the server is killed again while it starts, within that many milliseconds. */
const AGAIN_ONCE_IN = 4;
const STARTING_MS_MAX = 60;
/** Of so many acked messages, one is sent again. */
const REPEATED_ONCE_IN = 10;

test(`${ROUNDS} rounds of kill -9 in a burst: nothing lost, nothing twice, one order`, async (t) => {
  const flags = ["--jwt-secret", SECRET, "--page-size", "1000"];
  const server = await Polylogue.mounting([], ...flags);
  t.after(() => server.remove());
  const dice = new Dice();
  const cast = await castAll(server);
  const total = { acked: 0, sent: 0, heard: 0, kills: 0 };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const complaints = await survive(server, cast, round, dice, total);
    assert.deepEqual(complaints, [], `round ${round} of SEED=${SEED}`);
  }
  const { kills, sent, acked, heard } = total;
  t.diagnostic(
    `SEED=${SEED}: ${ROUNDS} rounds survived, ${kills} kills, ${sent} messages checked ` +
      `(${acked} acked before the kill), ${heard} deliveries compared, lost = 0`,
  );
});

async function survive(server, cast, round, dice, total) {
  let acks = 0;
  const bursts = [];
  for (const [dialect, scene] of Object.entries(SCENES)) {
    const opened = await scene.open(server, cast[dialect], round);
    bursts.push(new Burst(dialect, opened, () => (acks += 1)));
  }
  await Promise.all(bursts.map((burst) => burst.begin(server)));
  const enough = 1 + dice.below(ACKS_MAX);
  const laterMs = dice.below(LATER_MS_MAX);
  bursts.forEach((burst) => burst.speak());
  await until(() => acks >= enough, `${enough} acks`);
  await sleep(laterMs);
  await server.kill();
  bursts.forEach((burst) => burst.end());
  total.kills += 1 + (await startAgain(server, dice));
  const complaints = [];
  for (const burst of bursts) complaints.push(...(await check(server, burst, dice, total)));
  return complaints;
}

async function check(server, burst, dice, total) {
  const { sent, acked, heard } = burst.ledger;
  total.acked += acked.size;
  total.heard += [...heard.values()].flat().length;
  const { complaints, kept } = await burst.judge(server);
  const some = (sends) => sends.filter(() => dice.once(REPEATED_ONCE_IN));
  complaints.push(...(await burst.repeat(server, kept, some)));
  total.sent += [...sent.values()].flat().length;
  return complaints;
}

/** Starts it, killing it now and then while it starts -> how often. */
async function startAgain(server, dice) {
  let kills = 0;
  while (dice.once(AGAIN_ONCE_IN)) {
    const starting = server.again().catch(() => {});
    await sleep(dice.below(STARTING_MS_MAX));
    await server.kill();
    await starting;
    kills += 1;
  }
  await server.again();
  return kills;
}

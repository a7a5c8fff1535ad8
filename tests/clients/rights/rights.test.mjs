// Who may do what: the table, tried over sockets and REST, with all dialects together, each alone,
// with tokens asked for everywhere, and with --bridge. What is refused has no effect: no row
// changes, nobody inside hears anything, whoever asked hears nothing but the refusal.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { rest } from "../kit/rest.mjs";
import { ADMIN, EVENTS, FORGED_TOGETHER, IMPOSTURES, ROUTES, STRANGERS, YES } from "./table.mjs";
import { assertAnswer, assertDone, assertRefused } from "./tell.mjs";
import { SECRET_WORD, World, forgedFor, tokenFor } from "./world.mjs";

const PROVEN = ["--conversations-auth", "token"];
const MOUNTS = {
  "all dialects": [[]],
  "all dialects, tokens asked for everywhere": [[], ...PROVEN],
  "all dialects, with --bridge": [[], "--bridge"],
  "rooms alone": [["rooms"]],
  "conversations alone": [["conversations"]],
  "conversations alone, with tokens": [["conversations"], ...PROVEN],
  "chatty alone": [["chatty"]],
  "coaching alone": [["coaching"]],
  "lounge alone": [["lounge"]],
};
const COLUMNS = ["outsider", "participant", "creator"];
const WHO = { outsider: "eve", participant: "ben", creator: "ann" };

const words = (cell, t) => (typeof cell === "function" ? cell(t) : cell);
const isNo = (cell) => cell !== YES && typeof cell !== "number";

for (const [name, [dialects, ...flags]] of Object.entries(MOUNTS)) {
  const isProven = flags.includes(PROVEN[0]);
  const kind = (dialect) =>
    dialect === "conversations" && isProven ? "conversationsProven" : dialect;

  describe(name, () => {
    let world;
    before(async () => {
      world = await World.make(dialects, ...flags);
    });
    after(() => world?.remove());

    test("strangers get in nowhere", () => strangers(world, kind));
    test("what is refused is refused in words, and has no effect", async () => {
      const rows = await world.rows();
      for (const dialect of world.dialects) {
        await refusedEvents(world, dialect);
        await refusedRoutes(world, dialect, kind(dialect));
      }
      assert.deepEqual(await world.rows(), rows);
      const nothing = Object.fromEntries(world.dialects.map((dialect) => [dialect, []]));
      assert.deepEqual(await world.hush(), nothing);
    });
    test("what is not refused is done", async () => {
      for (const dialect of world.dialects) {
        await doneEvents(world, dialect);
        await doneRoutes(world, dialect, kind(dialect));
      }
    });
  });
}

/** Whoever has no token, claims to be ann, or forges her token. */
async function strangers(world, kind) {
  const { at, dialects, people: { ann } } = world;
  for (const dialect of dialects.filter((dialect) => dialect !== "chatty")) {
    const { door, forged, event } = STRANGERS[kind(dialect)];
    // Behind a door that `chatty` has as well, everybody is its guest.
    const isShared = dialects.includes("chatty") && dialect !== "conversations";
    const token = forgedFor(ann.id);
    const [nobody, claimant, forger] = knocks(world, kind(dialect), token);
    const words = isShared && dialect !== "lounge" ? FORGED_TOGETHER : forged;
    assert.equal(await Client.refusal(at, forger), words, dialect);
    for (const options of [nobody, claimant]) {
      if (isShared) await assertStranger(world, dialect, options, event);
      else assert.equal(await Client.refusal(at, options), door, dialect);
    }
  }
}

/** What a stock client is told to send by nobody, by whoever claims to be ann, and by a forger. */
function knocks({ people: { ann } }, kind, token) {
  const namespace = kind.startsWith("conversations") ? "/chat" : "";
  const query = { user_id: ann.id, id: ann.id };
  // There a claim is an identity, and not to make it is what is refused.
  if (kind !== "conversations") query.userId = ann.id;
  const auth = { userId: ann.id, id: ann.id, sub: ann.id, name: ann.name };
  const headers = { "x-user-id": `${ann.id}`, cookie: `userId=${ann.id}` };
  const nickname = kind === "lounge" ? { nickname: ann.name } : {};
  const nobodysQuery = kind === "conversationsProven" ? query : {};
  return [
    { namespace, query: nobodysQuery },
    { namespace, query, auth, headers },
    { namespace, query, auth: { token, ...nickname } },
  ];
}

async function assertStranger({ at, rooms, people }, dialect, options, words) {
  const client = await Client.connect(at, options);
  for (const [event, [payload]] of Object.entries(EVENTS[dialect])) {
    const asked = payload(rooms[dialect], people.ann.id);
    await assertRefused(dialect, client, event, asked, words, `${dialect} ${event}`);
  }
  client.leave();
}

async function refusedEvents(world, dialect) {
  const t = world.rooms[dialect];
  for (const column of COLUMNS) {
    const who = world.people[WHO[column]];
    const client = await world.connect(dialect, who);
    for (const [event, [payload, ...cells]] of Object.entries(EVENTS[dialect])) {
      const cell = words(cells[COLUMNS.indexOf(column)], t);
      const context = `${dialect} ${event} by ${column}`;
      if (!isNo(cell)) continue;
      await assertRefused(dialect, client, event, payload(t, who.id), cell, context);
    }
    if (column === "outsider") {
      for (const [event, payload, cell] of IMPOSTURES[dialect] ?? []) {
        const asked = payload(t, world.people.ann.id);
        await assertRefused(dialect, client, event, asked, cell, `${event} as somebody else`);
      }
    }
    client.leave();
  }
}

async function doneEvents(world, dialect) {
  for (const column of COLUMNS) {
    const who = world.people[WHO[column]];
    for (const [event, [payload, ...cells]] of Object.entries(EVENTS[dialect])) {
      if (isNo(cells[COLUMNS.indexOf(column)])) continue;
      const t = await world.room(dialect);
      const client = await world.connect(dialect, who);
      const isEntering = /^join/.test(event);
      if (column !== "outsider" && !isEntering) await world.enter(dialect, client, t, who);
      await assertDone(client, event, payload(t, who.id), `${dialect} ${event} by ${column}`);
      client.leave();
    }
  }
}

/** The people of a row: `[name, how they ask, cell]`. */
function askers({ people: { ann, ben, eve } }, row) {
  const [, , , nobody, forged, outsider, participant, creator] = row;
  const claimed = { headers: { "x-user-id": `${ann.id}`, cookie: `userId=${ann.id}` } };
  return [
    ["nobody", eve, {}, nobody],
    ["somebody who claims to be another", eve, claimed, nobody],
    ["a forger", eve, { token: forgedFor(ann.id) }, forged],
    ["outsider", eve, { token: eve.token }, outsider],
    ["participant", ben, { token: ben.token }, participant],
    ["creator", ann, { token: ann.token }, creator],
  ].filter(([, , , cell]) => cell !== null);
}

async function asked(world, dialect, row, t, [name, who, options, cell]) {
  const [method, path, json] = row;
  const context = `${dialect} ${method} ${path(t)} by ${name}`;
  const sent = { ...options, json: json?.(t, who.id) };
  const answer = await rest(world.at, method, path(t), sent);
  assertAnswer(dialect, answer, cell, context);
  if (!isNo(cell)) return;
  assert.equal(JSON.stringify(answer.body).includes(SECRET_WORD), false, context);
}

/** With `chatty` beside it, `/messages` without a token is not that of `rooms`. */
const isElsewhere = ({ dialects }, dialect, [name]) =>
  dialect === "rooms" && dialects.includes("chatty") && /^(nobody|somebody)/.test(name);

async function refusedRoutes(world, dialect, kind) {
  const t = world.rooms[dialect];
  for (const row of ROUTES[kind]) {
    for (const asker of askers(world, row)) {
      if (!isNo(asker[3])) continue;
      if (!isElsewhere(world, dialect, asker)) await asked(world, dialect, row, t, asker);
    }
  }
  for (const [method, path, cell] of ADMIN[kind] ?? []) {
    const options = { token: tokenFor(world.people.eve.id, { role: "admin" }) };
    const asker = ["admin", world.people.eve, options, cell];
    if (isNo(cell)) await asked(world, dialect, [method, path], t, asker);
  }
}

async function doneRoutes(world, dialect, kind) {
  for (const row of ROUTES[kind]) {
    for (const asker of askers(world, row)) {
      if (isNo(asker[3]) || isElsewhere(world, dialect, asker)) continue;
      await asked(world, dialect, row, await world.room(dialect), asker);
    }
  }
  for (const [method, path, cell] of ADMIN[kind] ?? []) {
    const options = { token: tokenFor(world.people.eve.id, { role: "admin" }) };
    const asker = ["admin", world.people.eve, options, cell];
    if (!isNo(cell)) await asked(world, dialect, [method, path], await world.room(dialect), asker);
  }
}

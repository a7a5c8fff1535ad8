// The wall's clock jumps, ahead and back, while the server serves: ids and order keep growing,
// heartbeats go on, and whatever ends by the wall's time ends by the new one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, system } from "../kit/client.mjs";
import { Clock } from "../kit/clock.mjs";
import { alerted, seat } from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { history, post, rest } from "../kit/rest.mjs";
import { SECRET, epoch, sign, tokenOf } from "../kit/tokens.mjs";
import { until, within } from "../kit/until.mjs";

const HOUR_S = 3_600;
/** Where the clock stands after each jump, in seconds from the truth: ten years at most. */
const JUMPS = [0, 0.5 * HOUR_S, -24 * HOUR_S, 0, -87_600 * HOUR_S, 0];
const EACH = 20;
const PINGS = 2;
const NOTICED_WITHIN_MS = 20_000;
const ROOM = "room_1";
const LATER = 7 * 24 * HOUR_S;

let clock;
let server;
before(async () => {
  clock = new Clock();
  const heartbeat = ["--ping-interval-ms", "200", "--ping-timeout-ms", "5000"];
  const flags = ["--jwt-secret", SECRET, "--page-size", "1000", ...heartbeat];
  server = await Polylogue.on({ dialects: ["rooms", "lounge"], flags, env: clock.env });
});
after(async () => {
  await server?.remove();
  clock?.remove();
});

const patient = (id) => sign({ id, name: `user_${id}`, exp: epoch(LATER) });

async function joined(token) {
  const client = await Client.join(server, { token });
  client.say("join_room", ROOM);
  await client.hears(...system("You joined the room"));
  return client;
}

test("ids, order and heartbeats outlive every jump", async () => {
  const [ann, ben] = [await joined(patient(1)), await joined(patient(2))];
  const lost = [];
  for (const client of [ann, ben]) client.socket.on("disconnect", (why) => lost.push(why));
  const ids = [];
  for (const aheadS of JUMPS) {
    clock.set(aheadS);
    for (let n = 0; n < EACH; n += 1) ids.push((await ann.ask("send_message", `${n}`)).id);
    let pings = 0;
    ann.socket.io.on("ping", () => (pings += 1));
    await until(() => pings >= PINGS, `pings with the clock at ${aheadS} s`);
    ann.socket.io.removeAllListeners("ping");
  }
  for (const [at, id] of ids.entries()) {
    assert.ok(Number.isSafeInteger(id) && (at === 0 || id > ids[at - 1]), `${id} at ${at}`);
  }
  await ben.until(() => ben.heard("send_message").length === ids.length, "every word");
  const kept = await history(server, patient(1), ROOM);
  assert.deepEqual(kept.map(({ id }) => id), ids);
  assert.deepEqual(lost, []);
  await server.kill();
  clock.set(-24 * HOUR_S);
  await server.again();
  const { body } = await post(server, patient(1), ROOM, "after a restart in the past");
  assert.ok(body.id > ids.at(-1), `${body.id} after ${ids.at(-1)}`);
  clock.set(0);
  [ann, ben].forEach((client) => client.leave());
});

test("a token ends by the new time, for requests, newcomers and open sessions", async () => {
  clock.set(0);
  const token = tokenOf(3);
  const client = await joined(token);
  const gone = new Promise((resolve) => client.socket.on("disconnect", resolve));
  const status = async () => (await rest(server, "GET", "/messages?room_code=a", { token })).status;
  assert.equal(await status(), 200);
  clock.set(2 * HOUR_S);
  assert.equal(await status(), 401);
  const refused = Client.refusal(server, { token });
  assert.match(await refused, /Unauthorized/);
  assert.equal(await within(gone, "the session's end", NOTICED_WITHIN_MS), "io server disconnect");
  clock.set(0);
  assert.equal(await status(), 200);
});

test("a room's end comes by the new time", async () => {
  clock.set(0);
  const json = { room: "7", expires_in: HOUR_S };
  const opened = await rest(server, "POST", "/api/rooms", { token: patient(4), json });
  assert.equal(opened.status, 201);
  const client = await seat(server, 5, "7");
  clock.set(HOUR_S);
  await alerted(client, "E14");
  client.leave();
  clock.set(0);
});

test("a key is remembered for 24 hours of the wall's clock", async () => {
  clock.set(0);
  const headers = { "idempotency-key": "once a day" };
  const say = async () => (await post(server, patient(6), "keys", "hello", headers)).body.id;
  const first = await say();
  clock.set(23 * HOUR_S);
  assert.equal(await say(), first, "a retry gets the first answer");
  clock.set(25 * HOUR_S);
  assert.notEqual(await say(), first);
  clock.set(0);
});

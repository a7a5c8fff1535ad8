// A reconnect storm: the server is killed under a crowd and started again, and everybody comes back
// at once, stock clients among them. All are seated again in time, and every room hears its word.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { Dice, SEED } from "../kit/dice.mjs";
import { amount } from "../kit/long.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { Stubborn } from "../kit/stubborn.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";
import { until } from "../kit/until.mjs";

const CLIENTS = amount("STORM_CLIENTS", 400, 5_000);
const STOCK = 20;
const PER_ROOM = 50;
/** Everybody comes back within that time of having been lost, as stock clients would. */
const SPREAD_MS = 500;
const COMING_AT_ONCE = 100;
const BACK_WITHIN_MS = 60_000;

/** A bare WebSocket client that comes back and joins its room. */
class Returning {
  isSeated = false;
  words = [];

  constructor(server, dice, at) {
    Object.assign(this, { dice, token: tokenOf(1 + at), room: `storm_${Math.floor(at / PER_ROOM)}` });
    this.url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  }

  come() {
    this.socket = new WebSocket(this.url, { perMessageDeflate: false });
    this.socket.on("error", () => {});
    this.socket.on("open", () => this.socket.send(`40${JSON.stringify({ token: this.token })}`));
    this.socket.on("message", (bytes) => this.#hear(String(bytes)));
    this.socket.on("close", () => {
      this.isSeated = false;
      if (!this.isDone) setTimeout(() => this.come(), this.dice.below(SPREAD_MS));
    });
  }

  go() {
    this.isDone = true;
    this.socket.terminate();
  }

  #hear(text) {
    if (text === "2") this.socket.send("3");
    else if (text.startsWith("40")) this.socket.send(`420["join_room","${this.room}"]`);
    else if (text.startsWith("430")) this.isSeated = true;
    else if (text.startsWith('42["send_message"')) this.words.push(text);
  }
}

test(`${CLIENTS} clients come back at once after a kill`, async (t) => {
  const flags = ["--jwt-secret", SECRET, "--history-on-join", "0"];
  const server = await Polylogue.start(...flags);
  const dice = new Dice();
  const crowd = Array.from({ length: CLIENTS }, (_, at) => new Returning(server, dice, at));
  t.after(async () => {
    crowd.forEach((client) => client.socket && client.go());
    await server.remove();
  });
  for (let at = 0; at < CLIENTS; at += COMING_AT_ONCE) {
    const coming = crowd.slice(at, at + COMING_AT_ONCE);
    coming.forEach((client) => client.come());
    await until(() => coming.every((client) => client.isSeated), "seats", BACK_WITHIN_MS);
  }
  const stock = await Promise.all(Array.from({ length: STOCK }, (_, at) => enter(server, at)));

  await server.kill();
  await until(() => crowd.every((client) => !client.isSeated), "everybody to be lost");
  const began = performance.now();
  await server.again(new URL(server.url).port);
  const isBack = (client) => client.sittings.length === 2 && client.sittings[1].isSeated;
  await until(() => stock.every(isBack), "stock clients to be back", BACK_WITHIN_MS);
  const stockMs = performance.now() - began;
  await until(() => crowd.every((client) => client.isSeated), "the crowd", BACK_WITHIN_MS);
  const crowdMs = performance.now() - began;

  for (const client of stock) assert.ok(Number.isSafeInteger(await client.say(client.room)));
  const said = ({ room }) => stock.filter((one) => one.room === room).length;
  const hasHeard = (client) => client.words.length >= said(client);
  await until(() => crowd.every(hasHeard), "every word in every room", BACK_WITHIN_MS);
  for (const client of crowd) assert.equal(new Set(client.words).size, said(client));
  stock.forEach((client) => client.leave());
  const took = `stock clients after ${stockMs.toFixed()} ms, all after ${crowdMs.toFixed()} ms`;
  t.diagnostic(`SEED=${SEED}: ${CLIENTS} + ${STOCK} clients, seated again: ${took}`);
});

/** A stock client in a room of the crowd's; each in another. */
function enter(server, at) {
  const room = `storm_${at % Math.ceil(CLIENTS / PER_ROOM)}`;
  const transports = at % 2 === 0 ? ["websocket"] : ["polling"];
  return Stubborn.enter(server.url, { token: tokenOf(CLIENTS + 1 + at), transports, room });
}

// A crowd: 1,000 connections in one room, and joiners in the middle of a burst. Everyone hears
// everything once, in one order, and the history agrees.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "../../conformance/kit/packages.mjs";
import { Client, TRANSPORTS, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { fence, history } from "../kit/rest.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";
import { until, within } from "../kit/until.mjs";

const CROWD = 1_000;
const CONNECTING_AT_ONCE = 100;
const SPEAKERS = 20;
const MESSAGES_EACH = 10;
const CROWD_DEADLINE_MS = 60_000;

const BURST_SENDERS = 3;
const BURST_EACH = 200;
const IN_FLIGHT = 4;
const JOINERS = 12;

let server;
before(async () => {
  server = await Polylogue.start("--jwt-secret", SECRET);
});
after(() => server?.remove());

/** A bare WebSocket in the room: it answers pings and notes messages, nothing else. */
class Member {
  constructor(id, room) {
    this.id = id;
    this.heard = [];
    this.acks = 0;
    const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
    this.socket = new WebSocket(url);
    this.socket.on("open", () => {
      this.socket.send(`40${JSON.stringify({ token: tokenOf(id) })}`);
    });
    this.room = room;
    this.joined = new Promise((resolve, reject) => {
      this.socket.on("error", reject);
      this.socket.on("close", (code) => reject(new Error(`closed with ${code}`)));
      this.socket.on("message", (frame) => this.#hear(`${frame}`, resolve));
    });
    this.joined.catch(() => {});
  }

  say(content) {
    const message = { room: this.room, content };
    this.socket.send(`420${JSON.stringify(["send_message", message])}`);
  }

  #hear(frame, resolve) {
    if (frame === "2") this.socket.send("3");
    else if (frame.startsWith("40")) {
      this.socket.send(`42${JSON.stringify(["join_room", this.room])}`);
    } else if (frame.startsWith('42["send_message"')) {
      this.heard.push(Object.values(JSON.parse(frame.slice(2))[1])[0]);
    } else if (frame.startsWith("430")) this.acks += 1;
    else if (frame.includes('"You joined the room"')) resolve();
  }
}

test(`${CROWD} in one room hear every message once, in one order`, async () => {
  const room = "crowd";
  const members = [];
  while (members.length < CROWD) {
    const batch = Array.from(
      { length: CONNECTING_AT_ONCE },
      (_, i) => new Member(members.length + i + 1, room),
    );
    await within(
      Promise.all(batch.map(({ joined }) => joined)),
      "a batch to join",
      CROWD_DEADLINE_MS,
    );
    members.push(...batch);
  }
  const speakers = members.filter((_, i) => i % (CROWD / SPEAKERS) === 0);
  for (let i = 0; i < MESSAGES_EACH; i += 1) {
    for (const speaker of speakers) speaker.say(`${speaker.id}-${i}`);
  }
  const total = SPEAKERS * MESSAGES_EACH;
  const owed = (member) => total - (speakers.includes(member) ? MESSAGES_EACH : 0);
  const done = () => members.every((member) => member.heard.length >= owed(member));
  await until(done, "everybody to have heard everything", CROWD_DEADLINE_MS);
  await until(() => speakers.every(({ acks }) => acks === MESSAGES_EACH), "every ack");

  const order = (await history(server, tokenOf(1), room)).map(({ content }) => content);
  assert.equal(order.length, total);
  assert.equal(new Set(order).size, total);
  for (const member of members) {
    const own = `${member.id}-`;
    const expected = speakers.includes(member)
      ? order.filter((content) => !content.startsWith(own))
      : order;
    assert.deepEqual(member.heard, expected, `what user_${member.id} heard`);
  }
  for (const member of members) member.socket.terminate();
});

describe(
  "a joiner in the middle of a burst has neither gap nor double",
  { concurrency: true },
  () => {
    for (const [name, transports] of Object.entries(TRANSPORTS)) {
      test(`by ${name}`, () => joinInBurst(`burst, ${name}`, transports));
    }
  },
);

async function joinInBurst(room, transports) {
  const people = await Promise.all(
    Array.from({ length: BURST_SENDERS + JOINERS }, (_, i) =>
      Client.join(server, { token: tokenOf(2_000 + i), transports }),
    ),
  );
  const senders = people.slice(0, BURST_SENDERS);
  const joiners = people.slice(BURST_SENDERS);
  for (const sender of senders) {
    sender.say("join_room", room);
    await sender.hears(...system("You joined the room"));
  }
  const total = BURST_SENDERS * BURST_EACH;
  let acked = 0;
  const speak = async (sender, index) => {
    for (let i = 0; i < BURST_EACH; i += IN_FLIGHT) {
      const some = Array.from({ length: IN_FLIGHT }, (_, k) => `${index}-${i + k}`);
      await Promise.all(some.map((content) => sender.ask("send_message", { room, content })));
      acked += IN_FLIGHT;
    }
  };
  const speaking = Promise.all(senders.map(speak));
  for (const [i, joiner] of joiners.entries()) {
    await until(
      () => acked >= (total * (i + 1)) / (JOINERS + 1) - IN_FLIGHT * BURST_SENDERS,
      "the burst",
    );
    joiner.say("join_room", room);
  }
  await speaking;
  await Promise.all(joiners.map((joiner) => joiner.hears(...system("You joined the room"))));
  await fence(server, { id: 1, token: tokenOf(1) }, room, people);

  const order = (await history(server, tokenOf(1), room)).map(({ content }) => content);
  order.pop(); // the fence
  assert.equal(order.length, total);
  const value = (payload) => Object.values(payload)[0];
  for (const joiner of joiners) {
    const past = joiner.heard("join_room").map(value).reverse();
    const live = joiner.heard("send_message").map(value);
    assert.deepEqual([...past, ...live], order, `past ${past.length}, live ${live.length}`);
  }
  const middle = joiners.filter((joiner) => joiner.heard("send_message").length > 0);
  assert.ok(middle.length > 0, "somebody joined before the burst was over");
  for (const client of people) client.leave();
}

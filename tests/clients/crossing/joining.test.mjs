// --bridge: a user who is in a room by one dialect and joins it by another is answered as anybody
// who joins, and the others, who know of the user, are told nothing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { system } from "../kit/client.mjs";
import { notice } from "../kit/lounge.mjs";
import { DIALECTS, fresh, hears, open, person, server } from "./stage.mjs";

const NAMES = Object.keys(DIALECTS);
const PAIRS = NAMES.flatMap((one) => NAMES.filter((two) => two !== one).map((two) => [one, two]));

const seated = ({ id, name }) => ({ id, nickname: name });

/** What each dialect tells somebody who joins, as {@link told} gives it. */
const WELCOMES = {
  rooms: () => [system("You joined the room")],
  coaching: () => [],
  lounge: (room, who, ...present) => [
    ["history", "[]"],
    notice("welcome to chat"),
    ["roomUsers", { room: `${room}`, users: present.map(seated) }],
    notice(`user ${who.id} joined`),
  ],
};

/** All that a client heard since the last time, without the times, the greeting and the fences. */
async function told(client) {
  await client.settle();
  const fence = JSON.stringify(system("content should not be empty"));
  const own = client.take().filter((entry) => JSON.stringify(entry) !== fence);
  return own.filter(([event]) => event !== "connected").map(([event, payload]) => {
    if (typeof payload !== "object") return [event, payload];
    const { time, ...untimed } = payload;
    return [event, untimed];
  });
}

describe("who joins by a second dialect", () => {
  let at;
  let ann;
  let ben;
  before(async () => {
    at = await server("--bridge");
    [ann, ben] = [await person(at), await person(at)];
  });
  after(() => at?.remove());

  for (const [first, second] of PAIRS) {
    test(`${first}, then ${second}: its own welcome, and nobody is told again`, async () => {
      const number = await open(at, ann, fresh("room"));
      const join = async (dialect, who) => {
        const client = await DIALECTS[dialect].connect(at, who);
        const ack = await DIALECTS[dialect].join(client, number);
        assert.equal(ack.error ?? ack.message, undefined, JSON.stringify(ack));
        return client;
      };
      const others = [];
      for (const dialect of NAMES) others.push(await join(dialect, ann));
      others.push(await join(first, ben));
      for (const client of others) await told(client);
      const newcomer = await join(second, ben);
      assert.deepEqual(await told(newcomer), WELCOMES[second](number, ben, ann, ben));
      const content = fresh("hello");
      await DIALECTS[second].say(newcomer, number, content);
      for (const [place, dialect] of NAMES.entries()) {
        assert.equal((await hears(dialect, others[place], content)).length, 1);
      }
      await hears(first, others.at(-1), content);
      for (const client of others) {
        const rest = (await told(client)).filter((it) => !JSON.stringify(it).includes(content));
        assert.deepEqual(rest, []);
      }
      [...others, newcomer].forEach((client) => client.leave());
    });
  }
});

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
    ["history", []],
    notice("welcome to chat"),
    ["roomUsers", { room: `${room}`, users: present.map(seated) }],
    notice(`user ${who.id} joined`),
  ],
};

/** All that a client heard since the last time, without the times, the greeting and the fences. */
function told(client, ...fences) {
  const isFence = (entry) => fences.some((words) => JSON.stringify(entry).includes(words));
  const own = client.take().filter(([event]) => event !== "connected").map(([event, payload]) => {
    if (event !== "history") return [event, payload];
    return [event, JSON.parse(payload).filter(({ text }) => !fences.includes(text))];
  });
  return own.filter((entry) => !isFence(entry)).map(([event, payload]) => {
    if (typeof payload !== "object" || Array.isArray(payload)) return [event, payload];
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
      for (const dialect of NAMES) others.push([dialect, await join(dialect, ann)]);
      const ben1 = await join(first, ben);
      // A word in the room: whoever has heard it, or its answer, has heard all that came before.
      const fence = async (clients) => {
        const words = fresh("fence");
        await DIALECTS[first].say(ben1, number, words);
        for (const [dialect, client] of clients) await hears(dialect, client, words);
        return words;
      };
      const before = await fence(others);
      for (const [, client] of [...others, [first, ben1]]) told(client, before);
      const newcomer = await join(second, ben);
      const joined = await fence([...others, [second, newcomer]]);
      assert.deepEqual(told(newcomer, before, joined), WELCOMES[second](number, ben, ann, ben));
      const content = fresh("hello");
      await DIALECTS[second].say(newcomer, number, content);
      for (const [dialect, client] of [...others, [first, ben1]]) {
        assert.equal((await hears(dialect, client, content)).length, 1);
      }
      for (const [, client] of [...others, [first, ben1]]) {
        assert.deepEqual(told(client, joined, content), []);
      }
      [...others.map(([, client]) => client), ben1, newcomer].forEach((client) => client.leave());
    });
  }
});

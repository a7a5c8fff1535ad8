// Who is online: told on the first socket, untold after the last and its grace, to everyone or to
// those who share a conversation.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { conversation, user } from "./stage.mjs";

const GRACE_MS = 3_000;

/** Who came and went, of some users. */
const presence = (client, ...users) =>
  client
    .take()
    .filter(([, { userId }]) => users.includes(userId))
    .map(([event, { userId }]) => `${event} ${userId}`);

describe("everyone is told", () => {
  let server;
  before(async () => {
    server = await Polylogue.mounting(["conversations"]);
  });
  after(() => server?.remove());

  for (const [i, [name, transports]] of Object.entries(TRANSPORTS).entries()) {
    test(`by ${name}: once, however many sockets, and not for a reload`, async () => {
      const [a, b] = [10 * i + 10, 10 * i + 11];
      const watcher = await user(server, a, { transports });
      await watcher.hears("user:online", { userId: a });
      const tabs = [await user(server, b, { transports }), await user(server, b, { transports })];
      await watcher.hears("user:online", { userId: b });
      tabs[0].leave();
      tabs[1].leave();
      // A reload within the grace goes unnoticed.
      const again = await user(server, b, { transports });
      const left = performance.now();
      again.leave();
      await watcher.hears("user:offline", { userId: b });
      assert.ok(performance.now() - left >= GRACE_MS, "not before the grace is over");
      assert.deepEqual(presence(watcher, a, b), [
        `user:online ${a}`,
        `user:online ${b}`,
        `user:offline ${b}`,
      ]);
      assert.deepEqual(presence(tabs[0], a, b), [`user:online ${b}`]);
      assert.deepEqual(presence(again, a, b), []);
      watcher.leave();
    });
  }
});

for (const auth of ["open", "token"]) {
  test(`contacts alone are told, with users ${auth}`, async () => {
    const flags = ["--presence", "contacts", "--conversations-auth", auth];
    const server = await Polylogue.mounting(["conversations"], ...flags);
    try {
      const token = async (id) => (auth === "token" ? server.token(id) : undefined);
      const options = Object.fromEntries(
        await Promise.all([1, 2, 3].map(async (id) => [id, { token: await token(id) }])),
      );
      await conversation(server, 1, 2, options[1]);
      const friend = await user(server, 1, options[1]);
      const stranger = await user(server, 3, options[3]);
      const ben = await user(server, 2, options[2]);
      await friend.hears("user:online", { userId: 2 });
      ben.leave();
      await friend.hears("user:offline", { userId: 2 });
      assert.deepEqual(presence(friend, 1, 2, 3), ["user:online 2", "user:offline 2"]);
      assert.deepEqual(presence(stranger, 1, 2, 3), []);
      // A conversation made meanwhile counts at once.
      await conversation(server, 1, 3, options[1]);
      friend.leave();
      await stranger.hears("user:offline", { userId: 1 });
      stranger.leave();
    } finally {
      await server.remove();
    }
  });
}

// What outlives the process: an orderly stop, and a kill in the middle of a burst.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { history } from "../kit/rest.mjs";
import { until, within } from "../kit/until.mjs";

const ROOM = "room_1";
const STOPPED_WITHIN_MS = 10_000;
const SENDERS = 4;
const IN_FLIGHT = 8;
const ACKS_BEFORE_KILL = 200;
const MESSAGES_MAX = 5_000;

test("SIGTERM: every session is closed, exit 0, and the history is there again", async (t) => {
  const server = await Polylogue.start();
  t.after(() => server.remove());
  const token = await server.token(1);
  const clients = await Promise.all(
    [["websocket"], ["polling"]].map((transports) => Client.join(server, { token, transports })),
  );
  for (const client of clients) client.say("join_room");
  const [ann] = clients;
  await ann.until(() => ann.heard("system_message").length > 0, "the join");
  const first = await ann.ask("send_message", "before");
  const gone = clients.map(
    (client) => new Promise((resolve) => client.socket.on("disconnect", resolve)),
  );

  const stopping = performance.now();
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert.ok(performance.now() - stopping < STOPPED_WITHIN_MS);
  await within(Promise.all(gone), "every client to be told");

  await server.again();
  const back = await Client.join(server, { token });
  back.say("join_room");
  await back.hears("join_room", { user_1: "before" });
  await back.hears(...system("You joined the room"));
  assert.equal(back.heard("join_room").length, 1);
  const second = await back.ask("send_message", "after");
  assert.ok(second.id > first.id);
  const kept = await history(server, token, ROOM);
  assert.deepEqual(
    kept.map(({ id }) => id),
    [first.id, second.id],
  );
  back.leave();
});

test("SIGKILL in a burst: what was acked or seen is there, a repeat stores it once", async (t) => {
  const server = await Polylogue.start();
  t.after(() => server.remove());
  const { tokens, listener, acked, sent } = await burst(server);
  await server.kill();
  const seen = listener.heard("send_message").map((payload) => Object.values(payload)[0]);
  assert.ok(seen.length > 0);
  for (const sender of sent.keys()) sender.leave();
  listener.leave();

  await server.again();
  const kept = await history(server, tokens[0], ROOM);
  const contents = kept.map(({ content }) => content);
  const ids = new Map(kept.map(({ id, content }) => [id, content]));
  assert.equal(new Set(contents).size, contents.length, "nothing is stored twice");
  for (const [id, content] of acked) assert.equal(ids.get(id), content, `acked as ${id}`);
  const order = seen.map((content) => contents.indexOf(content));
  assert.ok(!order.includes(-1), "all that was seen is kept");
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    "in the order it was seen",
  );

  await resend(server, tokens, [...sent.values()]);
  const after = (await history(server, tokens[0], ROOM)).map(({ content }) => content);
  const all = [...sent.values()].flat().map(({ content }) => content);
  assert.deepEqual(after.toSorted(), all.toSorted(), "each message once");
});

/** Senders with some messages in flight each, until enough acks have come. */
async function burst(server) {
  const ids = Array.from({ length: SENDERS + 1 }, (_, i) => i + 1);
  const tokens = await Promise.all(ids.map((id) => server.token(id)));
  const clients = await Promise.all(tokens.map((token) => Client.join(server, { token })));
  for (const client of clients) {
    client.say("join_room");
    await client.hears(...system("You joined the room"));
  }
  const listener = clients.pop();
  const acked = new Map();
  const sent = new Map(clients.map((client) => [client, []]));
  const next = (sender, index) => {
    const messages = sent.get(sender);
    if (messages.length >= MESSAGES_MAX || !sender.socket.connected) return;
    const content = `${index}-${messages.length}`;
    const message = { room: ROOM, content, client_id: content };
    messages.push(message);
    sender.socket.emit("send_message", message, ({ id }) => {
      acked.set(id, content);
      next(sender, index);
    });
  };
  clients.forEach((sender, index) => {
    for (let i = 0; i < IN_FLIGHT; i += 1) next(sender, index);
  });
  await until(() => acked.size >= ACKS_BEFORE_KILL, `${ACKS_BEFORE_KILL} acks`);
  return { tokens, listener, acked, sent };
}

/** Every sender comes back and, not knowing what was kept, repeats all it ever sent. */
async function resend(server, tokens, batches) {
  await Promise.all(
    batches.map(async (messages, index) => {
      const client = await Client.join(server, { token: tokens[index] });
      client.say("join_room");
      await client.until(() => client.heard("system_message").length > 0, "the join");
      const acks = await Promise.all(
        messages.map((message) => client.ask("send_message", message)),
      );
      for (const { id } of acks) assert.ok(Number.isSafeInteger(id));
      client.leave();
    }),
  );
}

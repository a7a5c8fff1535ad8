// The stock client's own `retries`, with `ackTimeout` and a client_id in the payload, where acks come
// too late or not at all: what is sent again is stored and delivered once, with the first answer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { io } from "socket.io-client";
import * as coaching from "../coaching/stage.mjs";
import * as conversations from "../conversations/stage.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { Proxy } from "../kit/proxy.mjs";
import { until } from "../kit/until.mjs";

const MESSAGES = 6;
const OPTIONS = { retries: 1_000, ackTimeout: 200, reconnectionDelay: 50, forceNew: true };
const PATIENCE_MS = 60_000;

let server;
before(async () => {
  server = await Polylogue.mounting(["conversations", "coaching"]);
});
after(() => server?.remove());

let users = 0;
/** By dialect: how to connect, what to send, and who hears it. */
const STAGES = {
  conversations: async () => {
    const [ann, ben] = [(users += 2), users + 1];
    const { id } = await conversations.conversation(server, ann, ben);
    const listener = await conversations.joined(server, ben, id);
    return {
      connect: (url, options) => io(`${url}/chat`, { query: { userId: ann }, ...options }),
      event: "send-message",
      payload: (content) => conversations.message(ann, id, content, { client_id: content }),
      heard: () => listener.heard("receive-message"),
      history: () => conversations.history(server, id),
      listener,
    };
  },
  coaching: async () => {
    const people = await coaching.crowd(server, "Ann", "Ben", "Cat");
    const { id: chatId } = await coaching.group(server, ...people);
    const [listener] = await coaching.inside(server, chatId, [people[1]]);
    const fences = 1;
    return {
      connect: (url, options) => io(url, { auth: { token: people[0].token }, ...options }),
      event: "send-message",
      payload: (content) => ({ chatId, content, client_id: content }),
      heard: () => listener.heard("new-message"),
      history: async () =>
        (await coaching.history(server, people[1], chatId)).reverse().slice(fences),
      listener,
    };
  },
};

/** An ack that is late is taken for lost; one that is held never comes on that connection. */
const LOSSES = {
  "acks that come too late": async (proxy, isSent) => {
    proxy.weather = { latencyMs: OPTIONS.ackTimeout };
    await until(isSent, "sends again", PATIENCE_MS);
    proxy.weather = {};
  },
  "acks that never come": async (proxy, isSent) => {
    proxy.hold("down");
    await until(isSent, "sends again", PATIENCE_MS);
    proxy.reset();
    proxy.release();
  },
};

for (const [dialect, stage] of Object.entries(STAGES)) {
  for (const [what, lose] of Object.entries(LOSSES)) {
    for (const transports of [["websocket"], ["polling"]]) {
      test(`${dialect}, ${what}, by ${transports}: stored and delivered once`, async () => {
        await once(await stage(), lose, { ...OPTIONS, transports });
      });
    }
  }
}

async function once(stage, lose, options) {
  const proxy = await Proxy.to(server.url);
  const socket = stage.connect(proxy.url, options);
  await until(() => socket.connected, "the connection");
  const known = (await stage.history()).length;
  let sends = 0;
  socket.onAnyOutgoing(() => (sends += 1));
  const acks = [];
  const talk = Array.from({ length: MESSAGES }, (_, n) =>
    socket.emitWithAck(stage.event, stage.payload(`${n}`)).then((ack) => acks.push(ack.data)),
  );
  await lose(proxy, () => sends > 2);
  await Promise.all(talk);
  await until(() => stage.heard().length >= MESSAGES, "every message");
  const kept = (await stage.history()).slice(known);
  assert.ok(sends > MESSAGES, `${sends} sends`);
  assert.deepEqual(kept.map(({ content }) => content), [...Array(MESSAGES).keys()].map(String));
  assert.deepEqual(acks, kept, "each ack is what was stored");
  const again = await socket.emitWithAck(stage.event, stage.payload("0"));
  assert.deepEqual(again.data, acks[0], "a retry gets the first answer");
  assert.deepEqual(stage.heard(), kept, "nobody heard anything twice");
  socket.disconnect();
  stage.listener.leave();
  proxy.close();
}

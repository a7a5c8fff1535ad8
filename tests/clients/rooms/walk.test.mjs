// The rooms document walked from end to end by stock JavaScript clients, once per transport: every
// event, every sentence as it is printed there, and who hears what.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, TRANSPORTS, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { fence, history } from "../kit/rest.mjs";

const ROOM = "room_1";

for (const [name, transports] of Object.entries(TRANSPORTS)) {
  describe(`the rooms document by ${name}`, () => walk(transports));
}

function walk(transports) {
  let server;
  let clients = {};
  const users = {};

  /** A user's further connection under a name of its own. */
  const connect = async (label, id) => {
    users[id] ??= { id, token: await server.token(id) };
    clients[label] = await Client.join(server, { token: users[id].token, transports });
    return clients[label];
  };
  /** Waits for the room, then says who heard what since the last time. */
  const heard = async (...labels) => {
    const inside = labels.map((label) => clients[label]);
    await fence(server, users[1], ROOM, inside);
    return Object.fromEntries(labels.map((label) => [label, clients[label].take()]));
  };

  before(async () => {
    server = await Polylogue.start();
  });
  after(async () => {
    for (const client of Object.values(clients)) client.leave();
    await server.remove();
  });

  test("connected: a welcome, first of all, over the transport asked for", async () => {
    const ann = await connect("ann", 1);
    assert.deepEqual(ann.take(), [["connected", { message: "Welcome user_1 to the server" }]]);
    assert.equal(ann.transport, transports.at(-1));
  });

  test("join_room without a payload: the default room", async () => {
    clients.ann.say("join_room");
    await clients.ann.hears(...system("You joined the room"));
    assert.deepEqual(await heard("ann"), { ann: [system("You joined the room")] });
  });

  test("join_room with a string, with an object: the others read of it", async () => {
    (await connect("ben", 2)).take();
    clients.ben.say("join_room", ROOM);
    await clients.ben.until(() => clients.ben.heard("system_message").length > 0, "the join");
    (await connect("cat", 3)).take();
    clients.cat.say("join_room", { room: ROOM });
    await clients.cat.until(() => clients.cat.heard("system_message").length > 0, "the join");
    const { ann, ben, cat } = await heard("ann", "ben", "cat");
    assert.deepEqual(ann, [system("user_2 joined the room"), system("user_3 joined the room")]);
    assert.deepEqual(live(ben), [system("You joined the room"), system("user_3 joined the room")]);
    assert.deepEqual(live(cat), [system("You joined the room")]);
  });

  test("send_message: the others hear it, the ack names it", async () => {
    const first = await clients.ann.ask("send_message", "aloha");
    const second = await clients.ben.ask("send_message", { room: ROOM, content: "hello" });
    assert.ok(Number.isSafeInteger(first.id), JSON.stringify(first));
    assert.ok(second.id > first.id, JSON.stringify([first, second]));
    assert.deepEqual(await heard("ann", "ben", "cat"), {
      ann: [["send_message", { user_2: "hello" }]],
      ben: [["send_message", { user_1: "aloha" }]],
      cat: [["send_message", { user_1: "aloha" }], ["send_message", { user_2: "hello" }]],
    });
  });

  test("join_room: the room's messages come newest first", async () => {
    const dan = await connect("dan", 4);
    const before = (await history(server, users[1].token, ROOM)).reverse();
    dan.take();
    dan.say("join_room", ROOM);
    const joined = () => dan.heard("join_room").length >= before.length;
    await dan.until(joined, "the history");
    const { dan: all, ann } = await heard("dan", "ann", "ben", "cat");
    const told = all.filter(([event]) => event === "join_room");
    const kept = before.map(({ content, user }) => ["join_room", { [user.username]: content }]);
    assert.deepEqual(told, kept);
    assert.deepEqual(live(all), [system("You joined the room")]);
    assert.deepEqual(ann, [system("user_4 joined the room")]);
  });

  test("join_room a second time, in a second tab: subscribed, and nobody is told", async () => {
    const tab = await connect("tab", 1);
    tab.take();
    tab.say("join_room");
    await tab.hears(...system("You are already in room room_1"));
    clients.ann.say("join_room");
    await clients.ann.hears(...system("You are already in room room_1"));
    await clients.ann.ask("send_message", "from the first tab");
    await clients.ben.ask("send_message", "to both tabs");
    const both = ["send_message", { user_2: "to both tabs" }];
    const { ann, ben, cat, tab: second } = await heard("ann", "ben", "cat", "dan", "tab");
    assert.deepEqual(live(ann), [system("You are already in room room_1"), both]);
    const other = ["send_message", { user_1: "from the first tab" }];
    assert.deepEqual(live(second), [system("You are already in room room_1"), other, both]);
    assert.deepEqual(ben, [other]);
    assert.deepEqual(cat, [other, both]);
  });

  test("one tab closed: nobody is told, the other one hears on", async () => {
    const extra = await connect("extra", 1);
    extra.say("join_room");
    await extra.hears(...system("You are already in room room_1"));
    await extra.settle();
    extra.leave();
    await clients.ben.ask("send_message", "still here");
    const still = ["send_message", { user_2: "still here" }];
    const said = await heard("ann", "ben", "cat", "dan", "tab");
    assert.deepEqual(said, { ann: [still], ben: [], cat: [still], dan: [still], tab: [still] });
  });

  test("leave_room: all of the user's tabs are out, the others read of it once", async () => {
    clients.ann.say("leave_room");
    await clients.ann.hears(...system("You left the room room_1"));
    assert.deepEqual(clients.ann.take(), [system("You left the room room_1")]);
    await clients.ben.ask("send_message", "without user_1");
    const without = ["send_message", { user_2: "without user_1" }];
    const { ben, cat } = await heard("ben", "cat", "dan");
    assert.deepEqual(ben, [system("user_1 left the room")]);
    assert.deepEqual(cat, [system("user_1 left the room"), without]);
    for (const label of ["ann", "tab"]) {
      await clients[label].settle();
      assert.deepEqual(clients[label].heard("send_message"), []);
      clients[label].take();
    }
  });

  test("send_message and leave_room from outside are answered, and lost on nobody", async () => {
    for (const event of ["send_message", "leave_room"]) {
      const payload = event === "send_message" ? "anyone?" : ROOM;
      const { error } = await clients.ann.ask(event, payload);
      assert.equal(typeof error, "string", event);
      await clients.ann.hears(...system("You are not in room room_1"));
      assert.deepEqual(clients.ann.take(), [system("You are not in room room_1")]);
    }
    assert.deepEqual(await heard("ben", "cat", "dan"), { ben: [], cat: [], dan: [] });
  });

  test("delete_message: own messages only, in the document's words", async () => {
    const own = await clients.ben.ask("send_message", "a slip");
    const other = await clients.cat.ask("send_message", "not yours");
    await heard("ben", "cat", "dan");
    for (const [id, words] of [
      [own.id, `Message ${own.id} deleted`],
      [own.id, `Error ${own.id} deleted`],
      [other.id, `Error ${other.id} deleted`],
      [123123123, "Error 123123123 deleted"],
    ]) {
      clients.ben.say("delete_message", id);
      await clients.ben.hears(...system(words));
      assert.deepEqual(clients.ben.take(), [system(words)]);
    }
    const { error } = await clients.ben.ask("delete_message", 123123123);
    assert.equal(typeof error, "string");
    clients.ben.take();
    const kept = (await history(server, users[1].token, ROOM)).map(({ content }) => content);
    assert.ok(!kept.includes("a slip"));
    assert.ok(kept.includes("not yours"));
    assert.deepEqual(await heard("ben", "cat", "dan"), { ben: [], cat: [], dan: [] });
  });

  test("a user's last connection gone: the others read of it", async () => {
    clients.ben.leave();
    await clients.cat.hears(...system("user_2 left the room"));
    const { cat, dan } = await heard("cat", "dan");
    assert.deepEqual(cat, [system("user_2 left the room")]);
    assert.deepEqual(dan, [system("user_2 left the room")]);
  });
}

/** A log without the history that a join brought. */
function live(log) {
  return log.filter(([event]) => event !== "join_room");
}

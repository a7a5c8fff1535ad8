// The rooms document walked from end to end by stock JavaScript clients, once per transport: every
// event, every sentence as it is printed there, and who hears what.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, TRANSPORTS, system } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { fence, history } from "../kit/rest.mjs";

const ROOM = "room_1";

/** One server and the clients on it, by the names the tests give them. */
class Stage {
  clients = {};
  users = {};

  constructor(transports) {
    this.transports = transports;
    before(async () => {
      this.server = await Polylogue.start();
    });
    after(async () => {
      for (const client of Object.values(this.clients)) client.leave();
      await this.server.remove();
    });
  }

  /** A further connection of a user, under a name of its own. */
  async connect(label, id) {
    this.users[id] ??= { id, token: await this.server.token(id) };
    const options = { token: this.users[id].token, transports: this.transports };
    this.clients[label] = await Client.join(this.server, options);
    return this.clients[label];
  }

  /** Waits until all in the room have been told, then says who heard what since the last time. */
  async heard(...labels) {
    const inside = labels.map((label) => this.clients[label]);
    await fence(this.server, this.users[1], ROOM, inside);
    return Object.fromEntries(labels.map((label) => [label, this.clients[label].take()]));
  }

  /** The room's messages by REST, oldest first. */
  history() {
    return history(this.server, this.users[1].token, ROOM);
  }
}

for (const [name, transports] of Object.entries(TRANSPORTS)) {
  describe(`the rooms document by ${name}`, () => {
    const stage = new Stage(transports);
    entering(stage);
    speaking(stage);
    tabbing(stage);
    leaving(stage);
  });
}

function entering(stage) {
  test("connected: a welcome, first of all, over the transport asked for", async () => {
    const ann = await stage.connect("ann", 1);
    assert.deepEqual(ann.take(), [["connected", { message: "Welcome user_1 to the server" }]]);
    assert.equal(ann.transport, stage.transports.at(-1));
  });

  test("join_room without a payload: the default room", async () => {
    stage.clients.ann.say("join_room");
    await stage.clients.ann.hears(...system("You joined the room"));
    assert.deepEqual(await stage.heard("ann"), { ann: [system("You joined the room")] });
  });

  test("join_room with a string, with an object: the others read of it", async () => {
    (await stage.connect("ben", 2)).take();
    stage.clients.ben.say("join_room", ROOM);
    await stage.clients.ben.until(
      () => stage.clients.ben.heard("system_message").length > 0,
      "the join",
    );
    (await stage.connect("cat", 3)).take();
    stage.clients.cat.say("join_room", { room: ROOM });
    await stage.clients.cat.until(
      () => stage.clients.cat.heard("system_message").length > 0,
      "the join",
    );
    const { ann, ben, cat } = await stage.heard("ann", "ben", "cat");
    assert.deepEqual(ann, [system("user_2 joined the room"), system("user_3 joined the room")]);
    assert.deepEqual(live(ben), [system("You joined the room"), system("user_3 joined the room")]);
    assert.deepEqual(live(cat), [system("You joined the room")]);
  });
}

function speaking(stage) {
  test("send_message: the others hear it, the ack names it", async () => {
    const first = await stage.clients.ann.ask("send_message", "aloha");
    const second = await stage.clients.ben.ask("send_message", { room: ROOM, content: "hello" });
    assert.ok(Number.isSafeInteger(first.id), JSON.stringify(first));
    assert.ok(second.id > first.id, JSON.stringify([first, second]));
    assert.deepEqual(await stage.heard("ann", "ben", "cat"), {
      ann: [["send_message", { user_2: "hello" }]],
      ben: [["send_message", { user_1: "aloha" }]],
      cat: [
        ["send_message", { user_1: "aloha" }],
        ["send_message", { user_2: "hello" }],
      ],
    });
  });

  test("join_room: the room's messages come newest first", async () => {
    const dan = await stage.connect("dan", 4);
    const before = (await stage.history()).reverse();
    dan.take();
    dan.say("join_room", ROOM);
    const joined = () => dan.heard("join_room").length >= before.length;
    await dan.until(joined, "the history");
    const { dan: all, ann } = await stage.heard("dan", "ann", "ben", "cat");
    const told = all.filter(([event]) => event === "join_room");
    const kept = before.map(({ content, user }) => ["join_room", { [user.username]: content }]);
    assert.deepEqual(told, kept);
    assert.deepEqual(live(all), [system("You joined the room")]);
    assert.deepEqual(ann, [system("user_4 joined the room")]);
  });
}

function tabbing(stage) {
  test("join_room a second time, in a second tab: subscribed, and nobody is told", async () => {
    const tab = await stage.connect("tab", 1);
    tab.take();
    tab.say("join_room");
    await tab.hears(...system("You are already in room room_1"));
    stage.clients.ann.say("join_room");
    await stage.clients.ann.hears(...system("You are already in room room_1"));
    await stage.clients.ann.ask("send_message", "from the first tab");
    await stage.clients.ben.ask("send_message", "to both tabs");
    const both = ["send_message", { user_2: "to both tabs" }];
    const { ann, ben, cat, tab: second } = await stage.heard("ann", "ben", "cat", "dan", "tab");
    assert.deepEqual(live(ann), [system("You are already in room room_1"), both]);
    const other = ["send_message", { user_1: "from the first tab" }];
    assert.deepEqual(live(second), [system("You are already in room room_1"), other, both]);
    assert.deepEqual(ben, [other]);
    assert.deepEqual(cat, [other, both]);
  });

  test("one tab closed: nobody is told, the other one hears on", async () => {
    const extra = await stage.connect("extra", 1);
    extra.say("join_room");
    await extra.hears(...system("You are already in room room_1"));
    await extra.settle();
    extra.leave();
    await stage.clients.ben.ask("send_message", "still here");
    const still = ["send_message", { user_2: "still here" }];
    const said = await stage.heard("ann", "ben", "cat", "dan", "tab");
    assert.deepEqual(said, { ann: [still], ben: [], cat: [still], dan: [still], tab: [still] });
  });
}

function leaving(stage) {
  test("leave_room: all of the user's tabs are out, the others read of it once", async () => {
    stage.clients.ann.say("leave_room");
    await stage.clients.ann.hears(...system("You left the room room_1"));
    assert.deepEqual(stage.clients.ann.take(), [system("You left the room room_1")]);
    await stage.clients.ben.ask("send_message", "without user_1");
    const without = ["send_message", { user_2: "without user_1" }];
    const { ben, cat } = await stage.heard("ben", "cat", "dan");
    assert.deepEqual(ben, [system("user_1 left the room")]);
    assert.deepEqual(cat, [system("user_1 left the room"), without]);
    for (const label of ["ann", "tab"]) {
      await stage.clients[label].settle();
      assert.deepEqual(stage.clients[label].heard("send_message"), []);
      stage.clients[label].take();
    }
  });

  test("send_message and leave_room from outside are answered, and lost on nobody", async () => {
    for (const event of ["send_message", "leave_room"]) {
      const payload = event === "send_message" ? "anyone?" : ROOM;
      const { error } = await stage.clients.ann.ask(event, payload);
      assert.equal(typeof error, "string", event);
      await stage.clients.ann.hears(...system("You are not in room room_1"));
      assert.deepEqual(stage.clients.ann.take(), [system("You are not in room room_1")]);
    }
    assert.deepEqual(await stage.heard("ben", "cat", "dan"), { ben: [], cat: [], dan: [] });
  });

  test("delete_message: own messages only, in the document's words", async () => {
    const own = await stage.clients.ben.ask("send_message", "a slip");
    const other = await stage.clients.cat.ask("send_message", "not yours");
    await stage.heard("ben", "cat", "dan");
    for (const [id, words] of [
      [own.id, `Message ${own.id} deleted`],
      [own.id, `Error ${own.id} deleted`],
      [other.id, `Error ${other.id} deleted`],
      [123123123, "Error 123123123 deleted"],
    ]) {
      stage.clients.ben.say("delete_message", id);
      await stage.clients.ben.hears(...system(words));
      assert.deepEqual(stage.clients.ben.take(), [system(words)]);
    }
    const { error } = await stage.clients.ben.ask("delete_message", 123123123);
    assert.equal(typeof error, "string");
    stage.clients.ben.take();
    const kept = (await stage.history()).map(({ content }) => content);
    assert.ok(!kept.includes("a slip"));
    assert.ok(kept.includes("not yours"));
    assert.deepEqual(await stage.heard("ben", "cat", "dan"), { ben: [], cat: [], dan: [] });
  });

  test("a user's last connection gone: the others read of it", async () => {
    stage.clients.ben.leave();
    await stage.clients.cat.hears(...system("user_2 left the room"));
    const { cat, dan } = await stage.heard("cat", "dan");
    assert.deepEqual(cat, [system("user_2 left the room")]);
    assert.deepEqual(dan, [system("user_2 left the room")]);
  });
}

/** A log without the history that a join brought. */
function live(log) {
  return log.filter(([event]) => event !== "join_room");
}

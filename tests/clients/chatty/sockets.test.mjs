// Joining and leaving beyond the walk: bad payloads, ids that do not exist, tabs, chatrooms that
// go, and what sockets of other dialects have to do with it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { until } from "../kit/until.mjs";
import { NOBODY, fence, join, listener, makeChatroom, makeUser, post } from "./kit.mjs";

const REQUIRED = "user_id and chatroom_id are required";

let server;
let ann;
before(async () => {
  server = await Polylogue.mounting(["chatty"]);
  ann = await makeUser(server);
});
after(() => server?.remove());

describe("bad payloads", () => {
  let room;
  let client;
  before(async () => {
    room = await makeChatroom(server);
    client = await listener(server, ann, [room]);
  });
  after(() => client.leave());

  /** The connection lives, and its seat as well. */
  const stillThere = () => fence(server, ann, room, [client]);

  for (const event of ["join", "leave"]) {
    test(`${event} without both ids is an error, also in the ack; the seat stays`, async () => {
      const deep = Array.from({ length: 1_000 }).reduce((inner) => [inner], []);
      for (const payload of [
        {},
        { user_id: ann.id },
        { chatroom_id: room.id },
        { user_id: null, chatroom_id: room.id },
        { user_id: "", chatroom_id: room.id },
        { user_id: ann.id, chatroom_id: "" },
        { user_id: 1, chatroom_id: 2 },
        { user_id: ann.id, chatroom_id: [room.id] },
        { user_id: ann.id, chatroom_id: { id: room.id } },
        { user_id: ann.id, chatroom_id: "\ud83d" },
        { user_id: ann.id, chatroom_id: deep },
        [ann.id, room.id],
        room.id,
        null,
        7,
        true,
        Buffer.from("bytes"),
      ]) {
        client.say(event, payload);
        await client.hears("error", { message: REQUIRED });
        assert.deepEqual(client.take(), [["error", { message: REQUIRED }]]);
        assert.deepEqual(await client.ask(event, payload), { error: REQUIRED });
        client.take();
      }
      client.say(event);
      await client.hears("error", { message: REQUIRED });
      await stillThere();
      client.take();
    });

    test(`${event} with an endless id is an error`, async () => {
      const payload = { user_id: ann.id, chatroom_id: "c".repeat(129) };
      const { error } = await client.ask(event, payload);
      assert.match(error, /at most 128 bytes/);
      await client.hears("error", { message: error });
      await stillThere();
      client.take();
    });
  }

  test("raw JSON that JavaScript cannot write is an error, and the connection lives", async () => {
    const socket = new WebSocket(
      `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`,
    );
    const heard = [];
    const isOffset = (packet) => packet.startsWith('42["offset"');
    socket.on("message", (data) => isOffset(String(data)) || heard.push(String(data)));
    const next = async (start) => {
      await until(() => heard.some((packet) => packet.startsWith(start)), start);
      return heard.splice(0);
    };
    socket.on("open", () => socket.send("40"));
    await next("40");
    const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
    const { id } = room;
    for (const payload of [
      "1e400",
      deep,
      `{"user_id":1e400,"chatroom_id":"${id}"}`,
      `{"user_id":${deep},"chatroom_id":"${id}"}`,
    ]) {
      socket.send(`421["join",${payload}]`);
      const error = JSON.stringify({ message: REQUIRED });
      assert.deepEqual(await next("431"), [
        `42["error",${error}]`,
        `431[${JSON.stringify({ error: REQUIRED })}]`,
      ]);
    }
    for (const more of [`"more":${deep}`, `"user_id":"again"`]) {
      socket.send(`421["join",{"user_id":"a","chatroom_id":"${id}",${more}}]`);
      const confirmed = JSON.stringify({ chatroom_id: id });
      assert.deepEqual(await next("431"), [`42["joined",${confirmed}]`, `431[${confirmed}]`]);
    }
    socket.close();
  });

  test("events that nobody has are ignored", async () => {
    client.say("send_message", "hello");
    client.say("new_message", { message_text: "forged", chatroom_id: room.id });
    await stillThere();
    assert.deepEqual(client.take(), []);
  });
});

describe("ids", () => {
  test("need not exist: whoever joins nothing is told of joining, and hears nothing", async () => {
    const room = await makeChatroom(server);
    const client = await listener(server, ann, [room]);
    for (const chatroom_id of [NOBODY, "not a uuid", "\u{1F600}"]) {
      for (const [event, confirmed] of [["join", "joined"], ["leave", "left"]]) {
        const ack = await client.ask(event, { user_id: NOBODY, chatroom_id });
        assert.deepEqual(ack, { chatroom_id });
        assert.deepEqual(client.take(), [[confirmed, { chatroom_id }]]);
      }
    }
    await fence(server, ann, room, [client]);
    assert.deepEqual(client.take(), []);
    client.leave();
  });

  test("a user that does not exist hears as well", async () => {
    const room = await makeChatroom(server);
    const client = await listener(server, { id: "whoever" }, [room]);
    const message = await post(server, ann, room, "hello");
    await client.hears("new_message", message);
    client.leave();
  });

  test("a chatroom's id in capitals is the same id", async () => {
    const room = await makeChatroom(server);
    const client = await listener(server, ann, []);
    const ack = await client.ask("join", { user_id: ann.id, chatroom_id: room.id.toUpperCase() });
    assert.deepEqual(ack, { chatroom_id: room.id });
    await client.hears("new_message", await post(server, ann, room, "hello"));
    client.leave();
  });
});

describe("seats", () => {
  test("joining twice is one seat, leaving once gives it up", async () => {
    const room = await makeChatroom(server);
    const client = await listener(server, ann, [room, room]);
    const witness = await listener(server, ann, [room]);
    const message = await post(server, ann, room, "once");
    await fence(server, ann, room, [client, witness]);
    assert.deepEqual(client.take(), [["new_message", message]]);
    client.say("leave", { user_id: ann.id, chatroom_id: room.id });
    await client.hears("left", { chatroom_id: room.id });
    client.take();
    witness.take();
    await fence(server, ann, room, [witness]);
    assert.deepEqual(await client.ask("leave", { user_id: ann.id, chatroom_id: room.id }), {
      chatroom_id: room.id,
    });
    assert.deepEqual(client.take(), [["left", { chatroom_id: room.id }]]);
    client.leave();
    witness.leave();
  });

  test("each tab of a user has its own: one leaves, the other stays", async () => {
    const room = await makeChatroom(server);
    const [tab, other] = [await listener(server, ann, [room]), await listener(server, ann, [room])];
    await tab.ask("leave", { user_id: ann.id, chatroom_id: room.id });
    tab.take();
    await fence(server, ann, room, [other]);
    await tab.ask("join", { user_id: ann.id, chatroom_id: NOBODY });
    assert.deepEqual(tab.heard("new_message"), []);
    tab.leave();
    other.leave();
  });

  test("a socket hears every chatroom it is in, and no other", async () => {
    const rooms = [await makeChatroom(server), await makeChatroom(server)];
    const both = await listener(server, ann, rooms);
    const one = await listener(server, ann, [rooms[0]]);
    const [first, second] = [
      await post(server, ann, rooms[0], "in the first"),
      await post(server, ann, rooms[1], "in the second"),
    ];
    await both.hears("new_message", second);
    await fence(server, ann, rooms[0], [both, one]);
    assert.deepEqual(one.take(), [["new_message", first]]);
    const heard = both.heard("new_message").map(({ id }) => id);
    assert.deepEqual(heard.sort(), [first.id, second.id].sort());
    both.leave();
    one.leave();
  });

  test("events in the same breath as CONNECT are kept", async () => {
    const room = await makeChatroom(server);
    const client = new Client(server, {});
    await join(client, ann, room);
    await client.hears("new_message", await post(server, ann, room, "early"));
    client.leave();
  });

  test("a chatroom that is deleted falls silent, and can be left", async () => {
    const [room, other] = [await makeChatroom(server), await makeChatroom(server)];
    const client = await listener(server, ann, [room, other]);
    assert.equal((await rest(server, "DELETE", `/chatrooms/${room.id}`)).status, 204);
    const payload = { user_id: ann.id, chatroom_id: room.id };
    assert.deepEqual(await client.ask("leave", payload), { chatroom_id: room.id });
    assert.deepEqual(await client.ask("join", payload), { chatroom_id: room.id });
    await fence(server, ann, other, [client]);
    client.leave();
  });
});

// --bridge: whoever was verified meets in one room, each by the words of their own dialect; and
// who never gets there, or hears anything of it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { rest } from "../kit/rest.mjs";
import * as chatty from "../chatty/kit.mjs";
import * as conversations from "../conversations/stage.mjs";
import { DIALECTS, fresh, group, heard, hears, open, person, server } from "./stage.mjs";

const NAMES = Object.keys(DIALECTS);
const PAIRS = NAMES.flatMap((one) => NAMES.map((two) => [one, two]));

/** A client of a dialect that sits in a room. */
async function seat(at, dialect, who, number) {
  const client = await DIALECTS[dialect].connect(at, who);
  const ack = await DIALECTS[dialect].join(client, number);
  assert.equal(ack.error ?? ack.message, undefined, JSON.stringify(ack));
  return client;
}

/** That a client said something, and what came back was no refusal. */
async function says(dialect, client, number, content) {
  const ack = await DIALECTS[dialect].say(client, number, content);
  assert.equal(ack.error ?? ack.message, undefined, JSON.stringify(ack));
}

describe("with --bridge", () => {
  let at;
  let ann;
  let ben;
  before(async () => {
    at = await server("--bridge");
    [ann, ben] = [await person(at), await person(at)];
  });
  after(() => at?.remove());

  for (const [from, to] of PAIRS.filter(([one, two]) => one !== two)) {
    for (const kind of ["an open room", "a group"]) {
      test(`${kind}: what ${from} says ${to} hears once, and both can read`, async () => {
        const number =
          kind === "a group" ? await group(at, ann, ben) : await open(at, ann, fresh("room"));
        const [speaker, listener] = [
          await seat(at, from, ann, number),
          await seat(at, to, ben, number),
        ];
        const [content, last] = [fresh("hello"), fresh("last")];
        await says(from, speaker, number, content);
        await says(from, speaker, number, last);
        await hears(to, listener, last);
        assert.deepEqual(heard(to, listener, content), [
          DIALECTS[to].words(ann, content, number),
        ]);
        const own = DIALECTS[from].hearsItself ? [DIALECTS[from].words(ann, content, number)] : [];
        assert.deepEqual(heard(from, speaker, content), own);
        for (const client of [speaker, listener]) client.leave();
        for (const [dialect, who] of [[from, ann], [to, ben]]) {
          const { history, historyName } = DIALECTS[dialect];
          const told = await history.call(DIALECTS[dialect], at, who, number);
          const name = historyName(ann);
          assert.deepEqual(told, [[name, last], [name, content]], dialect);
        }
      });
    }
  }

  test("a code and a number name one room, and digits open none", async () => {
    const number = await open(at, ann, "lobby_1");
    const listener = await Client.connect(at, { token: ben.token });
    await listener.ask("join_room", "lobby_1");
    const speaker = await seat(at, "coaching", ann, number);
    const content = fresh("hello");
    await says("coaching", speaker, number, content);
    assert.deepEqual(await hears("rooms", listener, content), [{ [ann.name]: content }]);
    const { error } = await listener.ask("join_room", "4000");
    assert.equal(error, "You are not in room 4000");
    const lounger = await DIALECTS.lounge.connect(at, ann);
    const refused = await DIALECTS.lounge.join(lounger, 4000);
    assert.equal(refused.error.type, "E12");
    [listener, speaker, lounger].forEach((client) => client.leave());
  });

  test("who is not of a group neither joins, reads, writes nor ends it", async () => {
    const eve = await person(at);
    const number = await group(at, ann, ben);
    const member = await seat(at, "coaching", ben, number);
    const [rooms, coaching, lounge] = await Promise.all(
      ["rooms", "coaching", "lounge"].map((dialect) => DIALECTS[dialect].connect(at, eve)),
    );
    const no = `You are not in room ${number}`;
    assert.equal((await DIALECTS.rooms.join(rooms, number)).error, no);
    assert.equal((await DIALECTS.rooms.say(rooms, number, "no")).error, no);
    assert.equal((await DIALECTS.coaching.join(coaching, number)).success, false);
    assert.equal((await DIALECTS.coaching.say(coaching, number, "no")).success, false);
    assert.equal((await DIALECTS.lounge.join(lounge, number)).error.type, "E12");
    const { token } = eve;
    const ask = async (method, path, json) =>
      (await rest(at, method, path, { token, json })).status;
    assert.equal(await ask("GET", `/messages?room_code=${number}`), 403);
    assert.equal(await ask("POST", "/messages", { room_code: `${number}`, content: "no" }), 403);
    assert.equal(await ask("GET", `/api/chats/${number}/messages`), 403);
    assert.equal(await ask("POST", "/api/rooms", { room: number }), 404);
    const end = { room: number, expires_in: 1 };
    assert.equal(await ask("POST", "/api/rooms", end), 404);
    const byMember = await rest(at, "POST", "/api/rooms", { token: ben.token, json: end });
    assert.equal(byMember.status, 403, "only its creator ends a group");
    const speaker = await seat(at, "rooms", ann, number);
    const content = fresh("among us");
    await says("rooms", speaker, number, content);
    await hears("coaching", member, content);
    const all = [rooms, coaching, lounge];
    await Promise.all(all.map((client) => client.settle()));
    for (const client of all) {
      assert.equal(JSON.stringify(client.take()).includes(content), false);
    }
    assert.deepEqual(member.heard("new-message").map((said) => said.content), [content]);
    [...all, member, speaker].forEach((client) => client.leave());
  });

  test("nobody opens a room under the name that a direct chat will have", async () => {
    const [one, two] = [await person(at), await person(at)];
    await open(at, ann, `${one.id}:${two.id}`);
    const client = await Client.connect(at, { token: ann.token });
    const { error } = await client.ask("join_room", `${one.id}\u001f${two.id}`);
    assert.match(error, /control characters/);
    client.leave();
    const json = { participant_ids: [two.id] };
    const made = await rest(at, "POST", "/api/chats", { token: one.token, json });
    assert.equal(made.status, 201, JSON.stringify(made.body));
  });

  test("chatty, conversations and other rooms hear nothing of it", async () => {
    const number = await open(at, ann, fresh("room"));
    const elsewhere = await open(at, ann, fresh("room"));
    const user = await chatty.makeUser(at);
    const chatroom = await chatty.makeChatroom(at);
    const chatter = await chatty.listener(at, user, [chatroom]);
    const talk = await conversations.conversation(at, ann.id, ben.id);
    const talker = await conversations.joined(at, ben.id, talk.id);
    const others = await Promise.all(
      Object.keys(DIALECTS).map((dialect) => seat(at, dialect, ben, elsewhere)),
    );
    const [speaker, listener] = [
      await seat(at, "rooms", ann, number),
      await seat(at, "lounge", ben, number),
    ];
    const content = fresh("hello");
    await says("rooms", speaker, number, content);
    await hears("lounge", listener, content);
    await chatty.fence(at, user, chatroom, [chatter]);
    await conversations.fence(at, talk, [talker]);
    await Promise.all(others.map((client) => client.settle()));
    for (const client of [chatter, talker, ...others]) {
      assert.equal(JSON.stringify(client.take()).includes(content), false);
    }
    const guest = await chatter.ask("join_room", `${number}`);
    assert.deepEqual(guest, { error: "Unauthorized" });
    [chatter, talker, speaker, listener, ...others].forEach((client) => client.leave());
  });

  test("images and what a group's history notes arrive in words", async () => {
    const number = await group(at, ann, ben);
    const [lounge, rooms, coaching] = [
      await seat(at, "lounge", ann, number),
      await seat(at, "rooms", ben, number),
      await seat(at, "coaching", ben, number),
    ];
    const image = { type: "image", text: fresh("look"), imageUrl: "/cat.png" };
    await lounge.ask("chatMessage", JSON.stringify(image));
    const words = `${image.text} /cat.png`;
    assert.deepEqual(await hears("rooms", rooms, image.text), [{ [ann.name]: words }]);
    assert.equal((await hears("coaching", coaching, image.text))[0].content, words);
    const eve = await person(at);
    const path = `/api/chats/${number}/participants`;
    const json = { user_id: eve.id };
    const added = await rest(at, "POST", path, { token: ann.token, json });
    assert.equal(added.status, 201);
    const note = "Ann Test was added by Ann Test";
    await rooms.hears("system_message", { message: note, sender: "System" });
    const isNote = ({ type, text }) => type === "system" && text === note;
    await lounge.until(() => lounge.heard("message").some(isNote), note);
    const added_to = ({ type, data }) => type === "participant-added" && data.chatId === number;
    assert.equal(coaching.heard("notification").filter(added_to).length, 1);
    assert.deepEqual(await DIALECTS.rooms.history(at, ben, number), [
      ["System", note],
      [ann.name, words],
    ]);
    [lounge, rooms, coaching].forEach((client) => client.leave());
  });

  test("a user's seats by one dialect are no matter of another", async () => {
    const number = await open(at, ann, fresh("room"));
    const coaching = await seat(at, "coaching", ben, number);
    const rooms = await seat(at, "rooms", ben, number);
    const lounge = await seat(at, "lounge", ben, number);
    assert.equal((await rooms.ask("leave_room", `${number}`)).error, undefined);
    const speaker = await seat(at, "rooms", ann, number);
    const content = fresh("still here");
    await says("rooms", speaker, number, content);
    await hears("coaching", coaching, content);
    await hears("lounge", lounge, content);
    await rooms.settle();
    assert.deepEqual(heard("rooms", rooms, content), []);
    const second = await DIALECTS.lounge.connect(at, ben);
    assert.equal((await DIALECTS.lounge.join(second, number)).error.type, "E15");
    [coaching, rooms, lounge, speaker, second].forEach((client) => client.leave());
  });
});

test("without --bridge nobody crosses", async () => {
  const at = await server();
  try {
    const [ann, ben] = [await person(at), await person(at)];
    const speaker = await Client.connect(at, { token: ann.token });
    assert.deepEqual(await speaker.ask("join_room", "1"), { room: "1" });
    const [chat, lounger] = [await group(at, ann, ben), await DIALECTS.lounge.connect(at, ben)];
    assert.equal(chat, 1);
    const coach = await seat(at, "coaching", ben, chat);
    await DIALECTS.lounge.join(lounger, 1);
    const content = fresh("hello");
    await says("rooms", speaker, 1, content);
    const [marked, noted] = [fresh("mark"), fresh("mark")];
    await says("coaching", coach, chat, marked);
    await hears("coaching", coach, marked);
    await says("lounge", lounger, 1, noted);
    await hears("lounge", lounger, noted);
    for (const client of [coach, lounger]) {
      assert.equal(JSON.stringify(client.take()).includes(content), false);
    }
    assert.deepEqual(await DIALECTS.rooms.history(at, ann, 1), [[ann.name, content]]);
    [speaker, coach, lounger].forEach((client) => client.leave());
  } finally {
    await at.remove();
  }
});

test("the anonymous stay on their side: no --bridge with --lounge-anonymous", async () => {
  await assert.rejects(server("--bridge", "--lounge-anonymous"), /leave out one of the two/);
});

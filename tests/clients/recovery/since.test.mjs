// Who cannot be given the old session back asks for the history with `since`: in each dialect, after
// the server was killed, just what was missed, each once, in the list's own order, page by page.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as chatty from "../chatty/kit.mjs";
import * as coaching from "../coaching/stage.mjs";
import * as conversations from "../conversations/stage.mjs";
import * as lounge from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";
import { inside } from "./stage.mjs";

const [KNOWN, MISSED, PAGE] = [5, 45, 15];
/** What is no message's id in any dialect. */
const WRONG = ["", "-1", "1.5", "abc", "1e400", "9".repeat(400), "%ff"];

const byPage = (number) => `&page=${number}&limit=${PAGE}`;
const textsOf = (messages) => messages.map(({ content }) => content);

/**
 * Each dialect: somebody who goes `away`, an `other` who stays; `say` says something, here or
 * elsewhere -> its id. `list` is a page of what was said here -> its texts. `answer` is that to any
 * query, `stranger` the same for one who may not read the room; `isWrong` knows one to a bad `since`.
 */
const SCENES = {
  async rooms(server) {
    const enter = (id) => inside(server, id, server, "a", "b", {});
    const [away, other] = await Promise.all([1, 2].map(enter));
    const answer = (query, token = tokenOf(1)) =>
      rest(server, "GET", `/messages?room_code=a${query}`, { token });
    return {
      away, other, answer, newestFirst: true,
      say: async (client, content, here = true) =>
        (await client.ask("send_message", { room: here ? "a" : "b", content })).id,
      stranger: (query) => answer(query, "none"),
      list: async (since, page) => textsOf((await answer(`&since=${since}${byPage(page)}`)).body),
      isWrong: ({ status, body }) => status === 400 && /^since must be/.test(body.message),
    };
  },

  async conversations(server) {
    const by = (id) => ({ token: tokenOf(id) });
    const here = await conversations.conversation(server, 1, 2, by(1));
    const elsewhere = await conversations.conversation(server, 2, 3, by(2));
    const away = await conversations.joined(server, 1, here.id, by(1));
    const other = await conversations.joined(server, 2, here.id, by(2));
    const answer = (query, id = 1) =>
      conversations.ask(server, "GET", `/conversations/${here.id}/messages?${query}`, by(id));
    return {
      away, other, answer, newestFirst: true,
      say: async (client, content, isHere = true) => {
        const [by, { id }] = [client === away ? 1 : 2, isHere ? here : elsewhere];
        const sent = conversations.message(by, id, content);
        return (await client.ask("send-message", sent)).data.id;
      },
      stranger: (query) => answer(query, 3),
      list: async (since, page) => {
        const { body } = await answer(`since=${since}${byPage(page)}`);
        return Object.assign(textsOf(body.messages), { total: body.total, pages: body.totalPages });
      },
      isWrong: ({ status, body }) => status === 400 && /^since must be/.test(body.message),
    };
  },

  async coaching(server) {
    const [ann, ben, eve] = await coaching.crowd(server, "Ann", "Ben", "Eve");
    const here = await coaching.group(server, ann, ben);
    const elsewhere = await coaching.group(server, ben, eve);
    const [away, other] = await coaching.inside(server, here.id, [ann, ben]);
    await other.ask("join-chat", elsewhere.id);
    const answer = (query, who = ann) =>
      coaching.as(server, who, "GET", `/api/chats/${here.id}/messages?${query}`);
    return {
      away, other, answer, newestFirst: true,
      say: async (client, content, isHere = true) => {
        const chatId = (isHere ? here : elsewhere).id;
        return (await client.ask("send-message", { chatId, content })).data.id;
      },
      stranger: (query) => answer(query, eve),
      list: async (since, page) => {
        const { data } = (await answer(`since=${since}${byPage(page)}`)).body;
        return Object.assign(textsOf(data.messages), { total: data.total, pages: data.total_pages });
      },
      isWrong: ({ status, body }) => status === 400 && body.errors?.[0].field === "since",
    };
  },

  async chatty(server) {
    const user = await chatty.makeUser(server);
    const [here, elsewhere] = [await chatty.makeChatroom(server), await chatty.makeChatroom(server)];
    const away = await chatty.listener(server, user, [here]);
    const other = await chatty.listener(server, user, [here]);
    const answer = (query, id = here.id) =>
      rest(server, "GET", `/messages/chatroom/${id}?${query}`);
    return {
      away, other, answer, newestFirst: false,
      say: async (_, text, isHere = true) =>
        (await chatty.post(server, user, isHere ? here : elsewhere, text)).id,
      stranger: (query) => answer(query, chatty.NOBODY),
      list: async (since, page) => {
        const { body } = await answer(`since=${since}&skip=${(page - 1) * PAGE}&limit=${PAGE}`);
        const texts = body.messages.map(({ message_text: text }) => text);
        return Object.assign(texts, { total: body.total, pages: Math.ceil(body.total / PAGE) });
      },
      // A chatroom's id is a UUID, too.
      wrong: [...WRONG, "1", here.id],
      isWrong: ({ status, body }) => status === 422 && `${body.detail[0].loc}` === "query,since",
    };
  },

  async lounge(server) {
    const [away, other] = await Promise.all([1, 2].map((id) => lounge.seat(server, id, "1")));
    const third = await lounge.seat(server, 3, "2");
    const asked = async (query, room) => {
      const client = await lounge.visit(server, 1);
      if (room) await client.ask("joinRoom", { room });
      client.take();
      const given = new URLSearchParams(query).get("since");
      const ack = await client.ask("history", given === null ? undefined : { since: given });
      const heard = client.heard("history");
      // The event brings the same, and nothing else does.
      assert.deepEqual(heard, typeof ack === "string" ? [ack] : []);
      client.leave();
      return ack;
    };
    return {
      away, other, answer: (query) => asked(query, "1"), newestFirst: false,
      say: async (client, text, here = true) =>
        (await (here ? client : third).ask("chatMessage", { type: "text", text })).id,
      stranger: (query) => asked(query),
      // All of it is one page.
      list: async (since, page) => {
        const told = page > 1 ? [] : JSON.parse(await asked(`since=${since}`, "1"));
        return told.map(({ text }) => text);
      },
      isWrong: ({ error }) => error?.type === "E16",
    };
  },
};

const FLAGS = { conversations: ["--conversations-auth", "token"] };
const isRefused = ({ status, error }) => status >= 400 || error !== undefined;

for (const [dialect, enter] of Object.entries(SCENES)) {
  test(`${dialect}: after a kill, since lists what was missed and nothing else`, async () => {
    const flags = ["--jwt-secret", SECRET, ...(FLAGS[dialect] ?? [])];
    const server = await Polylogue.mounting([dialect], ...flags);
    try {
      const scene = await enter(server);
      const { away, other, say } = scene;
      const said = [];
      const tell = async (client, text) => said.push({ text, id: await say(client, text) });
      for (let i = 0; i < KNOWN; i += 1) await tell(away, `known ${i}`);
      away.leave();
      for (let i = 0; i < MISSED; i += 1) {
        await say(other, `elsewhere ${i}`, false);
        await tell(other, `missed ${i}`);
      }
      await server.kill();
      await server.again();

      // The last one that was heard, one before it, and the last of all.
      for (const known of [KNOWN - 1, 1, said.length - 1]) {
        const expected = said.slice(known + 1).map(({ text }) => text);
        assert.deepEqual(await allSince(scene, said[known].id, expected.length), expected);
      }

      for (const wrong of scene.wrong ?? WRONG) {
        const answer = await scene.answer(`&since=${wrong}`);
        assert.ok(scene.isWrong(answer), `since=${wrong}: ${JSON.stringify(answer)}`);
      }
      const refused = await scene.stranger("");
      assert.ok(isRefused(refused), JSON.stringify(refused));
      assert.deepEqual(await scene.stranger(`&since=${said[0].id}`), refused);
    } finally {
      await server.remove();
    }
  });
}

/** All texts since a message, oldest first, read page by page; of `total`, where that is told. */
async function allSince({ list, newestFirst }, since, total) {
  const texts = [];
  for (let page = 1; ; page += 1) {
    const found = await list(since, page);
    if (found.total !== undefined) assert.equal(found.total, total);
    if (found.pages !== undefined) assert.equal(found.pages, Math.ceil(total / PAGE));
    if (found.length === 0) return newestFirst ? texts.reverse() : texts;
    texts.push(...found);
  }
}

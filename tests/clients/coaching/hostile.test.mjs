// Payloads that are wrong in every way: each is answered with `error` and in the ack, the
// connection lives, and nothing reaches the others.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { assertInvalid, crowd, fence, group, history, inside } from "./stage.mjs";
import { rest } from "../kit/rest.mjs";

const NOT_IN = "You are not a participant in this chat";
const NO_CHAT = "Chat ID is required";
const NO_CONTENT = "Chat ID and content are required";
const NO_TYPING = "Chat ID and isTyping are required";

let server;
let ann;
let ben;
let eve;
let id;
let foreign;
before(async () => {
  server = await Polylogue.mounting(["coaching"]);
  [ann, ben, eve] = await crowd(server, "Ann", "Ben", "Eve");
  ({ id } = await group(server, ann, ben));
  ({ id: foreign } = await group(server, eve, ben));
});
after(() => server?.remove());

/** A value nested that deep. */
const nested = (depth) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);

const noIds = [null, true, "", "abc", -1, 1.5, "1e0", 2 ** 53, "9".repeat(400), [], [1], {}];

async function refuses(client, cases) {
  for (const [event, args, message] of cases) {
    const shown = JSON.stringify(args).slice(0, 100);
    assert.deepEqual(await client.ask(event, ...args), { success: false, message }, shown);
    assert.deepEqual(client.take(), [["error", { message }]], shown);
  }
}

describe("wrong payloads", () => {
  let a;
  let b;
  before(async () => {
    [a, b] = await inside(server, id, [ann, ben]);
  });
  after(() => [a, b].forEach((client) => client?.leave()));

  test("chats that are none", async () => {
    for (const event of ["join-chat", "leave-chat"]) {
      await refuses(a, [[event, [], NO_CHAT]]);
      await refuses(a, noIds.map((wrong) => [event, [wrong], NO_CHAT]));
      await refuses(a, noIds.map((wrong) => [event, [{ chatId: wrong }], NO_CHAT]));
      await refuses(a, [[event, [nested(1_000)], NO_CHAT]]);
    }
  });

  test("chats that are not one's own, or nobody's", async () => {
    for (const chatId of [foreign, 4_711, 0, 2 ** 53 - 1]) {
      await refuses(a, [
        ["join-chat", [chatId], NOT_IN],
        ["leave-chat", [chatId], chatId === foreign ? "You have not joined this chat" : NOT_IN],
        ["send-message", [{ chatId, content: "x" }], NOT_IN],
        ["typing", [{ chatId, isTyping: true }], NOT_IN],
      ]);
    }
  });

  test("messages that are none", async () => {
    const message = (more) => [{ chatId: id, content: "x", ...more }];
    const contents = [undefined, null, "", " \n", 7, true, [], ["x"], {}, nested(1_000)];
    await refuses(a, [
      ["send-message", [], NO_CONTENT],
      ...[null, 7, "x", true, [], [id, "x"], {}].map((it) => ["send-message", [it], NO_CONTENT]),
      ...noIds.map((chatId) => ["send-message", message({ chatId }), NO_CONTENT]),
      ...contents.map((content) => ["send-message", message({ content }), NO_CONTENT]),
      [
        "send-message",
        message({ content: "x".repeat(65_537) }),
        "Content must not be longer than 65536 bytes",
      ],
    ]);
    for (const client_id of ["", {}, [], "x".repeat(256)]) {
      const { success } = await a.ask("send-message", ...message({ client_id }));
      assert.equal(success, false);
    }
    a.take();
  });

  test("typing that is none", async () => {
    const values = [undefined, null, 0, 1, "true", [], {}];
    await refuses(a, [
      ["typing", [], NO_TYPING],
      ...[null, 7, "x", [], [id, true]].map((it) => ["typing", [it], NO_TYPING]),
      ...noIds.map((chatId) => ["typing", [{ chatId, isTyping: true }], NO_TYPING]),
      ...values.map((isTyping) => ["typing", [{ chatId: id, isTyping }], NO_TYPING]),
    ]);
  });

  test("binary where text is meant", async () => {
    const content = Buffer.from("x");
    await refuses(a, [
      ["send-message", [{ chatId: id, content }], NO_CONTENT],
      ["join-chat", [content], NO_CHAT],
    ]);
  });

  test("literals that no client library writes", async () => {
    const lines = [
      '42["send-message",{"chatId":1e400,"content":"x"}]',
      '42["send-message",{"chatId":1,"content":1e400}]',
      `42["join-chat",1e400]`,
      `42["join-chat",${"[".repeat(10_000)}${"]".repeat(10_000)}]`,
      '42["join-chat",{"\\ud800":1}]',
    ];
    const { engine } = a.socket.io;
    for (const line of lines) {
      engine.write(line.slice(1), {});
    }
    await a.until(() => a.heard("error").length === lines.length, "an error for each");
    a.take();
  });

  test("after all that: a cut emoji arrives as it was sent, and nothing else came", async () => {
    const content = "cut \ud83d here";
    const { data } = await a.ask("send-message", { chatId: id, content });
    assert.equal(data.content, content);
    const [, heard] = await fence(server, ann, id, [a, b]);
    assert.deepEqual(heard, [["new-message", data]]);
    const kept = await history(server, ben, id);
    assert.deepEqual(kept[1], data);
    assert.ok(a.socket.connected);
  });

  test("bodies that no client library writes", async () => {
    const path = `/api/chats/${id}/messages`;
    const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
    for (const text of ['{"content":1e400}', `{"content":${deep}}`, `{"content":"x`]) {
      const answer = await rest(server, "POST", path, { token: ann.token, text });
      assertInvalid(answer, text.endsWith("}") ? "content" : "body");
    }
    for (const text of ['{"participant_ids":[1e400]}', `{"participant_ids":${deep}}`]) {
      const answer = await rest(server, "POST", "/api/chats", { token: ann.token, text });
      assertInvalid(answer, "participant_ids");
    }
  });
});

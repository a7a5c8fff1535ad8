// A seat that was refused is no seat: however often somebody asks for what is not theirs, the
// bound on the rooms that one socket may be in is still all theirs.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as coaching from "../coaching/stage.mjs";
import { Polylogue } from "../kit/polylogue.mjs";

/** Rooms that one socket may be in, the user's own among them. */
const SEATS_MAX = 1_000;
const AT_ONCE = 50;

test("a thousand refused joins leave every seat free; a thousand good ones do not", async () => {
  const at = await Polylogue.mounting(["coaching"]);
  try {
    const [ann, ben, eve] = await coaching.crowd(at, "Ann", "Ben", "Eve");
    const chats = [];
    while (chats.length < SEATS_MAX + 1) {
      const some = Array.from({ length: AT_ONCE }, () => coaching.group(at, ann, ben));
      chats.push(...(await Promise.all(some)).map(({ id }) => id));
    }
    const own = await coaching.group(at, eve, ben);
    const client = await coaching.connect(at, eve);
    for (const chatId of chats) {
      const { message } = await client.ask("join-chat", chatId);
      assert.equal(message, "You are not a participant in this chat", `chat ${chatId}`);
    }
    assert.deepEqual(await client.ask("join-chat", own.id), { success: true, chatId: own.id });
    const member = await coaching.connect(at, ben);
    const acks = await Promise.all(chats.map((chatId) => member.ask("join-chat", chatId)));
    const refused = acks.filter(({ success }) => !success);
    assert.equal(refused.length, chats.length - (SEATS_MAX - 1));
    assert.equal(refused[0].message, "You have joined too many chats");
    await member.ask("leave-chat", chats[0]);
    const last = chats.at(-1);
    assert.deepEqual(await member.ask("join-chat", last), { success: true, chatId: last });
    [client, member].forEach((one) => one.leave());
  } finally {
    await at.remove();
  }
});

// A seat that was taken away. Whoever could not hear of that has no session to come back to, since
// not all of its rooms would come back with it; whoever has heard of it comes back to the others.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as coaching from "../coaching/stage.mjs";
import { Line, comeBack, lose } from "../kit/line.mjs";
import * as lounge from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET } from "../kit/tokens.mjs";
import { inside, left, newRoom } from "./stage.mjs";

let server, line;
before(async () => {
  server = await Polylogue.mounting([], "--jwt-secret", SECRET, "--durability", "normal");
  line = await Line.to(server);
});
after(() => (line?.close(), server?.remove()));

/** The line goes dead, and neither end is told; its client connects anew once `meanwhile` is over. */
async function behindADeadLine(client, meanwhile) {
  line.freeze();
  await meanwhile();
  client.socket.io.engine.close();
  return comeBack(client);
}

test("another tab has left for all of them: a new session", async () => {
  const room = newRoom();
  const away = await inside(server, 1, line, room, {});
  const [tab, other] = [await inside(server, 1, server, room, {}), await inside(server, 2, server, room, {})];
  const recovered = await behindADeadLine(away, async () => {
    await tab.ask("leave_room", room);
    await other.strike(...left(1));
  });
  assert.equal(recovered, false);
  const { error } = await away.ask("send_message", { room, content: "hello?" });
  assert.match(error, /You are not in room/);
  for (const client of [away, tab, other]) client.leave();
});

test("another tab has the user's one seat: a new session, and the other keeps it", async () => {
  const away = await lounge.seat(line, 41, "81");
  let tab;
  const recovered = await behindADeadLine(away, async () => (tab = await lounge.seat(server, 41, "81")));
  assert.equal(recovered, false);
  const { error } = await away.ask("chatMessage", JSON.stringify({ type: "text", text: "hello?" }));
  assert.equal(error?.type, "E17");
  await lounge.fence(tab, tab);
  for (const client of [away, tab]) client.leave();
});

/** Two people in two groups, of which the second one takes the second person out. */
async function groups() {
  const [ann, ben] = await coaching.crowd(server, "Ann", "Ben");
  const kept = await coaching.group(server, ann, ben);
  const lost = await coaching.group(server, ann, ben);
  const away = await coaching.connect(line, ben);
  for (const { id: chatId } of [kept, lost]) {
    assert.deepEqual(await away.ask("join-chat", chatId), { success: true, chatId });
  }
  const path = `/api/chats/${lost.id}/participants`;
  const remove = () => coaching.data(server, ann, "DELETE", `${path}/${ben.id}`);
  const add = () => coaching.data(server, ann, "POST", path, { user_id: ben.id }, 201);
  return { ann, ben, kept, lost, away, remove, add };
}

test("taken out of a group, unheard: a new session, although there is a right to the group again", async () => {
  const { away, remove, add } = await groups();
  const recovered = await behindADeadLine(away, async () => {
    await remove();
    await add();
  });
  assert.equal(recovered, false);
  away.leave();
});

test("taken out of a group, and heard of it: the session, and the seat in the other group", async () => {
  const { ann, kept, lost, away, remove, add } = await groups();
  await remove();
  const isRemoved = () =>
    coaching.notifications(away.peek()).some(([type, { chatId }]) => type === "participant-removed" && chatId === lost.id);
  await away.until(isRemoved, "the notice of being taken out");
  await coaching.fence(server, ann, kept.id, [away]);
  await lose(server, away);
  assert.equal(await comeBack(away), true);
  away.take();
  await coaching.fence(server, ann, kept.id, [away]);
  // It comes back to what it had, once more, after it has taken the seat again.
  await add();
  assert.deepEqual(await away.ask("join-chat", lost.id), { success: true, chatId: lost.id });
  await coaching.fence(server, ann, lost.id, [away]);
  await lose(server, away);
  assert.equal(await comeBack(away), true);
  await coaching.fence(server, ann, lost.id, [away]);
  away.leave();
});

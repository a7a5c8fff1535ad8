// One seat for one user in one room, when it is wanted from two sides at once; and a crowd that
// comes at once, of whom everybody hears in the end who they are.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TRUSTING, seat, visit } from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";

const CROWD = 200;

let server;
before(async () => {
  server = await Polylogue.mounting(["lounge"], ...TRUSTING);
});
after(() => server?.remove());

test("two tabs that want each other's seat are both refused, and both stay", async () => {
  const [one, two] = [await seat(server, 1, "1"), await seat(server, 1, "2")];
  for (let round = 0; round < 5; round += 1) {
    const acks = [one.ask("joinRoom", { room: "2" }), two.ask("joinRoom", { room: "1" })];
    for (const { error } of await Promise.all(acks)) assert.equal(error?.type, "E15");
  }
  assert.ok(one.socket.connected && two.socket.connected);
  const said = await one.ask("chatMessage", { type: "text", text: "still in room 1" });
  assert.equal(typeof said.id, "number");
  [one, two].forEach((client) => client.leave());
});

test("a crowd that joins at once: everybody hears who is there in the end", async () => {
  const ids = Array.from({ length: CROWD }, (_, at) => at + 1);
  const crowd = await Promise.all(ids.map((id) => visit(server, id)));
  await Promise.all(crowd.map((client) => client.ask("joinRoom", { room: "7" })));
  const isFull = ({ users }) => users.length === CROWD;
  for (const client of crowd) {
    await client.until(() => client.heard("roomUsers").some(isFull), "the whole crowd");
    const joined = client.heard("message").filter(({ text }) => / joined$/.test(text));
    assert.ok(client.heard("roomUsers").length <= joined.length, "no list without a change");
  }
  crowd.forEach((client) => client.leave());
});

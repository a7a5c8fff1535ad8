// A store that fails: who is new reads E03, who speaks reads E10, nothing is shown that is
// not kept, and all goes on once the store is back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../kit/client.mjs";
import { withoutTables } from "../kit/disk.mjs";
import { TRUSTING, alerted, fence, heard, lounger, seat, settleIn, visit } from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";

const E03 = { message: "E03", data: { content: "wrong (login again)" } };

test("the store fails: E03 at the door, E10 inside, and it goes on when the store is back", async () => {
  const server = await Polylogue.mounting(["lounge"], ...TRUSTING);
  try {
    const [ann, ben] = [await seat(server, 1), await seat(server, 2)];
    await fence(ann, ann, ben);
    const message = JSON.stringify({ type: "text", text: "lost" });
    await withoutTables(server, ["message", "account"], async () => {
      const [ack, refused, room] = await Promise.all([
        ann.ask("chatMessage", message),
        Client.refused(server, { auth: { token: lounger(77), nickname: "new" } }),
        rest(server, "POST", "/api/rooms", { token: lounger(1), json: { room: 7 } }),
      ]);
      assert.equal(ack.error.type, "E10");
      await alerted(ann, "E10");
      assert.deepEqual(refused, E03);
      assert.deepEqual([room.status, room.body.type], [503, "E10"]);
    });
    assert.equal(typeof (await ann.ask("chatMessage", message)).id, "number");
    await ben.until(() => ben.heard("message").length > 0, "what is kept");
    assert.deepEqual(heard(ben).map(([, { text }]) => text), ["lost"]);
    const late = await visit(server, 77);
    await settleIn(late, "1");
    [ann, ben, late].forEach((client) => client.leave());
  } finally {
    await server.remove();
  }
});

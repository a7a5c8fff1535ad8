// `--conversations-auth token`: nobody is anybody without a token of that user, over sockets and
// REST; what was said under claimed numbers stays apart.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET, epoch, sign, tokenOf } from "../kit/tokens.mjs";
import { within } from "../kit/until.mjs";
import { as, ask, conversation, history, joined, message, user } from "./stage.mjs";

const VERIFYING = ["--conversations-auth", "token", "--jwt-secret", SECRET];

let server;
before(async () => {
  server = await Polylogue.mounting(["conversations"], ...VERIFYING);
});
after(() => server?.remove());

const by = (id) => ({ token: tokenOf(id) });

for (const [name, transports] of Object.entries(TRANSPORTS)) {
  describe(`by ${name}`, { concurrency: true }, () => {
    test("a user's own token lets in, as auth or header", async () => {
      const { id } = await conversation(server, 1, 2, by(1));
      const ann = await joined(server, 1, id, { ...by(1), transports });
      const headers = { authorization: `Bearer ${tokenOf(2)}` };
      const ben = await joined(server, 2, id, { headers, transports });
      const { data } = await ann.ask("send-message", message(1, id, "proven"));
      await ben.hears("receive-message", data);
      const forged = await ben.ask("send-message", message(1, id, "forged"));
      assert.equal(forged.success, false);
      [ann, ben].forEach((client) => client.leave());
    });

    const refused = {
      "no token": {},
      "another user's token": by(2),
      "a bad token": { token: "abc" },
      "an expired token": { token: sign({ id: 1, exp: epoch(-30) }) },
      "a foreign token": { token: sign({ id: 1, exp: epoch(60) }, { secret: "another secret" }) },
    };
    for (const [what, options] of Object.entries(refused)) {
      test(`${what} is refused`, async () => {
        const words = await Client.refusal(server, as(1, { ...options, transports }));
        assert.equal(words, "Unauthorized");
      });
    }
    test("userId is still required", async () => {
      const options = { namespace: "/chat", ...by(1), transports };
      assert.equal(await Client.refusal(server, options), "userId is required");
    });
  });
}

test("an expired token's session ends", async () => {
  const token = sign({ id: 9, exp: epoch(2) });
  const client = await user(server, 9, { token });
  const gone = new Promise((resolve) => client.socket.on("disconnect", resolve));
  await within(gone, "the end of the session");
  assert.deepEqual(client.heard("error"), [{ message: "Unauthorized" }]);
});

test("REST: 401 without a token, 403 for whoever has no right", async () => {
  const { id } = await conversation(server, 21, 22, by(21));
  const json = message(21, id, "secret");
  const { body } = await ask(server, "POST", "/messages", { json, ...by(21) });
  const routes = [
    ["POST", "/conversations", { sender_id: 21, receiver_id: 24 }],
    ["GET", `/conversations/${id}`],
    ["GET", `/conversations/${id}/messages`],
    ["GET", "/conversations/between/21/22"],
    ["GET", "/users/21/conversations"],
    ["POST", "/messages", message(21, id, "forged")],
    ["POST", "/messages", message(23, id, "intruding")],
    ["GET", `/messages/${body.data.id}`],
    ["PUT", `/messages/${body.data.id}`, { content: "changed" }],
    ["DELETE", `/messages/${body.data.id}`],
    ["DELETE", `/conversations/${id}`],
  ];
  for (const [method, path, json] of routes) {
    for (const token of [undefined, "abc"]) {
      const { status } = await ask(server, method, path, { json, token });
      assert.equal(status, 401, `${method} ${path}`);
    }
    const { status } = await ask(server, method, path, { json, ...by(23) });
    assert.equal(status, 403, `${method} ${path}`);
  }
  // The other member reads, but neither changes nor deletes what is not theirs.
  for (const [method, json] of [["PUT", { content: "changed" }], ["DELETE"]]) {
    const { status } = await ask(server, method, `/messages/${body.data.id}`, { json, ...by(22) });
    assert.equal(status, 403, method);
  }
  assert.deepEqual(await history(server, id, by(22)), [body.data]);
});

test("claimed and proven users keep their conversations apart", async () => {
  const own = await Polylogue.mounting(["conversations"], "--jwt-secret", SECRET);
  try {
    const { id } = await conversation(own, 1, 2);
    await ask(own, "POST", "/messages", { json: message(1, id, "claimed") });
    await own.stop();
    own.flags = VERIFYING;
    await own.again();
    const listed = await ask(own, "GET", "/users/1/conversations", by(1));
    assert.deepEqual(listed.body.data, []);
    const proven = await conversation(own, 1, 2, by(1));
    assert.deepEqual(await history(own, proven.id, by(1)), []);
  } finally {
    await own.remove();
  }
});

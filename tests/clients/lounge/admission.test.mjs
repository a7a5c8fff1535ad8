// Who is let in: the token first, then the nickname, with the codes and words of the document; what
// other dialects beside it change; and the document's test environment.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, TRANSPORTS } from "../kit/client.mjs";
import { TRUSTING, alert, fence, heard, lounger, notice, settleIn } from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { epoch, sign } from "../kit/tokens.mjs";
import { within } from "../kit/until.mjs";

const EXPIRED_S = 30;
const good = lounger(1);
const expired = sign({ id: 1, exp: epoch(-EXPIRED_S) });
const nickname = "neo";

const E01 = { message: "E01", data: { content: "refresh required" } };
const E02 = { message: "E02", data: { content: "login required" } };
const E04 = { message: "E04", data: { content: "nickname required" } };

const refused = {
  "an expired token": [{ auth: { token: expired, nickname } }, E01],
  "an expired token, and no nickname": [{ auth: { token: expired } }, E01],
  "an expired token in a header": [{ auth: { nickname }, headers: { token: expired } }, E01],
  "no auth at all": [{}, E02],
  "no token": [{ auth: { nickname } }, E02],
  "a token that is null": [{ auth: { token: null, nickname } }, E02],
  "an empty token": [{ auth: { token: "", nickname } }, E02],
  "a token that is none": [{ auth: { token: "abc", nickname } }, E02],
  "a token that is an object": [{ auth: { token: {}, nickname } }, E02],
  "a token of another secret": [
    { auth: { token: sign({ id: 1 }, { secret: "another secret" }), nickname } }, E02,
  ],
  "a token without a signature": [
    { auth: { token: sign({ id: 1 }, { alg: "none" }), nickname } }, E02,
  ],
  "a bad token, and no nickname": [{ auth: { token: "abc" } }, E02],
  "no nickname": [{ auth: { token: good } }, E04],
  "an empty nickname": [{ auth: { token: good, nickname: "" } }, E04],
  "a blank nickname": [{ auth: { token: good, nickname: "  " } }, E04],
  "a nickname that is null": [{ auth: { token: good, nickname: null } }, E04],
  "a nickname that is a number": [{ auth: { token: good, nickname: 7 } }, E04],
  "a nickname that is far too long": [{ auth: { token: good, nickname: "x".repeat(257) } }, E04],
  "a token in a header, and no nickname": [{ headers: { token: good } }, E04],
};

const admitted = {
  "auth.token": { auth: { token: good, nickname } },
  "an HTTP header token": { auth: { nickname }, headers: { token: good } },
  "Authorization: Bearer": { auth: { nickname }, headers: { authorization: `Bearer ${good}` } },
};

/** What a client in room 1 hears of itself. */
async function seen(client) {
  await settleIn(client, "1");
  const [{ users }] = client.heard("roomUsers");
  client.take();
  return users;
}

describe("a lounge alone", () => {
  let server;
  before(async () => {
    server = await Polylogue.mounting(["lounge"], ...TRUSTING);
  });
  after(() => server?.remove());

  for (const [transport, transports] of Object.entries(TRANSPORTS)) {
    for (const [name, [options, words]] of Object.entries(refused)) {
      test(`${name}: ${words.message}, by ${transport}`, async () => {
        assert.deepEqual(await Client.refused(server, { ...options, transports }), words);
      });
    }
    for (const [name, options] of Object.entries(admitted)) {
      test(`${name} and a nickname let in, by ${transport}`, async () => {
        const client = await Client.connect(server, { ...options, transports });
        assert.deepEqual(await seen(client), [{ id: 1, nickname: "neo" }]);
        client.say("leaveRoom");
        client.leave();
      });
    }
  }

  test("a token given as the nickname is not shown to anybody", async () => {
    const token = sign({ id: 5, name: "user_5", exp: epoch(3_600) });
    const client = await Client.connect(server, { auth: { token, nickname: token } });
    assert.deepEqual(await seen(client), [{ id: 5, nickname: "user_5" }]);
    client.leave();
  });

  test("a subject that is no number shows a small integer", async () => {
    const token = sign({ sub: "auth0|abc", exp: epoch(3_600) });
    const client = await Client.connect(server, { auth: { token, nickname } });
    const [{ id }] = await seen(client);
    assert.ok(Number.isSafeInteger(id) && id > 0);
    client.leave();
  });

  test("an expired token's session ends with an alert", async () => {
    const short = sign({ id: 6, exp: epoch(2) });
    const client = await Client.connect(server, { auth: { token: short, nickname } });
    const gone = new Promise((resolve) => client.socket.on("disconnect", resolve));
    assert.equal(await within(gone, "the end of the session"), "io server disconnect");
    assert.deepEqual(heard(client), [alert("E01")]);
  });
});

describe("a lounge beside all dialects", () => {
  let server;
  before(async () => {
    server = await Polylogue.mounting([], ...TRUSTING);
  });
  after(() => server?.remove());

  for (const [name, [options, words]] of Object.entries(refused)) {
    const { auth, headers } = options;
    const token = auth?.token ?? headers?.token;
    if (auth === undefined || !("nickname" in auth) || token === undefined) continue;
    if (token === null) continue;
    test(`${name}: ${words.message}`, async () => {
      assert.deepEqual(await Client.refused(server, options), words);
    });
  }

  test("a bad token without the key nickname: not in this dialect's words", async () => {
    const { message } = await Client.refused(server, { auth: { token: "abc" } });
    assert.ok(!/^E0/.test(message), message);
  });

  test("a good token without the key nickname: let in by others, not here", async () => {
    const client = await Client.connect(server, { auth: { token: good } });
    const { error } = await client.ask("joinRoom", { room: "1" });
    assert.equal(error.type, "E02");
    await client.until(() => client.heard("alert").length > 0, "the alert");
    client.leave();
  });
});

describe("the document's test environment", () => {
  let server;
  before(async () => {
    server = await Polylogue.mounting(["lounge"], ...TRUSTING, "--lounge-anonymous");
  });
  after(() => server?.remove());
  const shown = { id: 1000, nickname: "ANONYMOUS" };

  for (const [name, [options]] of Object.entries(refused)) {
    test(`${name}: ANONYMOUS`, async () => {
      const client = await Client.connect(server, options);
      assert.deepEqual(await seen(client), [shown]);
      await client.ask("leaveRoom");
      client.leave();
    });
  }

  test("a good token and a nickname are believed as ever", async () => {
    const client = await Client.connect(server, admitted["auth.token"]);
    assert.deepEqual(await seen(client), [{ id: 1, nickname: "neo" }]);
    client.leave();
  });

  test("the anonymous share a room, each of them told of", async () => {
    const [one, other] = [await Client.connect(server, {}), await Client.connect(server, {})];
    await settleIn(one, "7");
    assert.deepEqual(heard(one)[0], ["history", []]);
    await settleIn(other, "7");
    const both = ["roomUsers", { room: "7", users: [shown, shown] }];
    const [ofOne, ofOther] = await fence(one, one, other);
    assert.deepEqual(ofOne, [both, notice("user 1000 joined")]);
    assert.deepEqual(ofOther, [
      ["history", []], notice("welcome to chat"), both, notice("user 1000 joined"),
    ]);
    other.leave();
    await one.until(() => one.heard("roomUsers").length > 0, "the other to leave");
    const [rest] = await fence(one, one);
    const alone = ["roomUsers", { room: "7", users: [shown] }];
    assert.deepEqual(rest, [notice("user 1000 left the chat"), alone]);
    const told = JSON.parse(await one.ask("history"));
    assert.deepEqual([...new Set(told.map(({ id, nickname }) => `${id} ${nickname}`))], [
      "1000 ANONYMOUS",
    ]);
    one.leave();
  });
});

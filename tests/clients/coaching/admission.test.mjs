// Who is let in, in the document's words: absent, broken, forged and expired tokens, and tokens of
// nobody; alone, and beside another dialect.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET, epoch, sign } from "../kit/tokens.mjs";
import { rest } from "../kit/rest.mjs";
import { within } from "../kit/until.mjs";
import { as, assertFailure, person } from "./stage.mjs";

const HOUR_S = 3_600;
const NO_TOKEN = "Authentication error: Token not provided";
const WRONG_TOKEN = "Authentication error: Invalid token";
const NO_BEARER = "Access denied. No token provided.";
const NO_USER = "Authentication error: User not found";

let server;
let ann;
before(async () => {
  server = await Polylogue.mounting(["coaching"], "--jwt-secret", SECRET);
  ann = await person(server, "Ann");
});
after(() => server?.remove());

const claims = (more) => ({ id: 1, iat: epoch(), exp: epoch(HOUR_S), ...more });
const expired = sign(claims({ exp: epoch(-30) }));

const refused = {
  "no token": [{}, NO_TOKEN],
  "a null": [{ auth: { token: null } }, NO_TOKEN],
  "an empty token": [{ auth: { token: "" } }, NO_TOKEN],
  "a token that is none": [{ auth: { token: "abc" } }, WRONG_TOKEN],
  "a token that is a number": [{ auth: { token: 7 } }, WRONG_TOKEN],
  "a token that is an object": [{ auth: { token: { a: [] } } }, WRONG_TOKEN],
  "an expired token": [{ auth: { token: expired } }, WRONG_TOKEN],
  "another secret's": [{ auth: { token: sign(claims(), { secret: "another one" }) } }, WRONG_TOKEN],
  "no signature": [{ auth: { token: sign(claims(), { alg: "none" }) } }, WRONG_TOKEN],
  "a bad token in a header": [{ headers: { token: "abc" } }, WRONG_TOKEN],
  "nobody's token": [{ auth: { token: sign(claims({ id: 4_711 })) } }, NO_USER],
  "a subject's that is no number": [{ auth: { token: sign(claims({ id: "zoe" })) } }, NO_USER],
};

for (const [transport, transports] of Object.entries(TRANSPORTS)) {
  describe(`by ${transport}`, { concurrency: true }, () => {
    for (const [name, [options, message]] of Object.entries(refused)) {
      test(`${name}: ${message}`, async () => {
        const error = await Client.refusal(server, { ...options, transports });
        assert.equal(error, message);
      });
    }

    test("the token of a login lets in, wherever it stands", async () => {
      for (const options of [
        { auth: { token: ann.token } },
        { headers: { token: ann.token } },
        { headers: { authorization: `Bearer ${ann.token}` } },
      ]) {
        const client = await Client.connect(server, { ...options, transports });
        assert.deepEqual(client.take(), []);
        client.leave();
      }
    });
  });
}

test("an expired token's session ends, with a word", async () => {
  const short = sign(claims({ id: ann.id, exp: epoch(2) }));
  const client = await Client.connect(server, { token: short });
  await within(new Promise((gone) => client.socket.on("disconnect", gone)), "the end");
  assert.deepEqual(client.take(), [["error", { message: WRONG_TOKEN }]]);
});

test("REST: no token, a bad one, nobody's", async () => {
  for (const [method, path] of [
    ["GET", "/api/chats"],
    ["POST", "/api/chats"],
    ["GET", "/api/chats/1"],
    ["GET", "/api/chats/1/messages"],
    ["POST", "/api/chats/1/messages"],
    ["POST", "/api/chats/1/participants"],
    ["DELETE", "/api/chats/1/participants/1"],
    ["POST", "/api/chats/1/leave"],
  ]) {
    assertFailure(await rest(server, method, path), 401, NO_BEARER);
    const basic = { headers: { authorization: "Basic dXNlcjpw" } };
    assertFailure(await rest(server, method, path, basic), 401, NO_BEARER);
    for (const token of ["abc", expired, sign(claims({ id: 4_711 }))]) {
      assertFailure(await rest(server, method, path, { token }), 401, "Invalid token.");
    }
  }
});

describe("beside rooms", () => {
  let both;
  before(async () => {
    both = await Polylogue.mounting(["rooms", "coaching"], "--jwt-secret", SECRET);
  });
  after(() => both?.remove());

  test("a bad token is refused in the words of coaching", async () => {
    assert.equal(await Client.refusal(both, { token: "abc" }), WRONG_TOKEN);
    assert.equal(await Client.refusal(both, { token: "" }), NO_TOKEN);
    assert.equal(await Client.refusal(both, { token: 7 }), WRONG_TOKEN);
  });

  test("a token at first sight makes its account, and one socket speaks both", async () => {
    const client = await Client.join(both, { token: sign(claims({ id: 9, name: "zoe" })) });
    assert.deepEqual(client.take(), [["connected", { message: "Welcome zoe to the server" }]]);
    client.say("join_room", "r");
    await client.hears("system_message", { message: "You joined the room", sender: "System" });
    const { success } = await client.ask("join-chat", 1);
    assert.equal(success, false);
    const token = sign(claims({ id: 9, name: "zoe" }));
    assert.equal((await as(both, { token }, "GET", "/api/chats")).status, 200);
    client.leave();
  });
});

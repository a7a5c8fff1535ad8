// Who is let in: tokens by `auth`, by header, by Bearer; absent, broken, forged and expired ones.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, TRANSPORTS } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { page, rest } from "../kit/rest.mjs";
import { SECRET, epoch, sign, tokenOf } from "../kit/tokens.mjs";
import { within } from "../kit/until.mjs";

const HOUR_S = 3_600;
/** Far enough past the tolerance of clocks that is allowed, 5 s. */
const EXPIRED_S = 30;

let server;
before(async () => {
  server = await Polylogue.start("--jwt-secret", SECRET);
});
after(() => server?.remove());

const claims = { id: 1, name: "user_1", iat: epoch(), exp: epoch(HOUR_S) };
const good = sign(claims);

const admitted = {
  "auth.token": { auth: { token: good } },
  "an HTTP header token": { headers: { token: good } },
  "Authorization: Bearer": { headers: { authorization: `Bearer ${good}` } },
};

const refused = {
  "no token": {},
  "an empty token": { auth: { token: "" } },
  "a token that is none": { auth: { token: "abc" } },
  "a token that is a number": { auth: { token: 7 } },
  "a bad token in a header": { headers: { token: "abc" } },
  "a bad Bearer token": { headers: { authorization: "Bearer abc" } },
  "Basic credentials": { headers: { authorization: "Basic dXNlcjpw" } },
  "an expired token": { auth: { token: sign({ ...claims, exp: epoch(-EXPIRED_S) }) } },
  "an expired token in a header": {
    headers: { token: sign({ ...claims, exp: epoch(-EXPIRED_S) }) },
  },
  "a token of another secret": { auth: { token: sign(claims, { secret: "another secret" }) } },
  "a token without a signature": { auth: { token: sign(claims, { alg: "none" }) } },
  "a token that says RS256": { auth: { token: sign(claims, { alg: "RS256" }) } },
  "a token with a cut signature": { auth: { token: good.slice(0, -4) } },
  "a token with other claims": { auth: { token: forged() } },
  "a token without a user": { auth: { token: sign({ name: "x", exp: epoch(HOUR_S) }) } },
};

const named = {
  "the claim name": [{ id: 1, name: "ann" }, "ann"],
  "the claim username": [{ id: 1, username: "bob" }, "bob"],
  "no name at all": [{ id: 7 }, "user_7"],
  "a numeric sub": [{ sub: 8 }, "user_8"],
  "a number in a string for sub": [{ sub: "9" }, "user_9"],
};

for (const [transport, transports] of Object.entries(TRANSPORTS)) {
  describe(`by ${transport}`, { concurrency: true }, () => {
    for (const [name, options] of Object.entries(admitted)) {
      test(`${name} lets in`, async () => {
        const client = await Client.join(server, { ...options, transports });
        assert.deepEqual(client.take(), [
          ["connected", { message: "Welcome user_1 to the server" }],
        ]);
        client.leave();
      });
    }
    for (const [name, options] of Object.entries(refused)) {
      test(`${name} is refused`, async () => {
        assert.equal(await Client.refusal(server, { ...options, transports }), "Unauthorized");
      });
    }
  });
}

describe("a user's name and life", { concurrency: true }, () => {
  for (const [name, [who, welcome]] of Object.entries(named)) {
    test(`the name from ${name}`, async () => {
      const token = sign({ exp: epoch(HOUR_S), ...who });
      const client = await Client.join(server, { token });
      const message = `Welcome ${welcome} to the server`;
      assert.deepEqual(client.take(), [["connected", { message }]]);
      client.leave();
    });
  }

  test("an expired token's session ends", async () => {
    const short = sign({ ...claims, exp: epoch(2) });
    const client = await Client.join(server, { token: short });
    const gone = new Promise((resolve) => client.socket.on("disconnect", resolve));
    await within(gone, "the end of the session");
    assert.equal(
      await Client.refusal(server, { token: sign({ ...claims, exp: epoch(-6) }) }),
      "Unauthorized",
    );
  });
});

describe("REST's doors", { concurrency: true }, () => {
  const shut = { ...refused };
  for (const name of [
    "an HTTP header token",
    "a bad token in a header",
    "an expired token in a header",
  ]) {
    delete shut[name];
  }
  for (const [name, { auth, headers }] of Object.entries(shut)) {
    test(`${name} is 401`, async () => {
      const bearer = auth && { authorization: `Bearer ${auth.token}` };
      for (const method of ["GET", "POST", "DELETE"]) {
        const query = method === "GET" ? "?room_code=room_1" : "";
        const json =
          method === "GET" ? undefined : { room_code: "room_1", content: "x", message_id: 1 };
        const sent = { headers: headers ?? bearer ?? {}, json };
        const { status, body } = await rest(server, method, `/messages${query}`, sent);
        assert.equal(status, 401, method);
        assert.equal(body.statusCode, 401);
        assert.equal(typeof body.error, "string");
        assert.ok(body.message);
      }
    });
  }

  test("a good token opens", async () => {
    assert.deepEqual(await page(server, tokenOf(1), "room_1"), []);
  });
});

/** Good token, its claims exchanged for another user's. */
function forged() {
  const [head, , signature] = good.split(".");
  const [, other] = tokenOf(2).split(".");
  return [head, other, signature].join(".");
}

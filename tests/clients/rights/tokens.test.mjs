// Tokens, wrong in every known way, at every door: `auth.token`, the headers `token` and
// `Authorization`, REST; for each dialect that verifies, alone and together.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { SECRET, epoch } from "../kit/tokens.mjs";
import { within } from "../kit/until.mjs";
import { TEXTS, claiming, expired, good, wrong } from "./jwt.mjs";
import { sentence } from "./tell.mjs";

const COACHING = "Authentication error: Invalid token";
const AUTH = ["--conversations-auth", "token"];

/** Each dialect's door: `[options beside the token, words, words once expired]`, and a route. */
const DOORS = {
  rooms: {
    words: ["Unauthorized", "Unauthorized"],
    route: ["GET", "/messages?room_code=r"],
    refused: ["Unauthorized", "Unauthorized"],
  },
  coaching: {
    words: [COACHING, COACHING],
    route: ["GET", "/api/chats"],
    refused: ["Invalid token.", "Invalid token."],
  },
  lounge: {
    auth: { nickname: "neo" },
    words: ["E02", "E01"],
    route: ["POST", "/api/rooms", { room: "1" }],
    refused: ["E02", "E01"],
  },
  conversations: {
    options: { namespace: "/chat", query: { userId: 1 } },
    words: ["Unauthorized", "Unauthorized"],
    route: ["GET", "/api/chats/users/1/conversations"],
    refused: ["Unauthorized", "Unauthorized"],
  },
};
const MOUNTS = { "all dialects": [] };
for (const dialect of Object.keys(DOORS)) MOUNTS[`${dialect} alone`] = [dialect];

/** The places of a token in what a stock client sends. */
const places = (token, auth) => ({
  "auth.token": { auth: { ...auth, token } },
  "the header token": { auth, headers: { token } },
  "Authorization": { auth, headers: { authorization: `Bearer ${token}` } },
});

/** Somebody whose id is 1. */
async function firstAccount(server) {
  const json = { email: "one@example.com", password: "p@ssword", first_name: "O", last_name: "T" };
  const { status, body } = await rest(server, "POST", "/api/auth/register", { json });
  assert.deepEqual([status, body.data.user.id], [201, 1]);
}

for (const [name, dialects] of Object.entries(MOUNTS)) {
  describe(name, () => {
    let server;
    const doors = Object.entries(DOORS).filter(
      ([dialect]) => dialects.length === 0 || dialects.includes(dialect),
    );
    before(async () => {
      const flags = dialects[0] === "conversations" || dialects.length === 0 ? AUTH : [];
      server = await Polylogue.mounting(dialects, "--jwt-secret", SECRET, ...flags);
      if (dialects.length === 0 || dialects.includes("coaching")) await firstAccount(server);
    });
    after(() => server?.remove());

    /** The words at a shared door are those of `coaching`, unless a nickname asks for `lounge`. */
    const wordsAt = (dialect, is) =>
      dialects.length === 0 && dialect === "rooms" ? COACHING : DOORS[dialect].words[is];

    for (const [dialect, { auth = {}, options, route, refused }] of doors) {
      for (const [is, tokens] of [wrong(), expired()].entries()) {
        test(`${dialect} refuses ${is ? "expired" : "wrong"} tokens`, async () => {
          for (const [what, token] of Object.entries(tokens)) {
            for (const [place, knock] of Object.entries(places(token, auth))) {
              const told = Client.refusal(server, { ...options, ...knock });
              const words = await told.catch((error) => error.message);
              assert.equal(words, wordsAt(dialect, is), `${what} in ${place}`);
            }
            const [method, path, json] = route;
            const { status, body } = await rest(server, method, path, { token, json });
            assert.equal(status, 401, `${what}: ${JSON.stringify(body)}`);
            assert.equal(sentence(dialect, status, body), refused[is], what);
          }
        });
      }

      test(`${dialect} takes good ones`, async () => {
        for (const [what, [token]] of Object.entries(good())) {
          for (const knock of Object.values(places(token, auth))) {
            const client = await Client.connect(server, { ...options, ...knock });
            client.leave();
          }
          const [method, path, json] = route;
          const { status } = await rest(server, method, path, { token, json });
          assert.ok(status < 300, `${what}: ${status}`);
        }
      });
    }
  });
}

describe("rooms beside chatty", () => {
  let server;
  before(async () => {
    server = await Polylogue.mounting(["rooms", "chatty"], "--jwt-secret", SECRET);
  });
  after(() => server?.remove());

  test("a token that is no text is a bad one, whatever stands in the headers", async () => {
    const headers = { token: claiming() };
    for (const token of [7, true, {}, [claiming()], ""]) {
      for (const options of [{ auth: { token } }, { auth: { token }, headers }]) {
        assert.equal(await Client.refusal(server, options), "Unauthorized", JSON.stringify(token));
      }
    }
    // Null is none: a guest, or whoever the header names.
    const guest = await Client.connect(server, { auth: { token: null } });
    assert.deepEqual(await guest.ask("join_room"), { error: "Unauthorized" });
    const named = await Client.join(server, { auth: { token: null }, headers });
    [guest, named].forEach((client) => client.leave());
  });

  test("what is not known of a token is ignored, and id names the account", async () => {
    for (const [what, [token, name]] of Object.entries(good())) {
      const client = await Client.join(server, { token });
      const [{ message }] = client.heard("connected");
      assert.equal(message, `Welcome ${name} to the server`, what);
      client.leave();
    }
  });

  test("subjects that are texts are each somebody of their own", async () => {
    const authors = [1, ...TEXTS].map((id) => claiming({ id, name: undefined }));
    const ids = [];
    for (const token of authors) {
      const json = { room_code: "texts", content: "mine" };
      const { status, body } = await rest(server, "POST", "/messages", { token, json });
      assert.equal(status, 201, JSON.stringify(body));
      ids.push(body.id);
    }
    for (const [author, token] of authors.entries()) {
      for (const [at, message_id] of ids.entries()) {
        if (at === author) continue;
        const answer = await rest(server, "DELETE", "/messages", { token, json: { message_id } });
        assert.equal(answer.status, 403, `${author} deletes what ${at} said`);
      }
    }
  });
});

test("a token that ends while connected ends the session, in every dialect's words", async () => {
  const server = await Polylogue.mounting([], "--jwt-secret", SECRET, ...AUTH);
  try {
    await firstAccount(server);
    const token = claiming({ exp: epoch(2) });
    const client = await Client.connect(server, { auth: { token, nickname: "neo" } });
    const talker = await Client.connect(server, { ...DOORS.conversations.options, token });
    const ended = (one) => new Promise((resolve) => one.socket.on("disconnect", resolve));
    const reasons = await within(Promise.all([client, talker].map(ended)), "both ends");
    assert.deepEqual(reasons, ["io server disconnect", "io server disconnect"]);
    const told = client.take().filter(([event]) => event !== "connected");
    assert.deepEqual(told, [
      ["system_message", { message: "Unauthorized", sender: "System" }],
      ["error", { message: COACHING }],
      ["alert", { type: "E01", text: "refresh required" }],
    ]);
    assert.deepEqual(talker.heard("error"), [{ message: "Unauthorized" }]);
  } finally {
    await server.remove();
  }
});

// `--cors-origins`: a list covers long-polling, REST, preflights and, since browsers do not guard
// them, WebSockets, upgraded ones as well.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { within } from "../kit/until.mjs";

const LISTED = "https://chat.example";
const STRANGERS = [
  "https://elsewhere.example", "http://chat.example", "https://chat.example.evil.example",
  "https://chat.example:8443", "https://evilchat.example", "null", "https://CHAT.example.",
];
const POLLING = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";
const PATHS = [POLLING, "/users/", "/messages", "/api/chats", "/api/rooms", "/auth/login", "/nope"];

let server;

/** One request -> `{ status, headers, body }`; an upgrade's answer included. */
function ask(method, path, headers) {
  const answered = new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, { method, headers });
    asked.on("upgrade", ({ headers: told }, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: told });
    });
    asked.on("response", (answer) => {
      let body = "";
      answer.on("data", (text) => (body += text));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
  return within(answered, `${method} ${path}`);
}

const UPGRADE = {
  connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};
const upgrade = (headers, path = WEBSOCKET) => ask("GET", path, { ...UPGRADE, ...headers });
const ALLOWED = "access-control-allow-origin";

describe("with a list of origins", () => {
  before(async () => {
    server = await Polylogue.mounting([], "--cors-origins", LISTED);
  });
  after(() => server?.remove());

  test("answers may be read by pages of the list, and by no other", async () => {
    for (const path of PATHS) {
      const listed = await ask("GET", path, { origin: LISTED });
      if (path !== "/nope") assert.equal(listed.headers[ALLOWED], LISTED, path);
      for (const origin of STRANGERS) {
        const { headers } = await ask("GET", path, { origin });
        assert.equal(headers[ALLOWED], undefined, `${path} for ${origin}`);
        if (path !== "/nope") assert.match(headers.vary ?? "", /Origin/i, path);
      }
    }
  });

  test("preflights say the same", async () => {
    const asking = {
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,idempotency-key",
    };
    for (const path of PATHS.slice(0, -1)) {
      const listed = await ask("OPTIONS", path, { origin: LISTED, ...asking });
      assert.equal(listed.status, 204, path);
      assert.equal(listed.headers[ALLOWED], LISTED, path);
      assert.match(listed.headers["access-control-allow-headers"], /idempotency-key/, path);
      for (const origin of STRANGERS) {
        const { headers } = await ask("OPTIONS", path, { origin, ...asking });
        assert.equal(headers[ALLOWED], undefined, `${path} for ${origin}`);
      }
    }
  });

  test("WebSockets are for the list, the server's own pages, and who is no browser", async () => {
    const own = new URL(server.url).host;
    for (const headers of [{ origin: LISTED }, {}, { origin: `http://${own}` }]) {
      assert.equal((await upgrade(headers)).status, 101, JSON.stringify(headers));
    }
    for (const origin of [...STRANGERS, "", "\u00e9"]) {
      const { status, headers } = await upgrade({ origin });
      assert.ok(status === 400 || status === 403, `${origin}: ${status}`);
      assert.equal(headers[ALLOWED], undefined);
    }
  });

  test("so are those that a session by polling is upgraded to", async () => {
    const { body } = await ask("GET", POLLING, { origin: LISTED });
    const path = `${WEBSOCKET}&sid=${JSON.parse(body.slice(1)).sid}`;
    assert.notEqual((await upgrade({ origin: STRANGERS[0] }, path)).status, 101);
    assert.equal((await upgrade({ origin: LISTED }, path)).status, 101);
  });
});

// Bodies that are too large, over REST and over long-polling: the answer says so, arrives, and
// whoever keeps connections in a pool can go on with the next request.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { within } from "../kit/until.mjs";

/** One request by a pool of one connection -> `{ status, headers, body }`. */
async function ask(agent, url, method, text = "") {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  const request = http.request(url, { agent, method, headers });
  request.end(text);
  const [answer] = await within(once(request, "response"), `an answer to ${method} ${url}`);
  let body = "";
  for await (const part of answer) body += part;
  return { status: answer.statusCode, headers: answer.headers, body };
}

describe("a pool of one connection", () => {
  let at;
  let agent;
  before(async () => {
    at = await Polylogue.mounting([]);
    agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  });
  after(() => {
    agent?.destroy();
    return at?.remove();
  });

  const TOO_LARGE = [300_000, 3_000_000];
  const wrongs = TOO_LARGE.map((bytes) => ["POST", "/auth/login", 413, " ".repeat(bytes)]);
  wrongs.push(["GET", "/auth/login", 405, "x".repeat(1_000_000)]);
  wrongs.push(["POST", "/nowhere", 404, "x".repeat(1_000_000)]);
  wrongs.push(["POST", "/socket.io/socket.io.js", 405, "x".repeat(1_000_000)]);
  for (const [method, path, status, text] of wrongs) {
    const what = `${method} ${path} with ${text.length} bytes is ${status}`;
    test(`${what}, and the next works`, async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        const refused = await ask(agent, `${at.url}${path}`, method, text);
        assert.equal(refused.status, status, refused.body);
        const next = await ask(agent, `${at.url}/auth/login`, "POST", "{}");
        assert.equal(next.status, 400);
      }
    });
  }

  test("over long-polling: 413, and the session goes on", async () => {
    const path = `${at.url}/socket.io/?EIO=4&transport=polling`;
    const { body } = await ask(agent, path, "GET");
    const session = `${path}&sid=${JSON.parse(body.slice(1)).sid}`;
    for (let turn = 0; turn < 3; turn += 1) {
      const refused = await ask(agent, session, "POST", "4".repeat(1_000_001));
      assert.deepEqual([refused.status, refused.body], [413, ""]);
      const taken = await ask(agent, session, "POST", "3");
      assert.deepEqual([taken.status, taken.body], [200, "ok"]);
    }
  });
});

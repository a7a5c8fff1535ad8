// REST says no in each dialect's envelope, whatever it is asked: every route of every OpenAPI
// document, with every method, kind of body and length of body; and never a 500.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { SECRET } from "../kit/tokens.mjs";
import { within } from "../kit/until.mjs";
import { claiming } from "./jwt.mjs";
import { sentence } from "./tell.mjs";

const DIALECTS = ["rooms", "conversations", "chatty", "coaching", "lounge"];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const BODY_BYTES_MAX = 256 * 1_024;
const UUID = "0f9a5b2c-1111-4abc-8def-0123456789ab";
const SEGMENTS = [
  "1", UUID, "0", "-1", "1.5", "9".repeat(400), "%00", "%ff", "%zz", "..%2f", "%c3%a9", "+", "'",
  "a".repeat(2_000),
];

/** path -> its methods, of a dialect. */
function routes(dialect) {
  const file = new URL(`../../../src/dialects/${dialect}/openapi.json`, import.meta.url);
  const { paths } = JSON.parse(readFileSync(file, "utf8"));
  const methods = (path) => Object.keys(paths[path]).filter((name) => name !== "parameters");
  return Object.keys(paths).map((path) => [path, methods(path).map((name) => name.toUpperCase())]);
}

/** Whoever asks: with a token where the dialect has any use for one. */
const token = claiming();
const bearer = (dialect) => (dialect === "chatty" ? {} : { authorization: `Bearer ${token}` });

/** One request, spelled as it is -> `{ status, headers, body }`. */
function ask(server, method, path, headers, body) {
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const answered = new Promise((resolve, reject) => {
    const sent = { ...headers, ...length };
    const asked = request(server.url, { method, path, headers: sent }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
  return within(answered, `${method} ${path}`);
}

const filled = (path, segment) => path.replaceAll(/\{[^}]+\}/g, segment);
const own = (dialect, path) => filled(path, dialect === "chatty" ? UUID : "1");

/** That an answer says no in the dialect's own way -> its sentence. */
function says(dialect, { status, headers, text }, expected, context) {
  const shown = `${context}: ${status} ${text.slice(0, 200)}`;
  assert.ok([expected].flat().includes(status), shown);
  assert.match(headers["content-type"], /^application\/json/, shown);
  const words = sentence(dialect, status, JSON.parse(text));
  assert.ok(words, shown);
  return words;
}

const BODIES = [
  "", "null", "7", "[]", "[1]", '"x"', "{}", "{", "\u0000", '{"a":1,"a":2}', '{"id":1e400}',
  "[".repeat(5_000), `${"[".repeat(5_000)}${"]".repeat(5_000)}`, '{"name":"\\ud800"}',
];
const FIELDS = [
  "username", "password", "email", "room", "room_code", "content", "message_id", "sender_id",
  "receiver_id", "conversation_id", "message_type", "participant_ids", "user_id", "chatroom_id",
  "message_text", "name", "handle", "is_group", "initial_message", "expires_in", "client_id",
];
const LONG = "x".repeat(70_000);
const VALUES = [null, true, -1, 0, 1.5, 2 ** 53, "", "x", "\u0000", [], {}, [1], LONG];
for (const value of VALUES) {
  BODIES.push(JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, value]))));
}
const WRONG_KINDS = [
  "text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "text/json",
  "multipart/form-data; boundary=x", "application/xml", "application/jsonx", "", "\u00e9",
];
/** What a wrong body, id or query may be answered with. */
const NO = [400, 401, 403, 404, 409, 413, 422, 429];
const QUERIES = ["page=0", "page=-1", "page=x", "limit=0", "limit=1e9", "skip=-1", "room_code=%00"];

const MOUNTS = [["all dialects", []], ...DIALECTS.map((one) => [one, [one]])];
for (const [name, mounted] of MOUNTS) {
  describe(mounted.length > 0 ? `${name} alone` : name, { concurrency: true }, () => {
    let server;
    before(async () => {
      server = await Polylogue.mounting(mounted, "--jwt-secret", SECRET);
    });
    after(() => server?.remove());
    const all = mounted.length > 0 ? mounted : DIALECTS;

    for (const dialect of all) {
      /** The methods of a path, those of the dialects beside it as well. */
      const methodsOf = (path) => {
        const same = (other) => other.replace(/\/$/, "") === path.replace(/\/$/, "");
        const found = all.flatMap(routes).filter(([other]) => same(other));
        return [...new Set(found.flatMap(([, methods]) => methods))].sort();
      };
      const each = async (check) => {
        for (const [path, methods] of routes(dialect)) {
          await check(own(dialect, path), methods, path);
        }
      };

      test(`${dialect}: 405 with Allow`, () =>
        each(async (path, methods, pattern) => {
          const allowed = methodsOf(pattern);
          for (const method of METHODS.filter((one) => !allowed.includes(one))) {
            const answer = await ask(server, method, path, bearer(dialect));
            says(dialect, answer, 405, `${method} ${path}`);
            assert.equal(answer.headers.allow, allowed.join(", "), `${method} ${path}`);
          }
        }));

      test(`${dialect}: 415 for a body of another kind, 413 for one too long`, () =>
        each(async (path, methods) => {
          for (const method of methods) {
            for (const kind of WRONG_KINDS) {
              const headers = { ...bearer(dialect), "content-type": kind };
              const answer = await ask(server, method, path, headers, "{}");
              says(dialect, answer, 415, `${method} ${path} ${kind}`);
            }
            const headers = { ...bearer(dialect), "content-type": "application/json" };
            const long = JSON.stringify({ pad: "x".repeat(BODY_BYTES_MAX) });
            const answer = await ask(server, method, path, headers, long);
            says(dialect, answer, 413, `${method} ${path}`);
            const none = { ...bearer(dialect), "content-type": "text/plain" };
            const { status } = await ask(server, method, path, none);
            assert.notEqual(status, 415, `${method} ${path} with nothing of that kind`);
          }
        }));

      test(`${dialect}: never a 500, and an envelope around every no`, () =>
        each(async (path, methods, pattern) => {
          const checked = async (method, spelled, body) => {
            const headers = { ...bearer(dialect), "content-type": "application/json" };
            const answer = await ask(server, method, spelled, headers, body);
            const { status } = answer;
            if (status >= 400) says(dialect, answer, NO, `${method} ${spelled}`);
            assert.ok(status < 300 || status >= 400, `${method} ${spelled}: ${status}`);
          };
          for (const method of methods.filter((one) => !/auth/.test(path) || one !== "POST")) {
            for (const body of BODIES) await checked(method, path, body);
          }
          for (const method of methods) {
            for (const query of QUERIES) await checked(method, `${path}?${query}`);
            for (const segment of pattern.includes("{") ? SEGMENTS : []) {
              await checked(method, filled(pattern, segment), method === "GET" ? undefined : "{}");
            }
          }
        }));
    }

    test("what is nowhere is 404, whatever the method", async () => {
      for (const path of ["/nope", "/api", "/api/chats/1/nope", "/messages/1/2/3", "/users/1/2"]) {
        for (const method of METHODS) {
          const { status, text } = await ask(server, method, path, {});
          assert.equal(status, 404, `${method} ${path}: ${text}`);
          const body = JSON.parse(text);
          if (all.length === 1) assert.ok(sentence(all[0], status, body), text);
          else assert.deepEqual(body, { error: "Not Found" });
        }
      }
    });
  });
}

// How often one address may come: REST, connections and passwords, as a trusted proxy tells them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { metric } from "./metrics.mjs";
import { Polylogue } from "../kit/polylogue.mjs";

const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";
const SECRET = "wrong";

let server;
before(async () => {
  const rates = ["--connections-per-address", "5", "--rest-requests-per-second", "20"];
  server = await Polylogue.mounting([], ...rates, "--trusted-proxy", "127.0.0.0/8");
});
after(() => server?.remove());

/** So many requests at once, from an address where one is given -> the answers. */
function ask(count, path, from, { method = "GET", json, headers } = {}) {
  const forwarded = from === undefined ? {} : { "x-forwarded-for": from };
  const type = json === undefined ? {} : { "content-type": "application/json" };
  const sent = { ...forwarded, ...type, ...headers };
  const body = json === undefined ? undefined : JSON.stringify(json);
  const one = async () => {
    const answer = await fetch(`${server.url}${path}`, { method, headers: sent, body });
    const after = answer.headers.get("retry-after");
    return { status: answer.status, after, text: await answer.text() };
  };
  return Promise.all(Array.from({ length: count }, one));
}

/** Those with that status, of which there must be some, each saying when to come again. */
function refused(answers, status) {
  const found = answers.filter((answer) => answer.status === status);
  assert.ok(found.length > 0, `no ${status} in ${answers.map((answer) => answer.status)}`);
  for (const { after } of found) assert.ok(Number(after) >= 1, `Retry-After: ${after}`);
  return found;
}

test("REST: a burst passes, then 429 in the dialect's envelope; another address is free", async () => {
  const login = { headers: { authorization: "Bearer x" } };
  const rooms = await ask(80, "/messages", "203.0.113.9", login);
  assert.ok(rooms.length - refused(rooms, 429).length >= 40);
  const { message, statusCode } = JSON.parse(refused(rooms, 429)[0].text);
  assert.deepEqual([typeof message, statusCode], ["string", 429]);
  const [chatty] = refused(await ask(20, "/users/", "203.0.113.9"), 429);
  assert.equal(typeof JSON.parse(chatty.text).detail, "string");
  const [unknown] = refused(await ask(20, "/nowhere", "203.0.113.9"), 429);
  assert.deepEqual(JSON.parse(unknown.text), { error: "Too Many Requests" });
  const [other] = await ask(1, "/users/", "203.0.113.10");
  assert.equal(other.status, 200);
  assert.ok((await metric(server, 'polylogue_rate_limited_total{what="request"}')) > 0);
});

test("REST: what stands before the last address that is no proxy is not believed", async () => {
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, i) => ask(1, "/users/", `192.0.2.${i}, 203.0.113.20`)),
  );
  refused(answers.flat(), 429);
});

test("connections: a burst passes, then 503; another address is free", async () => {
  const answers = await ask(40, HANDSHAKE, "203.0.113.9");
  assert.ok(answers.filter(({ status }) => status === 200).length >= 10);
  refused(answers, 503);
  const [other] = await ask(1, HANDSHAKE, "203.0.113.10");
  assert.equal(other.status, 200);
  assert.ok((await metric(server, 'polylogue_rate_limited_total{what="connection"}')) > 0);
});

test("loopback is not slowed", async () => {
  for (const path of ["/users/", HANDSHAKE]) {
    const answers = await ask(100, path);
    assert.ok(answers.every(({ status }) => status === 200));
  }
});

test("passwords: ten wrong ones a minute for one name, from loopback, too", async () => {
  const json = { username: "somebody", password: SECRET };
  const rooms = await ask(14, "/auth/login", undefined, { method: "POST", json });
  assert.equal(refused(rooms, 429).length, 4);
  assert.equal(rooms.filter(({ status }) => status === 400).length, 10);
  const other = { username: "somebody else", password: SECRET };
  const [free] = await ask(1, "/auth/login", undefined, { method: "POST", json: other });
  assert.equal(free.status, 400);
  const mail = { email: "somebody@example.com", password: SECRET };
  const coaching = await ask(14, "/api/auth/login", undefined, { method: "POST", json: mail });
  assert.equal(JSON.parse(refused(coaching, 429)[0].text).success, false);
  assert.equal(coaching.filter(({ status }) => status === 401).length, 10);
});

test("passwords: thirty a minute from one address, whatever the names", async () => {
  const answers = [];
  for (let i = 0; i < 34; i += 1) {
    const json = { username: `name_${i}`, password: SECRET };
    answers.push(ask(1, "/auth/login", "203.0.113.30", { method: "POST", json }));
  }
  const limited = refused((await Promise.all(answers)).flat(), 429);
  assert.equal(limited.length, 4);
});

test("/metrics is Prometheus's text, and counts what is open", async () => {
  const answer = await fetch(`${server.url}/metrics`);
  assert.match(answer.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
  assert.ok((await metric(server, "polylogue_connections")) > 0);
});

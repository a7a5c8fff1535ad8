// Bounds that a client can reach: what lies over one is answered in words, counted in /metrics, and
// harms nothing else. Rates are in the files beside this one.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { metric } from "./metrics.mjs";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";
import { until, within } from "../kit/until.mjs";

const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";
const ROOMS_MAX = 1_000;
const PACKETS_MAX = 131_072;
const ATTACHMENTS_MAX = 10;
const HEAD_BYTES_MAX = 16 * 1_024;
const PAYLOAD_BYTES_MAX = 10_000;
const HASHES_MAX = 2 + 64;

let server;
before(async () => {
  const flags = ["--events-per-second", "0", "--max-payload", String(PAYLOAD_BYTES_MAX)];
  server = await Polylogue.mounting([], "--jwt-secret", SECRET, "--durability", "normal", ...flags);
});
after(() => server?.remove());

/** A session by long-polling -> its path. */
async function session(at = server) {
  const answer = await fetch(`${at.url}${HANDSHAKE}`);
  return `${HANDSHAKE}&sid=${JSON.parse((await answer.text()).slice(1)).sid}`;
}

const post = (path, body, at = server) => fetch(`${at.url}${path}`, { method: "POST", body });
const refused = (status) => metric(server, `polylogue_refused_answers_total{status="${status}"}`);
const closed = (reason) => metric(server, `polylogue_connections_closed_total{reason="${reason}"}`);
const refusals = (reason) => metric(server, `polylogue_refusals_total{reason="${reason}"}`);

/** That a count grows by at least `by` while something is done. */
async function counts(count, by, done) {
  const before = await count();
  await done();
  await until(async () => (await count()) >= before + by, "the count to grow");
}

/** A WebSocket that sends one thing after the handshake -> the status it is closed with. */
async function sent(text) {
  const url = `${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url);
  await once(socket, "open");
  socket.send(text);
  const [code] = await within(once(socket, "close"), "the close");
  return code;
}

describe("packets", () => {
  test("a payload over --max-payload: 413, and the session lives; 1009 by WebSocket", async () => {
    await counts(() => refused(413), 1, async () => {
      const path = await session();
      assert.equal((await post(path, `4${"x".repeat(PAYLOAD_BYTES_MAX)}`)).status, 413);
      assert.equal(await (await post(path, "40")).text(), "ok");
    });
    await counts(() => closed("payload too large"), 1, async () => {
      assert.equal(await sent(`4${"x".repeat(PAYLOAD_BYTES_MAX)}`), 1009);
    });
  });

  test("more packets in one payload than may be: 400, and the session ends", async () => {
    const roomy = await Polylogue.mounting([], "--events-per-second", "0");
    try {
      const [path, other] = [await session(roomy), await session(roomy)];
      const noops = (count) => Array.from({ length: count }, () => "6").join("\x1e");
      assert.equal((await post(other, noops(PACKETS_MAX), roomy)).status, 200);
      assert.equal((await post(path, noops(PACKETS_MAX + 1), roomy)).status, 400);
      const gone = await fetch(`${roomy.url}${path}`);
      assert.deepEqual(await gone.json(), { code: 1, message: "Session ID unknown" });
      const ended = 'polylogue_connections_closed_total{reason="parse error"}';
      assert.equal(await metric(roomy, ended), 1);
    } finally {
      await roomy.remove();
    }
  });

  test("more attachments than may be: the connection ends", async () => {
    await counts(() => closed("parse error"), 1, async () => {
      const holders = Array.from({ length: ATTACHMENTS_MAX + 1 }, (_, num) => {
        return { _placeholder: true, num };
      });
      const packet = `45${holders.length}-${JSON.stringify(["x", ...holders])}`;
      assert.equal(await sent(packet), 1000);
    });
  });

  test("no CONNECT in time: the connection ends", async () => {
    const hasty = await Polylogue.mounting([], "--connect-timeout-ms", "100");
    try {
      const path = await session(hasty);
      assert.equal(await (await fetch(`${hasty.url}${path}`)).text(), "1");
      const reason = "no namespace joined in time";
      const sample = `polylogue_connections_closed_total{reason="${reason}"}`;
      assert.equal(await metric(hasty, sample), 1);
    } finally {
      await hasty.remove();
    }
  });

  test("a namespace that is none is refused, however many are asked for", async () => {
    const client = await Client.connect(server, {});
    await counts(() => metric(server, "polylogue_refused_connects_total"), 100, async () => {
      const { engine } = client.socket.io;
      for (let at = 0; at < 100; at += 1) engine.write(`0/room_${at},`);
      await until(async () => client.socket.connected, "it to live");
    });
    assert.deepEqual(await client.ask("join_room"), { error: "Unauthorized" });
    client.leave();
  });
});

test("rooms per socket: one too many is refused, and the others are still there", async () => {
  const client = await Client.join(server, { token: tokenOf(1) });
  await counts(() => refusals("too many rooms"), 1, async () => {
    const codes = Array.from({ length: ROOMS_MAX }, (_, at) => `room_${at}`);
    const acks = await Promise.all(codes.map((code) => client.ask("join_room", code)));
    assert.deepEqual(acks, codes.map((room) => ({ room })));
    const { error } = await client.ask("join_room", "one too many");
    assert.equal(error, "You are in too many rooms");
  });
  const { id } = await client.ask("send_message", { room: "room_999", content: "here" });
  assert.equal(typeof id, "number");
  client.leave();
});

describe("requests", () => {
  /** A request's status, where fetch would not send such a head. */
  function statusOf(headers) {
    const answered = new Promise((resolve, reject) => {
      const asked = request(`${server.url}/users/`, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on("error", reject).end();
    });
    return within(answered, "an answer");
  }

  test("a head that is too long: 431", async () => {
    assert.equal(await statusOf({ pad: "x".repeat(HEAD_BYTES_MAX - 1_000) }), 200);
    await counts(() => refused(431), 1, async () => {
      assert.equal(await statusOf({ pad: "x".repeat(HEAD_BYTES_MAX) }), 431);
    });
  });

  test("more passwords than can be hashed: 503 in words, and the rest is answered", async () => {
    const login = (_, at) =>
      rest(server, "POST", "/auth/login", { json: { username: `n${at}`, password: "wrong" } });
    await counts(() => refused(503), 1, async () => {
      const tries = Array.from({ length: 2 * HASHES_MAX }, login);
      const answers = await Promise.all(tries);
      const busy = answers.filter(({ status }) => status === 503);
      assert.ok(busy.length > 0 && busy.length <= HASHES_MAX, `${busy.length} of ${tries.length}`);
      const words = "The server cannot do this now, try again";
      for (const { body } of busy) assert.equal(body.message, words);
      const rest = answers.filter(({ status }) => status !== 503);
      assert.ok(rest.every(({ status }) => status === 400));
    });
  });
});

describe("passwords are compared with a hash, whoever it is", () => {
  const compared = () => metric(server, "polylogue_passwords_compared_total");
  const person = { email: "known@example.com", first_name: "A", last_name: "B" };
  before(async () => {
    const json = { ...person, password: "p@ssword" };
    assert.equal((await rest(server, "POST", "/api/auth/register", { json })).status, 201);
  });

  const logins = {
    "a right password": ["/api/auth/login", { email: person.email, password: "p@ssword" }, 200],
    "a wrong one": ["/api/auth/login", { email: person.email, password: "wrong" }, 401],
    "nobody's": ["/api/auth/login", { email: "nobody@example.com", password: "wrong" }, 401],
    "nobody's, in rooms": ["/auth/login", { username: "nobody", password: "wrong" }, 400],
  };
  for (const [name, [path, json, status]] of Object.entries(logins)) {
    test(name, async () => {
      const before = await compared();
      assert.equal((await rest(server, "POST", path, { json })).status, status);
      assert.equal(await compared(), before + 1);
    });
  }
});

// Conformance with the Engine.IO protocol, revision 4: the 25 cases of its official suite in this
// project's own words, against a bare echo at `/engine.io/`. Plain HTTP and WebSocket, no client.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { closeCases, handshakeCases, heartbeatCases, upgradeCases } from "./cases.mjs";
import { startServer } from "./kit/program.mjs";
import { ENGINE_IO, Polling, Wire, arrival, forgotten, within } from "./kit/wire.mjs";

let server;
const url = () => server.url;

before(async () => {
  server = await startServer();
});
after(() => server?.stop());

describe("Engine.IO at /engine.io/", { concurrency: true }, () => {
  handshakeCases(url, ENGINE_IO);
  heartbeatCases(url, ENGINE_IO);
  closeCases(url, ENGINE_IO);
  upgradeCases(url, ENGINE_IO, { freed: true });
  pollingMessages();
  webSocketMessages();
});

function pollingMessages() {
  const echoed = {
    "one text packet": "4hello",
    "several text packets": "4test1\x1e4test2\x1e4test3",
    "text and binary packets": "4hello\x1ebAQIDBA==",
  };
  for (const [name, payload] of Object.entries(echoed)) {
    test(`message: a polling payload of ${name} comes back`, async () => {
      const session = await Polling.open(url());
      const posted = await session.post(payload);
      assert.deepEqual([posted.status, posted.body], [200, "ok"]);
      const polled = await session.poll();
      assert.deepEqual([polled.status, polled.body], [200, payload]);
    });
  }

  test("message: an invalid packet ends the polling session", async () => {
    const session = await Polling.open(url());
    await session.post("abc"); // 400, aborted, or (the stock server) 200: the suite leaves it open
    assert.equal((await session.poll()).status, 400);
  });

  test("message: a second poll beside a pending one ends the session", async () => {
    const session = await Polling.open(url());
    const first = session.poll();
    await arrival(); // the first is to be pending
    const second = await session.poll();
    assert.equal(second.status, 400);
    const { status, body } = await first;
    assert.deepEqual([status, body], [200, "1"]);
    assert.equal((await session.poll()).status, 400);
  });

  test("message: an aborted poll ends the session", async () => {
    const session = await Polling.open(url());
    const abort = new AbortController();
    const aborted = session.poll({ signal: abort.signal });
    await arrival(); // the poll is to be pending
    abort.abort();
    assert.equal((await aborted).status, "reset");
    assert.equal((await forgotten(session))[0], 400);
  });
}

function webSocketMessages() {
  test("message: a text frame comes back", async () => {
    const wire = await Wire.session(url());
    wire.send("4hello");
    assert.equal(await wire.next(), "4hello");
    wire.end();
  });

  test("message: a binary frame comes back", async () => {
    const wire = await Wire.session(url());
    wire.send(Buffer.from([1, 2, 3, 4]));
    assert.deepEqual(await wire.next(), Buffer.from([1, 2, 3, 4]));
    wire.end();
  });

  test("message: an invalid packet closes the WebSocket", async () => {
    const wire = await Wire.session(url());
    wire.send("abc");
    await within(wire.closed, "the close");
  });
}

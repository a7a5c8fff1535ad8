// Conformance with the Socket.IO protocol, revision 5: the 32 cases of its official suite in this
// project's own words, at `/socket.io/`. Plain HTTP and WebSocket, no Socket.IO client.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { closeCases, handshakeCases, heartbeatCases, upgradeCases } from "./cases.mjs";
import { TIMING, startServer } from "./kit/program.mjs";
import { SOCKET_IO, Wire, within } from "./kit/wire.mjs";

const BLOBS = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];
const PLACEHOLDERS = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';

let server;
const url = () => server.url;

before(async () => {
  server = await startServer();
});
after(() => server?.stop());

describe("Engine.IO at /socket.io/", { concurrency: true }, () => {
  handshakeCases(url, SOCKET_IO);
  heartbeatCases(url, SOCKET_IO);
  closeCases(url, SOCKET_IO);
  upgradeCases(url, SOCKET_IO, { freed: false });
});

describe("Socket.IO", { concurrency: true }, () => {
  connectCases();
  disconnectCases();
  messageCases();
  malformedCases();
});

function connectCases() {
  const granted = {
    "to / without a payload": ["40", "40", '42["auth",{}]'],
    "to / with a payload": ['40{"token":"123"}', "40", '42["auth",{"token":"123"}]'],
    "to /custom without a payload": ["40/custom,", "40/custom,", '42/custom,["auth",{}]'],
    "to /custom with a payload": [
      '40/custom,{"token":"abc"}',
      "40/custom,",
      '42/custom,["auth",{"token":"abc"}]',
    ],
  };
  for (const [name, [connect, prefix, auth]] of Object.entries(granted)) {
    test(`CONNECT ${name} is granted`, async () => {
      const wire = await Wire.session(url(), SOCKET_IO);
      wire.send(connect);
      const answer = await wire.next();
      assert.ok(answer.startsWith(prefix), answer);
      const { sid, ...rest } = JSON.parse(answer.slice(prefix.length));
      assert.equal(typeof sid, "string");
      assert.deepEqual(rest, {});
      assert.equal(await wire.next(), auth);
      wire.end();
    });
  }

  test("CONNECT to an unknown namespace is refused", async () => {
    const wire = await Wire.session(url(), SOCKET_IO);
    wire.send("40/random");
    assert.equal(await wire.next(), '44/random,{"message":"Invalid namespace"}');
    wire.end();
  });

  test("a first packet that is none closes the connection", async () => {
    const wire = await Wire.session(url(), SOCKET_IO);
    wire.send("4abc");
    await within(wire.closed, "the close");
  });

  test("no CONNECT in time closes the connection", async () => {
    const wire = await Wire.session(url(), SOCKET_IO);
    const opened = performance.now();
    wire.socket.on("message", (frame) => `${frame}` === "2" && wire.send("3"));
    await within(wire.closed, "the close");
    const waited = performance.now() - opened;
    assert.ok(waited > TIMING["connect-timeout-ms"] * 0.8, `closed after ${waited} ms`);
  });
}

function disconnectCases() {
  test("DISCONNECT leaves the main namespace, and the connection stays", async () => {
    const wire = await connected();
    wire.send("41");
    assert.equal(await wire.next("the next ping"), "2");
    wire.end();
  });

  test("DISCONNECT leaves a custom namespace, and the main one stays", async () => {
    const wire = await connected();
    wire.send("40/custom");
    assert.match(await wire.nextButPing(), /^40\/custom,/);
    assert.equal(await wire.nextButPing(), '42/custom,["auth",{}]');
    wire.send("41/custom", '42["message","message to main namespace"]');
    assert.equal(await wire.nextButPing(), '42["message-back","message to main namespace"]');
    wire.end();
  });
}

function messageCases() {
  const plain = {
    "an event": ['42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]'],
    "an event with an ack": [
      '42456["message-with-ack",1,"2",{"3":[false]}]',
      '43456[1,"2",{"3":[false]}]',
    ],
  };
  for (const [name, [sent, expected]] of Object.entries(plain)) {
    test(`${name} is answered`, async () => {
      const wire = await connected();
      wire.send(sent);
      assert.equal(await wire.nextButPing(), expected);
      wire.end();
    });
  }

  const binary = {
    "a binary event": [`452-["message",${PLACEHOLDERS}]`, `452-["message-back",${PLACEHOLDERS}]`],
    "a binary event with an ack": [
      `452-789["message-with-ack",${PLACEHOLDERS}]`,
      `462-789[${PLACEHOLDERS}]`,
    ],
  };
  for (const [name, [sent, expected]] of Object.entries(binary)) {
    test(`${name} is answered`, async () => {
      const wire = await connected();
      wire.send(sent, ...BLOBS);
      for (const frame of [expected, ...BLOBS]) {
        assert.deepEqual(await wire.nextButPing(), frame);
      }
      wire.end();
    });
  }
}

function malformedCases() {
  const malformed = {
    "an unknown packet type": "4abc",
    "a payload of the wrong shape": "42{}",
    "an ack id that is no number": '42abc["message-with-ack",1,"2",{"3":[false]}]',
  };
  for (const [name, packet] of Object.entries(malformed)) {
    test(`${name} closes the connection`, async () => {
      const wire = await connected();
      wire.send(packet);
      await within(wire.closed, "the close");
    });
  }
}

/** A WebSocket session in the main namespace, its `auth` read. */
async function connected() {
  const wire = await Wire.session(url(), SOCKET_IO);
  wire.send("40");
  assert.match(await wire.next(), /^40\{/);
  assert.equal(await wire.next(), '42["auth",{}]');
  return wire;
}

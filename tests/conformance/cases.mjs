// What the Engine.IO protocol, revision 4, asks of any server at any path: handshake, heartbeat,
// close, upgrade. Spoken to by: engineio.test.mjs and socketio.test.mjs, each with its path.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TIMING } from "./kit/program.mjs";
import { Polling, Wire, arrival, pause, request, within } from "./kit/wire.mjs";

const HEARTBEATS = 3;

/** The handshake over both transports: 7 cases. `server()` is the server's URL. */
export function handshakeCases(server, path) {
  const at = (query) => `${server()}${path}?${query}`;

  test("handshake: polling opens a session", async () => {
    const { status, headers, body } = await request(at("EIO=4&transport=polling"));
    assert.equal(status, 200);
    assert.match(headers["content-type"], /^text\/plain/);
    assertHandshake(body, ["websocket"]);
  });

  test("handshake: WebSocket opens a session", async () => {
    const wire = await Wire.open(server(), path);
    assertHandshake(await wire.next(), []);
    wire.end();
  });

  const refused = {
    "polling without EIO or with a wrong one": ["transport=polling", "EIO=abc&transport=polling"],
    "polling without a transport or with an unknown one": ["EIO=4", "EIO=4&transport=abc"],
  };
  for (const [name, queries] of Object.entries(refused)) {
    test(`handshake: ${name} is refused`, async () => {
      for (const query of queries) assert.equal((await request(at(query))).status, 400, query);
    });
  }

  test("handshake: any method but GET is refused", async () => {
    for (const method of ["POST", "PUT"]) {
      const { status } = await request(at("EIO=4&transport=polling"), { method });
      assert.equal(status, 400, method);
    }
  });

  const unopened = {
    "WebSocket without EIO or with a wrong one": [
      "transport=websocket",
      "EIO=x&transport=websocket",
    ],
    "WebSocket without a transport or with an unknown one": ["EIO=4", "EIO=4&transport=abc"],
  };
  for (const [name, queries] of Object.entries(unopened)) {
    test(`handshake: ${name} is closed`, async () => {
      for (const query of queries) {
        const wire = new Wire(at(query));
        // before or after the 101, but before any handshake
        assert.ok("closed" in (await wire.next("the close")), query);
      }
    });
  }
}

/** The heartbeat over both transports: 4 cases. */
export function heartbeatCases(server, path) {
  test("heartbeat: polling is pinged as often as it answers", async () => {
    const session = await Polling.open(server(), path);
    for (let beat = 0; beat < HEARTBEATS; beat += 1) {
      const { status, body } = await session.poll();
      assert.deepEqual([status, body], [200, "2"]);
      assert.equal((await session.post("3")).status, 200);
    }
  });

  test("heartbeat: WebSocket is pinged as often as it answers", async () => {
    const wire = await Wire.session(server(), path);
    for (let beat = 0; beat < HEARTBEATS; beat += 1) {
      assert.equal(await wire.next("a ping"), "2");
      wire.send("3");
    }
    wire.end();
  });

  test("heartbeat: a polling session that never answers is closed", async () => {
    const session = await Polling.open(server(), path);
    await pause(TIMING["ping-interval-ms"] + TIMING["ping-timeout-ms"] + 50);
    assert.equal((await session.poll()).status, 400);
  });

  test("heartbeat: a WebSocket that never answers is closed", async () => {
    const wire = await Wire.session(server(), path);
    await within(wire.closed, "the close after a missed heartbeat");
  });
}

/** Closing by the client: 2 cases. */
export function closeCases(server, path) {
  test("close: a close packet ends the polling session and frees the pending poll", async () => {
    const session = await Polling.open(server(), path);
    const pending = session.poll();
    await arrival(); // the poll is to be there first
    assert.equal((await session.post("1")).status, 200);
    const { status, body } = await pending;
    assert.deepEqual([status, body], [200, "6"]);
    assert.equal((await session.poll()).status, 400);
  });

  test("close: a close packet ends the WebSocket session", async () => {
    const wire = await Wire.session(server(), path);
    wire.send("1");
    await within(wire.closed, "the close");
  });
}

/** From polling to WebSocket: 3 cases; `freed` is whether the pending poll is looked at, too. */
export function upgradeCases(server, path, { freed }) {
  const upgraded = async () => {
    const session = await Polling.open(server(), path);
    const wire = await Wire.open(server(), path, session.sid);
    wire.send("2probe");
    assert.equal(await wire.next("the probe's answer"), "3probe");
    return { session, wire };
  };

  test("upgrade: a polling session moves to WebSocket", async () => {
    const { session, wire } = await upgraded();
    if (freed) {
      const { status, body } = await session.poll();
      assert.deepEqual([status, body], [200, "6"]);
    }
    wire.send("5");
    if (freed) {
      wire.send("4hello");
      assert.equal(await wire.nextButPing("the echo"), "4hello");
    }
    assert.equal(wire.socket.readyState, wire.socket.OPEN);
    wire.end();
  });

  test("upgrade: polling a session that has moved is refused", async () => {
    const { session, wire } = await upgraded();
    wire.send("5");
    await movedOver(session);
    assert.equal((await session.poll()).status, 400);
    assert.equal(wire.socket.readyState, wire.socket.OPEN);
    wire.end();
  });

  test("upgrade: a second WebSocket to a session that has moved is closed", async () => {
    const { session, wire } = await upgraded();
    wire.send("5");
    const second = await Wire.open(server(), path, session.sid);
    await within(second.closed, "the second WebSocket's close");
    assert.equal(wire.socket.readyState, wire.socket.OPEN);
    wire.end();
  });
}

/** A poll that is answered `6` or refused: the upgrade packet may still be on its way. */
async function movedOver(session) {
  const { status, body } = await session.poll();
  if (status === 200) assert.equal(body, "6");
  else assert.equal(status, 400);
}

function assertHandshake(packet, upgrades) {
  assert.equal(packet[0], "0");
  const { sid, ...rest } = JSON.parse(packet.slice(1));
  assert.equal(typeof sid, "string");
  assert.deepEqual(rest, {
    upgrades,
    pingInterval: TIMING["ping-interval-ms"],
    pingTimeout: TIMING["ping-timeout-ms"],
    maxPayload: TIMING["max-payload"],
  });
}

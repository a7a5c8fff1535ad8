// The server under test beside the stock server: odd and broken input, the same to both, and what
// comes back compared. The tables are in differential/, one per area.
import { after, before, describe } from "node:test";
import { TIMING, startServer, startStock } from "./kit/program.mjs";
import { compare } from "./differential/compare.mjs";
import * as binary from "./differential/binary.mjs";
import * as handshake from "./differential/handshake.mjs";
import * as heartbeat from "./differential/heartbeat.mjs";
import * as jsonp from "./differential/jsonp.mjs";
import * as polling from "./differential/polling.mjs";
import * as races from "./differential/races.mjs";
import * as socketio from "./differential/socketio.mjs";
import * as upgrade from "./differential/upgrade.mjs";
import * as websocket from "./differential/websocket.mjs";

const CASES_AT_ONCE = 8;
const DEADLINE_MS = 55_000;
/** A server that was started elsewhere runs with TIMING, so the stock server must as well. */
const UNHURRIED = process.env.CONFORMANCE_URL
  ? TIMING
  : {
      ...TIMING,
      "ping-interval-ms": 25_000,
      "ping-timeout-ms": 20_000,
      "connect-timeout-ms": 45_000,
    };

const TABLES = { handshake, polling, jsonp, websocket, upgrade, races, socketio, binary };

area("unhurried", UNHURRIED, TABLES);
area("at a quick pulse", heartbeat.PULSE, { heartbeat });

function area(pace, flags, tables) {
  describe(`beside the stock server, ${pace}`, { timeout: DEADLINE_MS }, () => {
    let servers = [];
    before(async () => {
      servers = await Promise.all([startStock(flags), startServer(flags)]);
    });
    after(() => Promise.all(servers.map((server) => server.stop())));
    const urls = () => ({ stock: servers[0].url, ours: servers[1].url });
    for (const [name, { cases }] of Object.entries(tables)) {
      describe(name, { concurrency: CASES_AT_ONCE }, () => compare(urls, cases));
    }
  });
}

// Who may read from another origin, as the chatty document configures it: everybody, or the origins
// in SOCKETIO_CORS_ORIGINS, over REST, long-polling and WebSocket.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";

const LISTED = ["http://localhost:3000", "https://yourdomain.com"];
const STRANGER = "https://elsewhere.example";
const PATHS = ["/users/", "/socket.io/?EIO=4&transport=polling"];

/** Starts a server with or without the variable, for the tests of one `describe`. */
function serving(stage, origins) {
  before(async () => {
    if (origins) process.env.SOCKETIO_CORS_ORIGINS = origins.join();
    try {
      stage.server = await Polylogue.mounting(["chatty"]);
    } finally {
      delete process.env.SOCKETIO_CORS_ORIGINS;
    }
  });
  after(() => stage.server?.remove());
}

/** The origin that an answer allows. */
async function allowed({ server }, path, origin) {
  const { headers } = await fetch(`${server.url}${path}`, { headers: { origin } });
  return headers.get("access-control-allow-origin");
}

describe("by default", () => {
  const stage = {};
  serving(stage);
  for (const path of PATHS) {
    test(`${path} is for every origin`, async () => {
      const origin = await allowed(stage, path, STRANGER);
      assert.ok(["*", STRANGER].includes(origin), origin);
    });
  }
});

describe("with SOCKETIO_CORS_ORIGINS", () => {
  const stage = {};
  serving(stage, LISTED);
  for (const path of PATHS) {
    test(`${path} is for the listed origins`, async () => {
      for (const origin of LISTED) assert.equal(await allowed(stage, path, origin), origin);
      const stranger = await allowed(stage, path, STRANGER);
      assert.ok(stranger !== "*" && stranger !== STRANGER, stranger);
    });
  }

  test("a WebSocket of another origin is refused", async () => {
    const headers = { origin: LISTED[0] };
    const client = await Client.connect(stage.server, { headers });
    client.leave();
    await Client.refusal(stage.server, { headers: { origin: STRANGER } });
  });
});

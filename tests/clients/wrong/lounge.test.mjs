// `lounge`: every event and route with every wrong payload, and what of it is right after all.
import { after, before } from "node:test";
import { TRUSTING, lounger, seat } from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { tableOfEvents, tableOfRoutes } from "./table.mjs";
import { Wire } from "./wire.mjs";

const stage = {};
before(async () => {
  stage.at = await Polylogue.mounting(["lounge"], ...TRUSTING, "--lounge-rooms", "registered");
  for (const room of [1, 2]) await register(room);
  // Somebody's other socket sits in 2: there is no second seat.
  stage.other = await seat(stage.at, 1, "2");
  stage.wire = await Wire.open(stage.at, { auth: { token: lounger(1), nickname: "neo" } });
});
after(() => {
  stage.other?.leave();
  return stage.at?.remove();
});

async function register(room) {
  const headers = { authorization: `Bearer ${lounger(1)}`, "content-type": "application/json" };
  const body = JSON.stringify({ room });
  await fetch(`${stage.at.url}/api/rooms`, { method: "POST", headers, body });
}

const ROOM = { good: '"1"', type: "id" };
const TEXT = { good: '"hello"', type: "text" };

tableOfEvents("lounge", stage, {
  events: {
    joinRoom: { fields: { room: { ...ROOM, unknown: '"4711"', another: '"2"' } } },
    chatMessage: {
      first: ["joinRoom", '{"room":"1"}'],
      fields: {
        type: { good: '"image"', type: "text", unknown: ['"video"', '"system"'] },
        text: TEXT,
        imageUrl: { good: '"/cat.png"', type: "text" },
        client_id: { good: '"a1"', type: "key" },
      },
      takes: ["client_id missing", "client_id null", "client_id invalid UTF-8",
        "text missing", "text null", "text invalid UTF-8", "imageUrl invalid UTF-8"],
    },
    // Asks for nothing: whatever comes along is not looked at.
    leaveRoom: {
      first: ["joinRoom", '{"room":"1"}'],
      value: { good: "1", type: "id" },
      takes: [() => true],
    },
    // What is no object is not looked at.
    history: {
      first: ["joinRoom", '{"room":"1"}'],
      fields: { since: { good: "1", type: "id" } },
      takes: [({ field }) => field === "all", "since missing", "since null"],
    },
  },
  refusal: (ack) => ack?.error?.text,
  error: (event, payload) => (event === "alert" ? payload.text : undefined),
});

tableOfRoutes("lounge", stage, {
  routes: {
    "POST /api/rooms": {
      token: lounger(1),
      fields: { room: ROOM, expires_in: { good: "3600", type: "id", unknown: ["0", "1e12"] } },
      takes: ["expires_in missing", "expires_in null"],
    },
  },
  isFailure: (status, body) => /^E\d\d$/.test(body?.type) && typeof body.text === "string",
});

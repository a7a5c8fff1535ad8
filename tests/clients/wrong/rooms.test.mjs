// `rooms`: every event and route with every wrong payload, and what of it is right after all.
import { after, before } from "node:test";
import { Client } from "../kit/client.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { rest } from "../kit/rest.mjs";
import { SECRET, tokenOf } from "../kit/tokens.mjs";
import { tableOfEvents, tableOfRoutes } from "./table.mjs";
import { Wire } from "./wire.mjs";

const stage = {};
before(async () => {
  stage.at = await Polylogue.mounting(["rooms"], "--jwt-secret", SECRET);
  const client = await Client.join(stage.at, { token: tokenOf(2) });
  await client.ask("join_room", "room_1");
  ({ id: stage.others } = await client.ask("send_message", "another's"));
  client.leave();
  stage.wire = await Wire.open(stage.at, { auth: { token: tokenOf(1) } });
});
after(() => stage.at?.remove());

const ROOM = { good: '"room_1"', type: "text" };
const CONTENT = { good: '"aloha"', type: "text" };
const KEY = { good: '"a1"', type: "key" };
// The default room is meant where none is named. Bytes that are no UTF-8 are replaced, as in Node.
const ANY_ROOM = ["all missing", "all null", "room missing", "room null", "room invalid UTF-8"];

tableOfEvents("rooms", stage, {
  events: {
    join_room: { fields: { room: ROOM }, takes: ANY_ROOM },
    leave_room: {
      fields: { room: ROOM },
      first: ["join_room", undefined],
      takes: ANY_ROOM,
    },
    send_message: {
      fields: { room: { ...ROOM, unknown: '"nowhere"' }, content: CONTENT, client_id: KEY },
      first: ["join_room", undefined],
      takes: ["room missing", "room null", "client_id missing", "client_id null",
        "content invalid UTF-8", "client_id invalid UTF-8"],
    },
    delete_message: () => ({
      value: { good: "1", type: "id", unknown: ["4711", '"4711"'], another: `${stage.others}` },
    }),
  },
  refusal: (ack) => ack?.error,
  error: (event, payload) => (event === "system_message" ? payload.message : undefined),
});

const failure = (status, body) =>
  body?.statusCode === status && typeof body.message === "string" && typeof body.error === "string";

tableOfRoutes("rooms", stage, {
  routes: {
    "POST /auth/login": {
      fields: {
        username: { good: '"user_1"', type: "text", unknown: '"nobody"', another: '"user_2"' },
        password: { good: '"p@ssword"', type: "text", unknown: '"wrong"' },
      },
    },
    "GET /messages": {
      token: tokenOf(1),
      queryGood: "room_code=room_1",
      query: { page: ["0", "-1", "abc", "1.5", "1e400", "9".repeat(400), "", "%ff"],
        since: ["-1", "abc", "1.5", "1e400", "9".repeat(400), "", "%ff"],
        room_code: ["", "%00", "x".repeat(200)] },
    },
    "POST /messages": {
      token: tokenOf(1),
      fields: { room_code: ROOM, content: CONTENT, client_id: KEY },
      takes: ["client_id missing", "client_id null"],
    },
    "DELETE /messages": () => ({
      token: tokenOf(1),
      fields: {
        message_id: { good: "1", type: "id", unknown: ["4711"], another: `${stage.others}` },
      },
    }),
  },
  isFailure: failure,
});

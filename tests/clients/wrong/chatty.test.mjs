// `chatty`: every event and route with every wrong payload, and what of it is right after all.
import { after, before } from "node:test";
import { NOBODY, make, makeChatroom, makeUser, post } from "../chatty/kit.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { tableOfEvents, tableOfRoutes } from "./table.mjs";
import { Wire } from "./wire.mjs";

const stage = {};
before(async () => {
  const at = await Polylogue.mounting(["chatty"]);
  const [user, other] = [await makeUser(at), await makeUser(at)];
  const [room, elsewhere] = [await makeChatroom(at), await makeChatroom(at)];
  const message = await post(at, user, room, "hello");
  const apart = await post(at, user, elsewhere, "elsewhere");
  await make(at, "/chatroom-participants/", { user_id: user.id, chatroom_id: room.id });
  const wire = await Wire.open(at);
  Object.assign(stage, { at, user, other, room, elsewhere, message, apart, wire });
});
after(() => stage.at?.remove());

const text = (value) => JSON.stringify(value);
const uuid = ({ id }) => ({ good: text(id), type: "uuid" });
const known = (one) => ({ ...uuid(one), unknown: text(NOBODY) });
const inPath = ({ id }) => ({ good: id, unknown: NOBODY });
/** A name that nobody else may have. */
const unique = (good, another) => ({ good: text(good), type: "text", another: text(another) });
const participant = ({ room, user, other }) => ({
  chatroom_id: inPath(room),
  user_id: { ...inPath(user), another: other.id },
});
const NAME = { good: '"ann"', type: "text" };
const PAGE = {
  skip: ["-1", "abc", "1.5", "1e400", "9".repeat(400), ""],
  limit: ["0", "1001", "abc", "9".repeat(400)],
};
const MESSAGE = { good: '"hello"', type: "text" };

tableOfEvents("chatty", stage, {
  events: {
    // Ids are not looked up on joining: any text is one that nothing is posted to.
    join: (now) => ({
      fields: { user_id: known(now.user), chatroom_id: known(now.room) },
      takes: [isText],
    }),
    leave: (now) => ({
      fields: { user_id: known(now.user), chatroom_id: known(now.room) },
      takes: [isText],
    }),
  },
  refusal: (ack) => ack?.error,
  error: (event, payload) => (event === "error" ? payload.message : undefined),
});

/** A string that is not empty, of a length that an id may have. */
function isText({ field, kind, text: all }) {
  if (field === "all" || all === undefined) return false;
  if (kind === "unknown" || kind === "invalid UTF-8") return true;
  return kind === "wrong type" && all.includes('"abc"');
}

tableOfRoutes("chatty", stage, {
  routes: {
    "GET /users": { query: PAGE },
    "POST /users": (now) => ({
      fields: { name: NAME, handle: unique("ann", now.user.handle) },
    }),
    "GET /users/{user_id}": (now) => ({ params: { user_id: inPath(now.user) } }),
    "PUT /users/{user_id}": (now) => ({
      params: { user_id: inPath(now.user) },
      fields: {
        name: NAME, handle: unique(now.user.handle, now.other.handle),
      },
      takes: ["name missing", "handle missing", "name null", "handle null"],
    }),
    "DELETE /users/{user_id}": { params: { user_id: { good: NOBODY, unknown: NOBODY } } },
    "GET /chatrooms": { query: PAGE },
    "POST /chatrooms": (now) => ({
      fields: { name: unique("fresh", now.room.name) },
    }),
    "GET /chatrooms/{chatroom_id}": (now) => ({ params: { chatroom_id: inPath(now.room) } }),
    "PUT /chatrooms/{chatroom_id}": (now) => ({
      params: { chatroom_id: inPath(now.room) },
      fields: { name: unique(now.room.name, now.elsewhere.name) },
      takes: ["name missing", "name null"],
    }),
    "DELETE /chatrooms/{chatroom_id}": {
      params: { chatroom_id: { good: NOBODY, unknown: NOBODY } },
    },
    "GET /chatroom-participants": {
      query: { ...PAGE, user_id: ["abc", "1", NOBODY, "%ff"], chatroom_id: ["abc", "1", NOBODY] },
    },
    "POST /chatroom-participants": (now) => ({
      fields: { user_id: known(now.other), chatroom_id: known(now.elsewhere) },
    }),
    "GET /chatroom-participants/{chatroom_id}/{user_id}": (now) => ({
      params: participant(now),
    }),
    "DELETE /chatroom-participants/{chatroom_id}/{user_id}": (now) => ({
      params: participant(now),
    }),
    "GET /messages": { query: PAGE },
    "POST /messages": (now) => ({
      fields: {
        message_text: MESSAGE,
        user_id: known(now.user),
        chatroom_id: known(now.room),
        is_reply: { good: "true", type: "switch", another: "false" },
        parent_message_id: { ...known(now.message), another: text(now.apart.id) },
        client_id: { good: '"a1"', type: "key" },
      },
      takes: ["client_id missing", "client_id null"],
    }),
    "GET /messages/{message_id}": (now) => ({ params: { message_id: inPath(now.message) } }),
    "PUT /messages/{message_id}": (now) => ({
      params: { message_id: inPath(now.message) },
      fields: { message_text: MESSAGE },
    }),
    "DELETE /messages/{message_id}": { params: { message_id: { good: NOBODY, unknown: NOBODY } } },
    "GET /messages/chatroom/{chatroom_id}": (now) => ({
      params: { chatroom_id: inPath(now.room) },
      // A user's id is a UUID, too, and no message's.
      query: { ...PAGE, since: ["abc", "1", "", "%ff", NOBODY, now.user.id] },
    }),
    "GET /health": {},
    "GET /health/ready": {},
  },
  isFailure: (status, body) =>
    status === 422 ? Array.isArray(body?.detail) : typeof body?.detail === "string",
});

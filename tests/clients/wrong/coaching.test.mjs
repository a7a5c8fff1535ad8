// `coaching`: every event and route with every wrong payload, and what of it is right after all.
import { after, before } from "node:test";
import { crowd, data, group } from "../coaching/stage.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { tableOfEvents, tableOfRoutes } from "./table.mjs";
import { Wire } from "./wire.mjs";

const stage = {};
before(async () => {
  const at = await Polylogue.mounting(["coaching"]);
  const [ann, ben, eve] = await crowd(at, "Ann", "Ben", "Eve");
  const chat = await group(at, ann, ben);
  const foreign = await group(at, eve, ben);
  const wire = await Wire.open(at, { auth: { token: ann.token } });
  await wire.emit([["join-chat", `${chat.id}`]]);
  Object.assign(stage, { at, ann, ben, eve, chat, foreign, wire });
});
after(() => stage.at?.remove());

const NOBODY = "4711";
const place = ({ chat, foreign }) => ({
  good: `${chat.id}`, type: "id", unknown: [NOBODY, "9007199254740991"], another: `${foreign.id}`,
});
const inPath = ({ chat, foreign }) => ({
  good: `${chat.id}`, unknown: [NOBODY, "0"], another: `${foreign.id}`,
});
const CONTENT = { good: '"hello"', type: "text" };
const KEY = { good: '"a1"', type: "key" };
const OPTIONAL_KEY = ["client_id missing", "client_id null"];
const HOW_SENT = [...OPTIONAL_KEY, "content invalid UTF-8", "client_id invalid UTF-8"];
const PAGE = {
  page: ["0", "-1", "abc", "1.5", "1e400", "9".repeat(400), ""],
  limit: ["0", "101", "abc", "9".repeat(400)],
};

tableOfEvents("coaching", stage, {
  events: {
    "join-chat": (now) => ({ value: place(now), takes: [hasChat] }),
    "leave-chat": (now) => ({ value: place(now) }),
    "send-message": (now) => ({
      fields: { chatId: place(now), content: CONTENT, client_id: KEY }, takes: HOW_SENT,
    }),
    typing: (now) => ({
      fields: { chatId: place(now), isTyping: { good: "true", type: "switch" } },
    }),
  },
  refusal: (ack) => (ack?.success === false ? ack.message : undefined),
  error: (event, payload) => (event === "error" ? payload.message : undefined),
});

/** An object may name the chat as well. */
function hasChat({ text }) {
  return text?.startsWith('{"chatId"');
}

const NAME = { good: '"Ann"', type: "text" };

tableOfRoutes("coaching", stage, {
  routes: {
    "POST /api/auth/register": (now) => ({
      fields: {
        email: { good: '"new.#@example.com"', type: "text",
          unknown: '"nobody"', another: JSON.stringify(now.ann.user.email) },
        password: { good: '"p@ssword"', type: "text", unknown: '"short"' },
        first_name: NAME,
        last_name: NAME,
        role: { good: '"student"', type: "text", another: '"admin"' },
        profile_image: { good: '"/a.png"', type: "text" },
      },
      takes: ["role missing", "role null", "profile_image missing", "profile_image null"],
    }),
    "POST /api/auth/login": (now) => ({
      fields: {
        email: { good: JSON.stringify(now.eve.user.email), type: "text",
          unknown: '"nobody@example.com"' },
        password: { good: '"p@ssword"', type: "text", unknown: '"wrong"' },
      },
    }),
    "GET /api/chats": (now) => ({ token: now.ann.token }),
    "POST /api/chats": (now) => ({
      token: now.ann.token,
      fields: {
        name: NAME,
        is_group: { good: "true", type: "switch" },
        participant_ids: { good: `[${now.ben.id}]`, type: "list",
          unknown: [`[${NOBODY}]`, "[]"], another: `[${now.ann.id}]` },
        initial_message: CONTENT,
      },
      // With `null` for `is_group` it is the direct chat that the two have by then.
      takes: ["name missing", "name null", "is_group missing", "initial_message missing",
        "initial_message null"],
    }),
    "GET /api/chats/{id}": (now) => ({ token: now.ann.token, params: { id: inPath(now) } }),
    "GET /api/chats/{id}/messages": (now) => ({
      token: now.ann.token, params: { id: inPath(now) },
      query: { ...PAGE, since: PAGE.page.slice(1) },
    }),
    "POST /api/chats/{id}/messages": (now) => ({
      token: now.ann.token,
      params: { id: inPath(now) },
      fields: { content: CONTENT, client_id: KEY },
      takes: OPTIONAL_KEY,
    }),
    "POST /api/chats/{id}/participants": (now) => ({
      token: now.ann.token,
      params: { id: inPath(now) },
      fields: { user_id: { good: `${now.eve.id}`, type: "id", unknown: NOBODY,
        another: `${now.ben.id}` } },
    }),
    "DELETE /api/chats/{id}/participants/{user_id}": (now) => ({
      token: now.ben.token,
      params: {
        id: { ...inPath(now), another: [] },
        user_id: { good: `${now.ann.id}`, unknown: NOBODY, another: `${now.ann.id}` },
      },
    }),
    "POST /api/chats/{id}/leave": (now) => ({
      token: now.ann.token, params: { id: inPath(now) },
    }),
  },
  isFailure: (status, body) => body?.success === false && typeof body.message === "string",
});

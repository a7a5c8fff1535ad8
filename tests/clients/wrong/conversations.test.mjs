// `conversations`: every event and route with every wrong payload, and what of it is right.
import { after, before } from "node:test";
import { conversation, joined, message } from "../conversations/stage.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { tableOfEvents, tableOfRoutes } from "./table.mjs";
import { Wire } from "./wire.mjs";

const stage = {};
before(async () => {
  stage.at = await Polylogue.mounting(["conversations"]);
  stage.own = (await conversation(stage.at, 1, 2)).id;
  stage.others = (await conversation(stage.at, 3, 4)).id;
  const client = await joined(stage.at, 2, stage.own);
  const { data } = await client.ask("send-message", message(2, stage.own, "hello"));
  stage.message = data.id;
  client.leave();
  stage.wire = await Wire.open(stage.at, { namespace: "/chat", query: { userId: "1" } });
  await stage.wire.emit([["join-conversation", `{"conversationId":${stage.own},"userId":1}`]]);
});
after(() => stage.at?.remove());

const ME = { good: "1", type: "id", unknown: "4711", another: "2" };
const CONTENT = { good: '"hello"', type: "text" };
const place = ({ own, others }) => ({
  good: `${own}`, type: "id", unknown: ["4711", "9007199254740991"], another: `${others}`,
});
const sending = (now) => ({
  fields: {
    sender_id: ME,
    conversation_id: place(now),
    message_type: { good: '"text"', type: "text", unknown: ['"video"', '"system"'] },
    content: CONTENT,
    client_id: { good: '"a1"', type: "key" },
  },
  takes: ["message_type missing", "message_type null", "client_id missing", "client_id null",
    "content invalid UTF-8", "client_id invalid UTF-8"],
});

tableOfEvents("conversations", stage, {
  events: {
    "send-message": sending,
    "join-conversation": (now) => ({ fields: { conversationId: place(now), userId: ME } }),
    "leave-conversation": (now) => ({
      fields: { conversationId: place(now) },
      // Whoever is not in has left.
      takes: ["conversationId another's"],
    }),
    typing: (now) => ({
      fields: {
        conversationId: place(now), userId: ME, isTyping: { good: "true", type: "switch" },
      },
    }),
  },
  refusal: (ack) => (ack?.success === false ? (ack.error ?? ack.message ?? "") : undefined),
  error: (event, payload) =>
    ({ "message-error": payload.error, error: payload.message })[event],
});

const NO_ROUTE = "4711";
const pages = ["0", "-1", "abc", "1.5", "101x", "1e400", "9".repeat(400), ""];
const user = { good: "1", unknown: [] };

tableOfRoutes("conversations", stage, {
  routes: {
    "POST /api/chats/conversations": {
      fields: { sender_id: { good: "1", type: "id" }, receiver_id: { good: "5", type: "id" } },
    },
    "GET /api/chats/conversations/{id}": {
      params: { id: { good: "1", unknown: NO_ROUTE } },
    },
    "DELETE /api/chats/conversations/{id}": { params: { id: { good: "0", unknown: NO_ROUTE } } },
    "GET /api/chats/conversations/between/{one}/{other}": {
      params: { one: { good: "1", unknown: NO_ROUTE }, other: { good: "2", unknown: NO_ROUTE } },
    },
    "GET /api/chats/users/{id}/conversations": {
      params: { id: user },
      // Users are whoever they say: a number that nobody has used has no conversations yet.
      takes: [({ text, params }) => text === undefined && /^\d+$/.test(params.id)],
    },
    "GET /api/chats/conversations/{id}/messages": {
      params: { id: { good: "1", unknown: NO_ROUTE } },
      query: { page: pages, limit: [...pages, "101"], since: pages.slice(1) },
    },
    "POST /api/chats/messages": (now) => {
      const { fields, takes } = sending(now);
      const optional = takes.filter((what) => !what.endsWith("UTF-8"));
      // Anybody may say that they are the other of the two.
      return { fields, takes: [...optional, "sender_id another's"] };
    },
    "GET /api/chats/messages/{id}": { params: { id: { good: "1", unknown: NO_ROUTE } } },
    "PUT /api/chats/messages/{id}": (now) => ({
      params: { id: { good: `${now.message}`, unknown: NO_ROUTE } },
      fields: { content: CONTENT, sender_id: { ...ME, good: "2", another: "1" } },
      takes: ["sender_id missing", "sender_id null"],
    }),
    "DELETE /api/chats/messages/{id}": { params: { id: { good: "1", unknown: NO_ROUTE } } },
  },
  isFailure: (status, body) =>
    body?.success === false && body.statusCode === status && typeof body.message === "string",
});

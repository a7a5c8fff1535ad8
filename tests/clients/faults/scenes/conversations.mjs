// A conversation of two: one speaks by two sockets and by REST, the other one listens.
// Spoken to by: scenes.mjs.
import { ask, conversation, joined, message } from "../../conversations/stage.mjs";
import { bySocket, byRest, listener, pages } from "./parts.mjs";

const LIMIT = 100;

/** Two users and their conversation for each round. */
export async function open(server, _cast, round) {
  const [ann, ben] = [10_000 + 2 * round, 10_001 + 2 * round];
  const { id } = await conversation(server, ann, ben);
  const payload = (content) => message(ann, id, content, { client_id: content });
  const speaker = async (server) => {
    const client = await joined(server, ann, id);
    return bySocket(client, "send-message", payload, (ack) => ack.data?.id);
  };
  const post = (server) => (content) =>
    ask(server, "POST", "/messages", {
      json: message(ann, id, content),
      headers: { "idempotency-key": content },
    });
  const page = async (server, number) => {
    const path = `/conversations/${id}/messages?limit=${LIMIT}&page=${number}`;
    return (await ask(server, "GET", path)).body.messages;
  };
  return {
    speakers: {
      ann: speaker,
      tab: speaker,
      post: (server) => byRest(post(server), (body) => body.data.id),
    },
    listen: async (server, transports) => {
      const client = await joined(server, ben, id, { transports });
      return listener(client, "receive-message", ({ content }) => content);
    },
    history: async (server) => (await pages((number) => page(server, number))).reverse(),
  };
}

// A group of `coaching`: two speak by socket, one by REST.
// Spoken to by: scenes.mjs.
import { connect, crowd, data, group } from "../../coaching/stage.mjs";
import { rest } from "../../kit/rest.mjs";
import { bySocket, byRest, listener, pages } from "./parts.mjs";

const LIMIT = 100;

/** Three accounts for all rounds. */
export const cast = (server) => crowd(server, "Ann", "Ben", "Cat");

/** A group for each round. */
export async function open(server, [ann, ben, cat]) {
  const { id } = await group(server, ann, ben, cat);
  const path = `/api/chats/${id}/messages`;
  const payload = (content) => ({ chatId: id, content, client_id: content });
  const speaker = async (server, who) =>
    bySocket(await connect(server, who), "send-message", payload, (ack) => ack.data?.id);
  const post = (server) => (content) =>
    rest(server, "POST", path, {
      token: cat.token,
      json: { content },
      headers: { "idempotency-key": content },
    });
  const page = async (server, number) =>
    (await data(server, ann, "GET", `${path}?limit=${LIMIT}&page=${number}`)).messages;
  return {
    speakers: {
      ann: (server) => speaker(server, ann),
      ben: (server) => speaker(server, ben),
      cat: (server) => byRest(post(server), (body) => body.data.id),
    },
    listen: async (server, transports) => {
      const client = await connect(server, cat, transports);
      await client.ask("join-chat", id);
      return listener(client, "new-message", ({ content }) => content);
    },
    history: async (server) => (await pages((number) => page(server, number))).reverse(),
  };
}

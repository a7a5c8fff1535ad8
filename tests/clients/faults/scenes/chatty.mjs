// A chatroom of `chatty`: two post by REST, as there is no other way.
// Spoken to by: scenes.mjs.
import { listener as joined, makeChatroom, makeUser } from "../../chatty/kit.mjs";
import { rest } from "../../kit/rest.mjs";
import { byRest, listener, pages } from "./parts.mjs";

const LIMIT = 1_000;

/** Two users for all rounds. */
export const cast = async (server) => [await makeUser(server), await makeUser(server)];

/** A chatroom for each round. */
export async function open(server, [ann, ben], round) {
  const chatroom = await makeChatroom(server, `round_${round}`);
  const post = (server, user) => (content) => {
    const sent = { message_text: content, user_id: user.id, chatroom_id: chatroom.id };
    const json = { ...sent, is_reply: false };
    return rest(server, "POST", "/messages/", { json, headers: { "idempotency-key": content } });
  };
  const page = async (server, number) => {
    const path = `/messages/chatroom/${chatroom.id}?limit=${LIMIT}&skip=${(number - 1) * LIMIT}`;
    return (await rest(server, "GET", path)).body.messages;
  };
  return {
    speakers: {
      ann: (server) => byRest(post(server, ann), (body) => body.id),
      ben: (server) => byRest(post(server, ben), (body) => body.id),
    },
    listen: async (server, transports) => {
      const client = await joined(server, ben, [chatroom], { transports });
      return listener(client, "new_message", ({ message_text }) => message_text);
    },
    history: async (server) =>
      (await pages((number) => page(server, number))).map(({ id, message_text }) => ({
        id,
        content: message_text,
      })),
  };
}

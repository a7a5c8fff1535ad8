// A room of the dialect `rooms`: two speak by socket, one by REST.
// Spoken to by: scenes.mjs.
import { Client, system } from "../../kit/client.mjs";
import { history, rest } from "../../kit/rest.mjs";
import { tokenOf } from "../../kit/tokens.mjs";
import { bySocket, byRest, listener } from "./parts.mjs";

const [ANN, BEN, CAT, EAR] = [101, 102, 103, 104];

/** A room of its own for each round. */
export function open(_server, _cast, round) {
  const room = `round_${round}`;
  const payload = (content) => ({ room, content, client_id: content });
  const joined = async (server, id, transports) => {
    const client = await Client.join(server, { token: tokenOf(id), transports });
    client.say("join_room", room);
    await client.hears(...system("You joined the room"));
    return client;
  };
  const speaker = async (server, id) =>
    bySocket(await joined(server, id), "send_message", payload, (ack) => ack.id);
  const post = (server) => (content) =>
    rest(server, "POST", "/messages", {
      token: tokenOf(CAT),
      json: { room_code: room, content },
      headers: { "idempotency-key": content },
    });
  return {
    speakers: {
      ann: (server) => speaker(server, ANN),
      ben: (server) => speaker(server, BEN),
      cat: (server) => byRest(post(server), (body) => body.id),
    },
    listen: async (server, transports, at) => {
      const client = await joined(server, EAR + at, transports);
      return listener(client, "send_message", (line) => Object.values(line)[0]);
    },
    history: (server) => history(server, tokenOf(EAR), room),
  };
}

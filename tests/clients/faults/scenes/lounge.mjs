// A room of `lounge`: two speak by socket; its history has no ids of messages.
// Spoken to by: scenes.mjs.
import { lounger, settleIn } from "../../kit/lounge.mjs";
import { Client } from "../../kit/client.mjs";
import { bySocket, listener } from "./parts.mjs";

const [ANN, BEN, READER, EAR] = [201, 202, 203, 204];

/** A room for each round. */
export function open(_server, _cast, round) {
  const room = String(1_000 + round);
  const seated = async (server, id, transports) => {
    const auth = { token: lounger(id), nickname: `nick_${id}` };
    const client = await Client.connect(server, { auth, transports });
    await settleIn(client, room);
    return client;
  };
  const payload = (text) => ({ type: "text", text, client_id: text });
  const speaker = async (server, id) =>
    bySocket(await seated(server, id), "chatMessage", payload, (ack) => ack.id);
  return {
    speakers: {
      ann: (server) => speaker(server, ANN),
      ben: (server) => speaker(server, BEN),
    },
    listen: async (server, transports, at) => {
      const client = await seated(server, EAR + at, transports);
      return listener(client, "message", ({ type, text }) => (type === "text" ? text : undefined));
    },
    history: async (server) => {
      const client = await seated(server, READER);
      const lines = JSON.parse(client.heard("history")[0]);
      client.leave();
      return lines.map(({ text }) => ({ content: text }));
    },
  };
}

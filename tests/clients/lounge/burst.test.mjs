// Many in a room who speak at once: one order for all of them, and for the history.
import { test } from "node:test";
import { burst } from "../kit/burst.mjs";
import { TRUSTING, fence, seat } from "../kit/lounge.mjs";
import { Polylogue } from "../kit/polylogue.mjs";

const EACH = 40;
const SPEAKERS = 12;
const FENCE = /^fence /;

for (const [name, transports] of [["WebSocket", ["websocket"]], ["polling", ["polling"]]]) {
  test(`a burst of many by ${name}: one order for all, and for the history`, async () => {
    const server = await Polylogue.mounting(["lounge"], ...TRUSTING);
    try {
      const clients = [];
      for (let id = 1; id <= SPEAKERS; id += 1) {
        clients.push(await seat(server, id, "1", { transports }));
      }
      await fence(clients[0], ...clients);
      await burst(clients, {
        each: EACH,
        say: (client, text) => client.say("chatMessage", JSON.stringify({ type: "text", text })),
        heard(client) {
          const texts = client.heard("message").filter(({ type }) => type === "text");
          return texts.map(({ text }) => text);
        },
        async history() {
          const told = JSON.parse(await clients[0].ask("history"));
          return told.map(({ text }) => text).filter((text) => !FENCE.test(text));
        },
      });
      clients.forEach((client) => client.leave());
    } finally {
      await server.remove();
    }
  });
}

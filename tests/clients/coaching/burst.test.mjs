// Many participants who speak at once: one order for all of them, and for the history.
import { test } from "node:test";
import { burst } from "../kit/burst.mjs";
import { Polylogue } from "../kit/polylogue.mjs";
import { crowd, data, group, inside } from "./stage.mjs";

const EACH = 40;
const NAMES = ["Ann", "Ben", "Cat", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon", "Kit", "Leo"];
const PAGE_SIZE = 100;

for (const [name, transports] of [["WebSocket", ["websocket"]], ["polling", ["polling"]]]) {
  test(`a burst of many by ${name}: one order for all, and for the history`, async () => {
    const server = await Polylogue.mounting(["coaching"]);
    try {
      const people = await crowd(server, ...NAMES);
      const [ann, ...others] = people;
      const chat = await group(server, ann, ...others);
      const clients = await inside(server, chat.id, people, transports);
      const path = `/api/chats/${chat.id}/messages?limit=${PAGE_SIZE}`;
      await burst(clients, {
        each: EACH,
        say: (client, content) => client.say("send-message", { chatId: chat.id, content }),
        heard: (client) => client.heard("new-message").map(({ content }) => content),
        async history() {
          const newestFirst = [];
          for (let page = 1; newestFirst.length < people.length * EACH; page += 1) {
            const { messages } = await data(server, ann, "GET", `${path}&page=${page}`);
            newestFirst.push(...messages);
          }
          const spoken = newestFirst.slice(0, people.length * EACH);
          return spoken.map(({ content }) => content).reverse();
        },
      });
      clients.forEach((client) => client.leave());
    } finally {
      await server.remove();
    }
  });
}

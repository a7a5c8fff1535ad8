// The smallest equal server on socket.io: `join`, `message`, `message-with-ack`.
// `node server.mjs PORT [eiows]`; without the second word, the engine is ws.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Server } from "socket.io";

const [port, engine] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const options = { serveClient: false };
if (engine === "eiows") options.wsEngine = require("eiows").Server;

const http = createServer();
const io = new Server(http, options);
io.on("connection", (socket) => {
  socket.on("join", (room) => {
    socket.join(room);
    socket.emit("joined");
  });
  socket.on("message", ({ room, body }) => io.to(room).emit("message", body));
  socket.on("message-with-ack", (payload, ack) => ack(payload));
});
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`listening on http://127.0.0.1:${port}`);
});

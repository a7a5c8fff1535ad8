// The smallest equal server on socket.io: `join`, `message`, `message-with-ack`.
// `node server.mjs PORT [eiows | FILE.db]`. The engine is ws unless it is eiows. With a database,
// `message-with-ack` is stored before it is acked: one insert a message, synced to the disk.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Server } from "socket.io";

const [port, variant = ""] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const options = { serveClient: false };
if (variant === "eiows") options.wsEngine = require("eiows").Server;

const store = variant.endsWith(".db") ? storeIn(variant) : () => {};

const http = createServer();
const io = new Server(http, options);
io.on("connection", (socket) => {
  socket.on("join", (room) => {
    socket.join(room);
    socket.emit("joined");
  });
  socket.on("message", ({ room, body }) => io.to(room).emit("message", body));
  socket.on("message-with-ack", (payload, ack) => {
    store(payload);
    ack(payload);
  });
});
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`listening on http://127.0.0.1:${port}`);
});

function storeIn(file) {
  const Database = require("better-sqlite3");
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec("CREATE TABLE message (id INTEGER PRIMARY KEY, room TEXT, body TEXT, at INTEGER)");
  const insert = database.prepare("INSERT INTO message (room, body, at) VALUES (?, ?, ?)");
  return ({ room, body }) => insert.run(room, body, Date.now());
}

#!/usr/bin/env node
// The stock server (npm socket.io) as the conformance server: `/engine.io/` echoes, `/socket.io/`
// answers `auth`, `message-back` and acks. A program with the flags of the server under test, so
// that either can stand in the other's place. Started by: program.mjs.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { engineio, socketio } from "./packages.mjs";

const { values } = parseArgs({
  options: {
    listen: { type: "string", default: "127.0.0.1:0" },
    "ping-interval-ms": { type: "string", default: "25000" },
    "ping-timeout-ms": { type: "string", default: "20000" },
    "max-payload": { type: "string", default: "1000000" },
    "connect-timeout-ms": { type: "string", default: "45000" },
  },
});

const options = {
  pingInterval: Number(values["ping-interval-ms"]),
  pingTimeout: Number(values["ping-timeout-ms"]),
  maxHttpBufferSize: Number(values["max-payload"]),
  connectTimeout: Number(values["connect-timeout-ms"]),
  cors: { origin: "*" },
};

const http = createServer((_, response) => response.writeHead(404).end());
const echo = engineio.attach(http, { ...options, path: "/engine.io/", destroyUpgrade: false });
echo.on("connection", (session) => session.on("message", (message) => session.send(message)));

const io = new socketio.Server(http, { ...options, destroyUpgrade: false });
io.on("connection", (socket) => {
  socket.emit("auth", socket.handshake.auth);
  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("message-with-ack", (...args) => args.pop()(...args));
});
io.of("/custom").on("connection", (socket) => socket.emit("auth", socket.handshake.auth));

const [host, port] = values.listen.split(":");
http.listen(Number(port), host, () => {
  console.log(`listening on http://${host}:${http.address().port}`);
});
process.on("SIGTERM", () => process.exit(0));

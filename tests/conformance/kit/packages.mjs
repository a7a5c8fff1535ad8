// The npm packages these tests need. They are installed once, beside the client tests, and are
// looked up from there. Spoken to by: wire.mjs and stock.mjs.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../clients/package.json", import.meta.url));

export const { WebSocket } = require("ws");
export const engineio = require("engine.io");
export const socketio = require("socket.io");

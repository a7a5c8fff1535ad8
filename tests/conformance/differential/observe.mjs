// What is looked at, made comparable: session ids are blanked, JSON is read and written again (a
// client sees the value, not its spelling), heartbeats and codes that mean the same are folded.
// Spoken to by: every table of this folder.
import { request } from "../kit/wire.mjs";

const POLLS_MAX = 2_000;

const HEADERS = [
  "content-type",
  "cache-control",
  "content-encoding",
  "access-control-allow-origin",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-allow-credentials",
  "x-xss-protection",
  "set-cookie",
  "location",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
];

/** An answer to a request: status, the headers that matter, body. */
export function answer({ status, headers = {}, body = "" }) {
  const seen = {};
  for (const name of HEADERS) {
    if (headers[name] !== undefined) seen[name] = String(headers[name]).toLowerCase();
  }
  return { status, headers: seen, body: blank(body) };
}

/** An answer's status and body alone. */
export const brief = ({ status, body = "" }) => [status, blank(body)];

/** A request to `server`, observed. */
export async function ask(server, path, options) {
  return answer(await request(`${server}${path}`, options));
}

/** A packet or frame as the receiver understands it. */
export function packet(frame) {
  if (Buffer.isBuffer(frame)) return { binary: frame.toString("base64") };
  if (typeof frame !== "string") return { closed: code(frame.closed) };
  if (frame.length > 10_000) return `${frame.slice(0, 20)}... of ${frame.length}`;
  return blank(respell(frame));
}

/** How a WebSocket was closed: no code and 1000 mean the same to a client. */
export const code = (closed) => (closed === 1000 || closed === 1005 ? "normally" : closed);

/**
 * What comes by WebSocket up to the answer to `fence` or the close. -> `{ frames, lives }`.
 * `isFence` tells the answer from what came before it. The fence is sent twice: the stock server
 * answers a refused CONNECT at once and an event a tick later.
 */
export async function overWebSocket(wire, fence, isFence) {
  wire.send(fence);
  const frames = [];
  for (let fences = 0; fences < 2;) {
    const frame = await wire.next(`the answer to ${fence}`);
    if (isFence(frame)) {
      fences += 1;
      if (fences === 1) wire.send(fence);
      continue;
    }
    if (frame !== "2") frames.push(packet(frame));
    if (frame.closed !== undefined) return { frames, lives: false };
  }
  return { frames, lives: true };
}

/** The same over long-polling; a dead session is what the refused request says. */
export async function overPolling(session, fence, isFence) {
  const posted = await session.post(fence);
  if (posted.status !== 200) return { frames: [], lives: false, refused: brief(posted) };
  const frames = [];
  for (let polls = 0; polls < POLLS_MAX; polls += 1) {
    const polled = await session.poll();
    if (polled.status !== 200) return { frames, lives: false, refused: brief(polled) };
    for (const text of polled.body.split("\x1e")) {
      if (isFence(text)) return { frames, lives: true };
      if (text !== "2") frames.push(packet(text));
    }
  }
  throw new Error(`no answer to ${fence} in ${POLLS_MAX} polls`);
}

/**
 * The answer to a POST whose packets ended the session. The stock server says 200 where the
 * official suite asks for 400 or an aborted request: all the same to a client; a 5xx is not.
 */
export function fatal({ status }) {
  return [200, 400, "reset"].includes(status) ? "ended" : status;
}

/** The Engine.IO echo's fence: an echo of its own. */
export const ECHO_FENCE = ["4fence", (frame) => frame === "4fence"];

/** The Socket.IO fence: a namespace that nobody knows, asked for and refused. */
export const NAMESPACE_FENCE = [
  "40/fence,",
  (frame) => typeof frame === "string" && frame.startsWith("44/fence,"),
];

function blank(text) {
  return text.replace(/"sid":"[\w-]{20}"/g, '"sid":"<sid>"');
}

function respell(frame) {
  const [, head, json] = /^([^[{"]*)([[{"].*)$/s.exec(frame) ?? [];
  if (json === undefined) return frame;
  try {
    return head + JSON.stringify(JSON.parse(json));
  } catch {
    return frame;
  }
}

// How each dialect says no: the event and the ack of a refusal, and the sentence in a REST error.
// Spoken to by: the tests beside it.
import assert from "node:assert/strict";

/** dialect: (words, event asked for, its payload) -> [event told, ack] */
const REFUSALS = {
  rooms: (error) => [["system_message", { message: error, sender: "System" }], { error }],
  coaching: (message) => [["error", { message }], { success: false, message }],
  lounge: (type) => [["alert", { type }], { error: { type } }],
  chatty: (error) => [["error", { message: error }], { error }],
  conversations(words, event, { conversationId }) {
    if (event === "send-message") {
      return [["message-error", { error: words }], { success: false, error: words }];
    }
    const ack = { success: false, conversationId };
    if (event !== "join-conversation") ack.error = words;
    return [["error", { message: words }], ack];
  },
};

/** An alert's text is for people. */
function untexted(value) {
  return JSON.parse(JSON.stringify(value, (key, it) => (key === "text" ? undefined : it)));
}

/** Not a greeting, nor who comes and goes, which is everybody's to know. */
export const isTold = ([event]) => event !== "connected" && !event.startsWith("user:");

/** That an event was refused with these words, as an event and as an ack, and nothing else came. */
export async function assertRefused(dialect, client, event, payload, words, context) {
  client.take();
  const ack = await client.ask(event, payload);
  const told = client.take().filter(isTold);
  const [expected, expectedAck] = REFUSALS[dialect](words, event, payload);
  assert.deepEqual(untexted(ack), expectedAck, context);
  assert.deepEqual(untexted(told), [expected], context);
}

/** That an event was not refused -> its ack. */
export async function assertDone(client, event, payload, context) {
  const ack = await client.ask(event, payload);
  const no = ack?.error ?? (ack?.success === false ? ack : undefined);
  assert.equal(no, undefined, `${context}: ${JSON.stringify(ack)}`);
  return ack;
}

/** The sentence in a dialect's error. */
export function sentence(dialect, status, body) {
  switch (dialect) {
    case "rooms":
      assert.deepEqual(Object.keys(body), ["message", "error", "statusCode"]);
      assert.equal(body.statusCode, status);
      return body.message;
    case "conversations":
      assert.deepEqual(Object.keys(body), ["success", "message", "error", "statusCode"]);
      assert.equal(body.statusCode, status);
      return body.message;
    case "coaching":
      assert.equal(body.success, false);
      return body.message;
    case "lounge":
      assert.deepEqual(Object.keys(body), ["type", "text"]);
      return body.type;
    default:
      assert.deepEqual(Object.keys(body), ["detail"]);
      return typeof body.detail === "string" ? body.detail : body.detail[0].msg;
  }
}

/** That a request was answered as the table says: a status, or a status and a sentence. */
export function assertAnswer(dialect, { status, body }, expected, context) {
  if (typeof expected === "number") {
    assert.equal(status, expected, `${context}: ${JSON.stringify(body)}`);
    return;
  }
  const told = status < 400 ? `${status}` : `${status} ${sentence(dialect, status, body)}`;
  assert.equal(told, expected, `${context}: ${JSON.stringify(body)}`);
}

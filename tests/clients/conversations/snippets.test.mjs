// The snippets printed in the conversations document, as printed but for the address and the ids:
// the examples of each event, the connection's life, the console, and the way through REST. Its
// complete example is in example.test.mjs.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { Surroundings } from "../kit/snippet.mjs";
import { until, within } from "../kit/until.mjs";
import { conversation, history, joined, message } from "./stage.mjs";

let server;
let around;
let other;
before(async () => {
  server = await Polylogue.mounting(["conversations"]);
  around = new Surroundings(server);
  assert.equal((await conversation(server, 1, 2)).id, 1);
});
beforeEach(async () => {
  other = await joined(server, 2, 1);
});
afterEach(() => {
  around.close();
  other.leave();
});
after(() => server?.remove());

const fromOther = (content) => other.ask("send-message", message(2, 1, content));
const once = (socket, event) =>
  within(new Promise((resolve) => socket.once(event, resolve)), event);

test("Example Connection, and the examples of the client's events", async () => {
  const { io } = around;
  const socket = io('http://localhost:3000/chat', {
    query: { userId: 1 },
    transports: ['websocket', 'polling']
  });
  const told = once(socket, "joined-conversation");
  socket.emit('join-conversation', {
    conversationId: 1,
    userId: 1
  });
  assert.deepEqual(await told, { success: true, conversationId: 1 });
  const saved = once(socket, "message-sent");
  socket.emit('send-message', {
    sender_id: 1,
    conversation_id: 1,
    message_type: 'text',
    content: 'Hello, how are you?'
  });
  await other.hears("receive-message", await saved);
  socket.emit('typing', {
    conversationId: 1,
    userId: 1,
    isTyping: true
  });
  await other.hears("user-typing", { conversationId: 1, userId: 1, isTyping: true });
  socket.emit('leave-conversation', {
    conversationId: 1
  });
  await other.hears("user-typing", { conversationId: 1, userId: 1, isTyping: false });
});

describe("the example handlers", () => {
  let socket;
  beforeEach(() => {
    socket = around.io("/chat", { query: { userId: 1 } });
    socket.emit("join-conversation", { conversationId: 1, userId: 1 });
    return once(socket, "joined-conversation");
  });

  test("receive-message", async () => {
    const { console } = around;
    socket.on('receive-message', (data) => {
      console.log('New message:', data);
      // Update UI with new message
    });
    const { data } = await fromOther("for the handler");
    await around.printed("log", "New message:", data);
  });

  test("message-error", async () => {
    const { console, alert } = around;
    socket.on('message-error', (data) => {
      console.error('Message error:', data.error);
      alert(data.error);
    });
    socket.emit("send-message", message(1, 1, ""));
    await around.printed("alert", "content should not be empty");
    await around.printed("error", "Message error:", "content should not be empty");
  });

  test("user-typing", async () => {
    const [shown, hidden] = [[], []];
    const showTypingIndicator = (userId) => shown.push(userId);
    const hideTypingIndicator = (userId) => hidden.push(userId);
    socket.on('user-typing', (data) => {
      if (data.isTyping) {
        showTypingIndicator(data.userId);
      } else {
        hideTypingIndicator(data.userId);
      }
    });
    for (const isTyping of [true, false]) {
      other.say("typing", { conversationId: 1, userId: 2, isTyping });
    }
    await until(() => hidden.length > 0, "the end of typing");
    assert.deepEqual([shown, hidden], [[2], [2]]);
  });
});

test("Connection Lifecycle", async () => {
  const { console } = around;
  const [displayed, typists] = [[], []];
  const displayMessage = (data) => displayed.push(data);
  const showTypingIndicator = (userId) => typists.push(userId);
  const socket = lifecycle(around, displayMessage, showTypingIndicator);
  await around.printed("log", "Joined conversation:", 1);
  assert.deepEqual(around.lines[0], ["log", "Connected to chat server"]);
  await until(() => displayed.length > 0, "one's own message");
  assert.equal(displayed[0].content, "Hello!");
  await other.hears("receive-message", displayed[0]);
  await other.hears("user-typing", { conversationId: 1, userId: 1, isTyping: true });
  other.say("typing", { conversationId: 1, userId: 2, isTyping: true });
  await until(() => typists.length > 0, "somebody who types");
  assert.deepEqual(typists, [2]);

  socket.on('disconnect', () => {
    console.log('Disconnected from chat server');
  });
  socket.disconnect();
  await around.printed("log", "Disconnected from chat server");
});

function lifecycle({ io, console }, displayMessage, showTypingIndicator) {
  const socket = io('http://localhost:3000/chat', {
    query: { userId: 1 }
  });

  socket.on('connect', () => {
    console.log('Connected to chat server');
  });

  socket.emit('join-conversation', {
    conversationId: 1,
    userId: 1
  });

  socket.on('joined-conversation', (data) => {
    console.log('Joined conversation:', data.conversationId);
  });

  // Send
  socket.emit('send-message', {
    sender_id: 1,
    conversation_id: 1,
    message_type: 'text',
    content: 'Hello!'
  });

  // Receive
  socket.on('receive-message', (data) => {
    displayMessage(data);
  });

  // Start typing
  socket.emit('typing', {
    conversationId: 1,
    userId: 1,
    isTyping: true
  });

  // Listen for others typing
  socket.on('user-typing', (data) => {
    if (data.isTyping) {
      showTypingIndicator(data.userId);
    }
  });
  return socket;
}

test("Using Browser Console", async () => {
  const { io, console } = around;
  // Connect
  const socket = io('http://localhost:3000/chat', { query: { userId: 1 } });

  // Join conversation
  socket.emit('join-conversation', { conversationId: 1, userId: 1 });

  // Send message
  socket.emit('send-message', {
    sender_id: 1,
    conversation_id: 1,
    message_type: 'text',
    content: 'Test message'
  });

  // Listen for responses
  socket.on('receive-message', console.log);
  socket.on('message-sent', console.log);
  socket.on('message-error', console.error);

  await until(() => around.lines.length === 2, "both answers");
  const [[, received], [, sent]] = around.lines;
  assert.equal(received.content, "Test message");
  assert.deepEqual(sent, received);
  await other.hears("receive-message", received);
});

test("Integration with REST API", async () => {
  const { io, fetch } = around;
  const body = JSON.stringify({
    "sender_id": 1,
    "receiver_id": 2
  });
  const headers = { "content-type": "application/json" };
  const made = await fetch("/api/chats/conversations", { method: "POST", headers, body });
  assert.equal(made.status, 201);
  const socket = io('http://localhost:3000/chat', { query: { userId: 1 } });
  socket.emit('join-conversation', { conversationId: 1, userId: 1 });
  const saved = once(socket, "message-sent");
  socket.emit('send-message', {
    sender_id: 1,
    conversation_id: 1,
    message_type: 'text',
    content: 'Hello!'
  });
  const sent = await saved;
  const page = await fetch("/api/chats/conversations/1/messages?page=1&limit=20");
  const { messages } = await page.json();
  assert.deepEqual(messages[0], sent);
  assert.deepEqual((await history(server, 1)).at(-1), sent);
});

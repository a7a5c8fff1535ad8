// The snippets printed in the coaching document, as printed but for the address, the token and the
// chat's id: the integration guide, step by step.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { Surroundings } from "../kit/snippet.mjs";
import { within } from "../kit/until.mjs";
import { connect, crowd, group, history } from "./stage.mjs";

let server;
let ann;
let ben;
let around;
before(async () => {
  server = await Polylogue.mounting(["coaching"]);
  [ann, ben] = await crowd(server, "Ann", "Ben");
  around = new Surroundings(server);
});
afterEach(() => around.close());
after(() => server?.remove());

test("Socket.IO Authentication", async () => {
  const [{ io }, authToken] = [around, ann.token];
  const socket = io({
    auth: {
      token: authToken // JWT token obtained from login
    }
  });
  await within(new Promise((resolve) => socket.once("connect", resolve)), "CONNECT");
});

test("Integration Guide, 2: connect, and be told why not", async () => {
  connecting(around, ann.token);
  await around.printed("log", "Connected to socket server");
  connecting(around, "abc");
  const [, words, error] = await around.prints((level) => level === "error", "the refusal");
  assert.equal(words, "Socket connection error:");
  assert.equal(error.message, "Authentication error: Invalid token");
});

function connecting({ io, console }, authToken) {
  const socket = io({
    auth: {
      token: authToken
    }
  });

  socket.on('connect', () => {
    console.log('Connected to socket server');
  });

  socket.on('connect_error', (error) => {
    console.error('Socket connection error:', error);
  });
  return socket;
}

describe("Integration Guide, in a chat", () => {
  let chatId;
  let socket;
  let other;
  beforeEach(async () => {
    ({ id: chatId } = await group(server, ann, ben));
    other = await connect(server, ben);
    await other.ask("join-chat", chatId);
    socket = connecting(around, ann.token);
    joining(socket, chatId);
    await other.hears("user-joined", { chatId, user: ann.name });
  });
  afterEach(() => other.leave());

  test("4 and 5: listen for new messages, send one by REST and one by Socket.IO", async () => {
    listening(around, socket);
    await posting(around, chatId, ann.token);
    const ofNew = (level, words) => words === "New message:";
    const [, , posted] = await around.prints(ofNew, "the first message");
    around.lines.length = 0;
    sending(socket, chatId);
    const [, , sent] = await around.prints(ofNew, "the second message");
    for (const message of [posted, sent]) {
      assert.equal(message.content, "Hello!");
      assert.deepEqual(message.sender, ann.face);
      await other.hears("new-message", message);
    }
    assert.deepEqual((await history(server, ben, chatId)).slice(0, 2), [sent, posted]);
  });

  test("6: typing indicators", async () => {
    typing(around, socket, chatId);
    for (const isTyping of [true, false]) {
      await other.hears("user-typing", { chatId, userId: ann.id, isTyping });
      other.say("typing", { chatId, isTyping });
      const words = isTyping ? "is typing..." : "stopped typing";
      await around.printed("log", `User ${ben.id} ${words}`);
    }
  });

  test("7: notifications", async () => {
    const heard = notifications(around, socket);
    const { id } = await group(server, ben, ann);
    const [, , notification] = await around.prints((_, words) => words === "Notification:", "one");
    assert.equal(notification.data.chatId, id);
    assert.deepEqual(heard, ["refresh chat list"]);
  });
});

function joining(socket, chatId) {
  socket.emit('join-chat', chatId);
}

function listening({ console }, socket) {
  socket.on('new-message', (message) => {
    console.log('New message:', message);
    // Update UI with the new message
  });
}

function posting({ fetch }, chatId, authToken) {
  return fetch(`/api/chats/${chatId}/messages`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Authorization': `Bearer ${authToken}`
    },
    body: JSON.stringify({ content: 'Hello!' })
  });
}

function sending(socket, chatId) {
  socket.emit('send-message', {
    chatId: chatId,
    content: 'Hello!'
  });
}

function typing({ console }, socket, chatId) {
  // When user starts typing
  socket.emit('typing', { chatId: chatId, isTyping: true });

  // When user stops typing
  socket.emit('typing', { chatId: chatId, isTyping: false });

  // Listen for typing events
  socket.on('user-typing', (data) => {
    if (data.isTyping) {
      console.log(`User ${data.userId} is typing...`);
    } else {
      console.log(`User ${data.userId} stopped typing`);
    }
  });
}

function notifications({ console }, socket) {
  const heard = [];
  socket.on('notification', (notification) => {
    console.log('Notification:', notification);
    // Handle different notification types
    switch (notification.type) {
      case 'new-chat':
        // Refresh chat list
        heard.push("refresh chat list");
        break;
      case 'participant-added':
      case 'participant-removed':
      case 'participant-left':
        // Update chat participants
        heard.push("update participants");
        break;
    }
  });
  return heard;
}

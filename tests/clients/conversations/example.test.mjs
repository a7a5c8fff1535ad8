// The complete example printed in the conversations document, as printed but for the address: one
// user runs it, another one talks with them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { Surroundings } from "../kit/snippet.mjs";
import { until } from "../kit/until.mjs";
import { conversation, joined, message } from "./stage.mjs";

let server;
let around;
before(async () => {
  server = await Polylogue.mounting(["conversations"]);
  around = new Surroundings(server);
  assert.equal((await conversation(server, 1, 2)).id, 1);
});
after(async () => {
  around?.close();
  await server?.remove();
});

test("Complete Example", async () => {
  const other = await joined(server, 2, 1);
  const ui = { messages: [], typing: [], status: [] };
  const socket = example(around, ui);
  await around.printed("log", "📥 Joined conversation:", 1);
  const [, , sent] = await around.prints((_, words) => words.startsWith("✅ Message"), "the ack");
  assert.equal(sent.content, "Hello, World!");
  await other.hears("receive-message", sent);
  for (const isTyping of [true, false]) {
    await other.hears("user-typing", { conversationId: 1, userId: 1, isTyping });
    other.say("typing", { conversationId: 1, userId: 2, isTyping });
  }
  await until(() => ui.typing.length === 2, "the other's typing");
  assert.deepEqual(ui.typing, ["User 2 is typing...", "hidden"]);
  const { data } = await other.ask("send-message", message(2, 1, "Hello, you!"));
  await around.printed("log", "📨 New message:", data);
  // A stock client sends what it has kept before its `connect` is heard, so the example speaks
  // before it joins: whether it hears its own first words depends on which of the two is done
  // first. It has been told that they are stored in either case.
  assert.deepEqual(
    ui.messages.filter(({ id }) => id !== sent.id),
    [data],
  );

  socket.emit("send-message", message(1, 9, "to nobody"));
  await around.printed("error", "❌ Message error:", "Conversation not found");
  await around.printed("alert", "Conversation not found");
  socket.emit("join-conversation", { conversationId: 9, userId: 1 });
  await around.printed("error", "❌ Error:", "Conversation not found");
  other.leave();
  await until(() => ui.status.some(([, status]) => status === "offline"), "user 2 to be offline");
  assert.deepEqual(ui.status.at(-1), [2, "offline"]);
  assert.ok(ui.status.some(([userId, status]) => userId === 1 && status === "online"));
  socket.disconnect();
  await around.printed("log", "❌ Disconnected from chat server");
});

function example({ io, console, alert }, ui) {
  const addMessageToUI = (data) => ui.messages.push(data);
  const showTypingIndicator = (words) => ui.typing.push(words);
  const hideTypingIndicator = () => ui.typing.push("hidden");
  const updateUserStatus = (userId, status) => ui.status.push([userId, status]);

  // Initialize connection
  const socket = io('http://localhost:3000/chat', {
    query: { userId: 1 }
  });

  // Connection handlers
  socket.on('connect', () => {
    console.log('✅ Connected to chat server');

    // Join conversation
    socket.emit('join-conversation', {
      conversationId: 1,
      userId: 1
    });
  });

  socket.on('disconnect', () => {
    console.log('❌ Disconnected from chat server');
  });

  // Join conversation confirmation
  socket.on('joined-conversation', (data) => {
    console.log('📥 Joined conversation:', data.conversationId);
  });

  // Receive messages
  socket.on('receive-message', (data) => {
    console.log('📨 New message:', data);
    addMessageToUI(data);
  });

  // Message sent confirmation
  socket.on('message-sent', (data) => {
    console.log('✅ Message sent successfully:', data);
  });

  // Error handling
  socket.on('message-error', (data) => {
    console.error('❌ Message error:', data.error);
    alert(data.error);
  });

  socket.on('error', (data) => {
    console.error('❌ Error:', data.message);
  });

  // Typing indicators
  socket.on('user-typing', (data) => {
    if (data.isTyping) {
      showTypingIndicator(`User ${data.userId} is typing...`);
    } else {
      hideTypingIndicator();
    }
  });

  // User presence
  socket.on('user:online', (data) => {
    updateUserStatus(data.userId, 'online');
  });

  socket.on('user:offline', (data) => {
    updateUserStatus(data.userId, 'offline');
  });

  // Send a message
  function sendMessage(content) {
    socket.emit('send-message', {
      sender_id: 1,
      conversation_id: 1,
      message_type: 'text',
      content: content
    });
  }

  // Send typing indicator
  function setTyping(isTyping) {
    socket.emit('typing', {
      conversationId: 1,
      userId: 1,
      isTyping: isTyping
    });
  }

  // Usage
  sendMessage('Hello, World!');
  setTyping(true);  // Start typing
  setTimeout(() => setTyping(false), 1000);  // Stop typing after 1s
  return socket;
}

// The programs printed in the chatty document, as printed but for the address and the ids.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { Surroundings } from "../kit/snippet.mjs";
import { until } from "../kit/until.mjs";
import { makeChatroom, makeUser, post } from "./kit.mjs";

let server;
let around;
before(async () => {
  server = await Polylogue.mounting(["chatty"]);
  around = new Surroundings(server);
});
afterEach(() => around.close());
after(() => server?.remove());

test("JavaScript/TypeScript Client", async () => {
  const [user, chatroom] = [await makeUser(server), await makeChatroom(server)];
  const socket = client(around, user.id, chatroom.id);
  await around.printed("log", `🎉 Joined chatroom: ${chatroom.id}`);
  assert.deepEqual(around.lines[0], ["log", "✅ Connected to server!"]);
  around.lines.length = 0;
  const message = await post(server, user, chatroom, "Hello everyone!");
  await around.printed("log", `   Time: ${message.created_date}`);
  assert.deepEqual(around.lines, [
    ["log", `💬 New message in chatroom ${chatroom.id}:`],
    ["log", `   User: ${user.id}`],
    ["log", "   Message: Hello everyone!"],
    ["log", `   Time: ${message.created_date}`],
  ]);
  const [shown] = around.element("messages").children;
  assert.match(shown.innerHTML, new RegExp(`<strong>${user.id}:</strong> Hello everyone!`));
  assert.doesNotMatch(shown.innerHTML, /Invalid Date/);

  socket.emit("join", { user_id: user.id });
  await around.printed("error", "❌ Error: user_id and chatroom_id are required");
  socket.emit("leave", { user_id: user.id, chatroom_id: chatroom.id });
  await around.printed("log", `👋 Left chatroom: ${chatroom.id}`);
  socket.disconnect();
  await around.printed("log", "❌ Disconnected from server");
});

test("HTML Example (Browser)", async () => {
  const [user, chatroom] = [await makeUser(server), await makeChatroom(server)];
  const { socket, sendMessage } = page(around, user.id, chatroom.id);
  const joined = new Promise((resolve) => socket.once("joined", resolve));
  await around.printed("log", "Connected!");
  assert.deepEqual(await joined, { chatroom_id: chatroom.id });
  const input = around.element("messageInput");
  input.value = "typed by hand";
  sendMessage();
  await until(() => input.value === "", "the message to be posted");
  const { children } = around.element("messages");
  await until(() => children.length > 0, "the message on the page");
  assert.deepEqual(
    children.map(({ textContent }) => textContent),
    [`${user.id}: typed by hand`],
  );
});

function client({ io, console, document }, userId, chatroomId) {
  // Connect to Socket.IO server
  const socket = io("http://localhost:8000", {
    transports: ["websocket", "polling"],
  });

  // Event handlers
  socket.on("connect", () => {
    console.log("✅ Connected to server!");

    // Join a chatroom after connecting
    socket.emit("join", {
      user_id: userId,
      chatroom_id: chatroomId,
    });
  });

  socket.on("disconnect", () => {
    console.log("❌ Disconnected from server");
  });

  socket.on("joined", (data) => {
    console.log(`🎉 Joined chatroom: ${data.chatroom_id}`);
  });

  socket.on("left", (data) => {
    console.log(`👋 Left chatroom: ${data.chatroom_id}`);
  });

  socket.on("new_message", (data) => {
    console.log(`💬 New message in chatroom ${data.chatroom_id}:`);
    console.log(`   User: ${data.user_id}`);
    console.log(`   Message: ${data.message_text}`);
    console.log(`   Time: ${data.created_date}`);

    // Update your UI with the new message
    addMessageToUI(data);
  });

  socket.on("error", (data) => {
    console.error(`❌ Error: ${data.message}`);
  });

  // Helper function to add message to UI
  function addMessageToUI(message) {
    const messageList = document.getElementById("messages");
    const messageElement = document.createElement("div");
    messageElement.innerHTML = `
    <strong>${message.user_id}:</strong> ${message.message_text}
    <small>${new Date(message.created_date).toLocaleString()}</small>
  `;
    messageList.appendChild(messageElement);
  }
  return socket;
}

function page({ io, console, document, fetch }, userId, chatroomId) {
  const socket = io("http://localhost:8000");

  socket.on("connect", () => {
    console.log("Connected!");
    socket.emit("join", {
      user_id: userId,
      chatroom_id: chatroomId,
    });
  });

  socket.on("new_message", (data) => {
    const messagesDiv = document.getElementById("messages");
    const messageDiv = document.createElement("div");
    messageDiv.textContent = `${data.user_id}: ${data.message_text}`;
    messagesDiv.appendChild(messageDiv);
  });

  function sendMessage() {
    const input = document.getElementById("messageInput");
    const messageText = input.value;

    // Send via REST API (Socket.IO will broadcast to room automatically)
    fetch("http://localhost:8000/messages/", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
      },
      body: JSON.stringify({
        message_text: messageText,
        user_id: userId,
        chatroom_id: chatroomId,
        is_reply: false,
      }),
    }).then(() => {
      input.value = "";
    });
  }
  return { socket, sendMessage };
}

// a conversation: POST /api/chats/conversations {"sender_id":1,"receiver_id":2}
const socket = io("{origin}/chat", { query: { userId: 1 } });
socket.on("receive-message", console.log);
socket.emit("join-conversation", { conversationId: 1, userId: 1 });
const message = { sender_id: 1, conversation_id: 1, message_type: "text", content: "hello" };
socket.emit("send-message", message);

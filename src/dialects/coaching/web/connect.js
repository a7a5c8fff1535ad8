// token: POST /api/auth/login {"email":"alice@example.com","password":"p@ssword"}
const socket = io("{origin}", { auth: { token } });
socket.on("new-message", console.log);
socket.on("notification", console.log);
socket.emit("join-chat", 1);
socket.emit("send-message", { chatId: 1, content: "hello" });

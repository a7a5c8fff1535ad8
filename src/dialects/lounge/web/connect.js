// token: polylogue token --id 1 --name user_1
const socket = io("{origin}", { auth: { token, nickname: "neo" } });
socket.on("connect_error", ({ message, data }) => console.error(message, data));
socket.on("history", (lines) => console.log(JSON.parse(lines)));
socket.on("message", console.log);
socket.emit("joinRoom", { room: "1" });
socket.emit("chatMessage", JSON.stringify({ type: "text", text: "hello" }));

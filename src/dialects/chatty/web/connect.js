// ids: POST /users/ {"name":"Alice","handle":"alice"}, POST /chatrooms/ {"name":"general"}
const socket = io("{origin}", { transports: ["websocket", "polling"] });
socket.on("new_message", console.log);
socket.on("error", console.error);
socket.emit("join", { user_id, chatroom_id });
// speaks: POST /messages/ {"message_text":"hello","user_id":"..","chatroom_id":".."}

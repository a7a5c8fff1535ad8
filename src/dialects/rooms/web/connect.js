// token: POST /auth/login {"username":"user_1","password":"p@ssword"}
const socket = io("{origin}", { auth: { token } });
socket.on("system_message", console.log);
socket.on("join_room", console.log); // what was said before, newest first
socket.on("send_message", console.log);
socket.emit("join_room", "room_1");
socket.emit("send_message", "hello");

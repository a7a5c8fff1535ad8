"""The smallest equal server on python-socketio: `join`, `message`, `message-with-ack`, on uvicorn.

`python server.py PORT`.
"""

import sys

import socketio
import uvicorn

io = socketio.AsyncServer(async_mode="asgi")


@io.on("join")
async def join(sid, room):
    await io.enter_room(sid, room)
    await io.emit("joined", to=sid)


@io.on("message")
async def message(_sid, payload):
    await io.emit("message", payload["body"], room=payload["room"])


@io.on("message-with-ack")
async def message_with_ack(_sid, payload):
    return payload


if __name__ == "__main__":
    app = socketio.ASGIApp(io)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", backlog=4096)

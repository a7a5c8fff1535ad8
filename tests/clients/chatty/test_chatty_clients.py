"""The chatty document walked by python-socketio's two clients, once per transport.

Spoken to by: pytest. The listening side is written as the document writes it, event by event.
"""

import asyncio

import pytest
import requests
import socketio

from conftest import DEADLINE_S, AsyncEar, Ear, Polylogue

REQUIRED = {"message": "user_id and chatroom_id are required"}


@pytest.fixture(params=[("chatty",), ()], ids=["alone", "among all dialects"])
def chatty(request, tmp_path):
    """A server of chatty alone, and one of all dialects."""
    running = Polylogue(tmp_path, request.param)
    yield running
    assert running.stop() == 0


def post(server, path, **body):
    """Makes something -> its body."""
    answer = requests.post(f"{server.url}{path}", json=body, timeout=DEADLINE_S)
    assert answer.status_code == 201, answer.text
    return answer.json()


def say(server, ids, text):
    """Posts a message -> its body."""
    return post(server, "/messages/", message_text=text, is_reply=False, **ids)


@pytest.fixture
def ids(chatty):
    """A user and a chatroom, as `join` takes them."""
    user = post(chatty, "/users/", name="Alice", handle="alice")
    chatroom = post(chatty, "/chatrooms/", name="general")
    return {"user_id": user["id"], "chatroom_id": chatroom["id"]}


def test_the_synchronous_client_walks(chatty, ids, transports):
    here = {"chatroom_id": ids["chatroom_id"]}
    ann, ben = Ear(), Ear()
    for ear in (ann, ben):
        ear.client.connect(chatty.url, transports=transports, wait_timeout=DEADLINE_S)
        assert ear.ask("join", ids) == here
        ear.hears(("joined", here))
        ear.take()
    message = say(chatty, ids, "Hello everyone! 😀")
    for ear in (ann, ben):
        ear.hears(("new_message", message))
        assert ear.take() == [("new_message", message)]

    assert ann.ask("leave", ids) == here
    ann.hears(("left", here))
    ann.take()
    last = say(chatty, ids, "without ann")
    ben.hears(("new_message", last))
    ann.client.emit("join", here)
    ann.hears(("error", REQUIRED))
    assert ann.take() == [("error", REQUIRED)]
    for ear in (ann, ben):
        ear.client.disconnect()


def test_the_documents_own_client_works(chatty, ids, transports):
    async def walk():
        sio = socketio.AsyncClient(reconnection=False)
        told = asyncio.Queue()

        @sio.event
        async def connect():
            await sio.emit("join", ids)

        @sio.event
        async def joined(data):
            await told.put(("joined", data["chatroom_id"]))

        @sio.event
        async def left(data):
            await told.put(("left", data["chatroom_id"]))

        @sio.event
        async def new_message(data):
            await told.put((data["user_id"], data["message_text"], data["created_date"]))

        @sio.event
        async def error(data):
            await told.put(("error", data["message"]))

        def next_told():
            return asyncio.wait_for(told.get(), DEADLINE_S)

        await sio.connect(chatty.url, transports=transports, wait_timeout=DEADLINE_S)
        assert await next_told() == ("joined", ids["chatroom_id"])
        message = await asyncio.to_thread(say, chatty, ids, "Hello everyone!")
        heard = (message["user_id"], message["message_text"], message["created_date"])
        assert await next_told() == heard
        await sio.emit("join", {"user_id": ids["user_id"]})
        assert await next_told() == ("error", REQUIRED["message"])
        await sio.emit("leave", ids)
        assert await next_told() == ("left", ids["chatroom_id"])
        await sio.disconnect()

    asyncio.run(walk())


def test_a_hundred_messages_come_in_the_order_of_the_history(chatty, ids, transports):
    async def walk():
        ear = AsyncEar()
        await ear.client.connect(chatty.url, transports=transports, wait_timeout=DEADLINE_S)
        assert await ear.ask("join", ids) == {"chatroom_id": ids["chatroom_id"]}
        ear.take()
        said = (asyncio.to_thread(say, chatty, ids, f"m{number}") for number in range(100))
        await asyncio.gather(*said)
        await ear.until(lambda log: len(log) == 100, "all of them")
        path = f"/messages/chatroom/{ids['chatroom_id']}"
        history = requests.get(f"{chatty.url}{path}", timeout=DEADLINE_S).json()
        assert history["total"] == 100
        assert [message for _, message in ear.take()] == history["messages"]
        await ear.client.disconnect()

    asyncio.run(walk())

"""The lounge document with both stock Python clients and plain requests."""

import asyncio
import json
import re

import pytest
import requests
import socketio

from conftest import DEADLINE_S, AsyncEar, Ear, Polylogue

TIME = re.compile(r"^(1[0-2]|[1-9]):[0-5]\d [ap]m$")


@pytest.fixture
def lounge(tmp_path):
    """A server on fresh data, which stops in order."""
    running = Polylogue(tmp_path, ("lounge",))
    yield running
    assert running.stop() == 0


def auth(server, user):
    """What a client of `user` connects with."""
    return {"token": server.token(user), "nickname": f"nick_{user}"}


def untimed(message):
    """A message without its time, which has the document's form."""
    assert TIME.match(message["time"]), message
    return {key: value for key, value in message.items() if key != "time"}


def notice(text):
    """What the server itself says."""
    return ("message", {"type": "system", "text": text})


def users(room, *ids):
    """Who is in a room."""
    return ("roomUsers", {"room": room, "users": [{"id": i, "nickname": f"nick_{i}"} for i in ids]})


def plain(log):
    """A log without times, the histories parsed, the alerts as their codes."""
    spell = {
        "message": untimed,
        "history": lambda text: [untimed(message) for message in json.loads(text)],
        "alert": lambda alert: alert["type"],
    }
    return [(event, spell.get(event, lambda same: same)(payload)) for event, payload in log]


def says(text):
    """Whether a log holds a message of that text."""
    return lambda log: any(
        event == "message" and payload["text"] == text for event, payload in log
    )


def test_the_walk_with_the_asyncio_client(lounge, transports):
    async def walk():
        ann, ben = AsyncEar(), AsyncEar()
        await ann.enter(lounge, transports, auth(lounge, 1))
        await ann.client.emit("joinRoom", {"room": "1"})
        await ann.until(says("user 1 joined"), "the join")
        welcome = notice("welcome to chat")
        heard = [("history", []), welcome, users("1", 1), notice("user 1 joined")]
        assert plain(ann.take()) == heard
        await ann.client.emit("chatMessage", json.dumps({"type": "text", "text": "hello 😀"}))
        await ann.until(says("hello 😀"), "the text")
        text = {"type": "text", "id": 1, "text": "hello 😀", "nickname": "nick_1"}
        assert plain(ann.take()) == [("message", text)]

        await ben.enter(lounge, transports, auth(lounge, 2))
        await ben.client.emit("joinRoom", {"room": "1"})
        await ben.until(says("user 2 joined"), "the join")
        both = [users("1", 1, 2), notice("user 2 joined")]
        assert plain(ben.take()) == [("history", [text]), welcome, *both]
        picture = {"type": "image", "text": "look", "imageUrl": "/cat.png"}
        ack = await ben.ask("chatMessage", json.dumps(picture))
        assert isinstance(ack["id"], int)
        await ann.until(says("look"), "the image")
        image = {"id": 2, "nickname": "nick_2", **picture}
        assert plain(ann.take()) == [*both, ("message", image)]
        assert plain([("history", await ann.ask("history"))]) == [("history", [text, image])]
        assert plain(ann.take()) == [("history", [text, image])]

        await ben.client.disconnect()
        await ann.until(lambda log: log and log[-1][0] == "roomUsers", "the leave")
        assert plain(ann.take()) == [notice("user 2 left the chat"), users("1", 1)]
        await ann.client.disconnect()

    asyncio.run(walk())


def test_the_walk_with_the_synchronous_client(lounge, transports):
    ann, other = Ear(), Ear()
    ann.enter(lounge, transports, auth(lounge, 1))
    assert ann.client.transport() == transports[-1]
    assert ann.ask("joinRoom", {"room": "1"}) == {"room": "1"}
    ann.until(says("user 1 joined"), "the join")
    other.enter(lounge, transports, auth(lounge, 1))
    for event, payload, code in [
        ("joinRoom", {"room": "one"}, "E11"),
        ("joinRoom", {"room": "1"}, "E15"),
        ("chatMessage", "hello", "E16"),
        ("chatMessage", json.dumps({"type": "text", "text": "hello"}), "E17"),
    ]:
        assert other.ask(event, payload)["error"]["type"] == code
        other.until(lambda log: log, "the alert")
        assert plain(other.take()) == [("alert", code)]
    assert ann.ask("leaveRoom") == {"room": "1"}
    assert other.ask("joinRoom", {"room": "1"}) == {"room": "1"}
    for ear in (ann, other):
        ear.client.disconnect()


@pytest.mark.parametrize(
    ("given", "code", "content"),
    [
        ({"nickname": "neo"}, "E02", "login required"),
        ({"token": "abc", "nickname": "neo"}, "E02", "login required"),
        ({"token": True}, "E04", "nickname required"),
        ({"token": True, "nickname": ""}, "E04", "nickname required"),
    ],
)
def test_refusals(lounge, transports, given, code, content):
    if given.get("token") is True:
        given = {**given, "token": lounge.token(1)}
    ear = Ear()
    with pytest.raises(socketio.exceptions.ConnectionError):
        ear.enter(lounge, transports, given)
    ear.hears(("connect_error", {"message": code, "data": {"content": content}}))


def test_a_room_with_an_end(lounge):
    ann = Ear()
    ann.enter(lounge, ["websocket"], auth(lounge, 1))
    ann.ask("joinRoom", {"room": "1"})
    ann.until(says("user 1 joined"), "the join")
    ann.take()
    answer = requests.post(
        f"{lounge.url}/api/rooms",
        json={"room": "1", "expires_in": 1},
        headers={"Authorization": f"Bearer {lounge.token(2)}"},
        timeout=DEADLINE_S,
    )
    assert (answer.status_code, answer.json()["room"]) == (201, "1")
    ann.until(lambda log: log, "the end")
    assert plain(ann.take()) == [("alert", "E14")]
    ann.client.disconnect()

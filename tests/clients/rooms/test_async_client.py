"""The rooms document walked by python-socketio's AsyncClient, once per transport."""

import asyncio

import pytest
import socketio

from conftest import AsyncEar, system

ROOM = "room_1"


async def fence(server, token, ears):
    """A message by REST that all must hear: whatever the room had to say before, it has said."""
    content = f"fence {id(ears)}"
    answer = await asyncio.to_thread(server.post, token, ROOM, content)
    assert answer.status_code == 201
    for ear in ears:
        entry = ("send_message", {"user_9": content})
        await ear.hears(entry)
        ear.log.remove(entry)


async def joined(server, transports, user):
    """A user in the default room, the log emptied."""
    ear = AsyncEar()
    await ear.join(server, transports, server.token(user))
    await ear.client.emit("join_room")
    await ear.until(lambda log: any(event == "system_message" for event, _ in log), "the join")
    ear.take()
    return ear


def test_welcome_over_the_transport_asked_for(server, transports):
    async def walk():
        ear = AsyncEar()
        await ear.join(server, transports, server.token(1))
        assert ear.take() == [("connected", {"message": "Welcome user_1 to the server"})]
        assert ear.client.transport() == transports[-1]
        await ear.leave()

    asyncio.run(walk())


def test_the_walk(server, transports):
    async def walk():
        watcher = server.token(9)
        ann, ben = AsyncEar(), AsyncEar()
        await ann.join(server, transports, server.token(1))
        await ben.join(server, transports, server.token(2))
        ann.take(), ben.take()

        await ann.client.emit("join_room")
        await ann.hears(system("You joined the room"))
        await ben.client.emit("join_room", {"room": ROOM})
        await ann.hears(system("user_2 joined the room"))
        assert ann.take() == [system("You joined the room"), system("user_2 joined the room")]

        first = await ann.ask("send_message", "aloha")
        second = await ben.ask("send_message", {"room": ROOM, "content": "hello 😀"})
        assert isinstance(first["id"], int) and second["id"] > first["id"]
        await fence(server, watcher, [ann, ben])
        assert ann.take() == [("send_message", {"user_2": "hello 😀"})]
        assert ben.take() == [system("You joined the room"), ("send_message", {"user_1": "aloha"})]

        await told_of_the_past(server, transports, ann, ben)
        await tabs(server, transports, watcher, ann, ben)
        await deletes(ben, own=second["id"], other=first["id"])

        await ann.leave()
        await ben.hears(system("user_1 left the room"))
        await ben.leave()

    asyncio.run(walk())


async def told_of_the_past(server, transports, ann, ben):
    """A late joiner reads the room's messages newest first; leaving, it is read of."""
    late = AsyncEar()
    await late.join(server, transports, server.token(3))
    late.take()
    await late.client.emit("join_room", ROOM)
    await late.until(lambda log: ("join_room", {"user_1": "aloha"}) in log, "the oldest message")
    await late.hears(system("You joined the room"))
    past = [payload for event, payload in late.take() if event == "join_room"]
    newest, *rest = past
    assert list(newest) == ["user_9"]
    assert rest == [{"user_2": "hello 😀"}, {"user_1": "aloha"}]
    await late.client.emit("leave_room", ROOM)
    await late.hears(system("You left the room room_1"))
    notices = [system("user_3 joined the room"), system("user_3 left the room")]
    for ear in (ann, ben):
        await ear.hears(notices[1])
        assert ear.take() == notices
    await late.leave()


async def tabs(server, transports, watcher, ann, ben):
    """A second connection of one user: subscribed in silence, taken out with the first."""
    tab = AsyncEar()
    await tab.join(server, transports, server.token(1))
    await tab.client.emit("join_room")
    await tab.hears(system("You are already in room room_1"))
    await ann.ask("send_message", "to the other tab")
    await tab.hears(("send_message", {"user_1": "to the other tab"}))
    await fence(server, watcher, [ann, ben, tab])
    assert ann.take() == []
    assert ben.take() == [("send_message", {"user_1": "to the other tab"})]
    tab.take()

    await tab.client.emit("leave_room")
    await ben.hears(system("user_1 left the room"))
    refused = await ann.ask("send_message", "from outside")
    assert isinstance(refused["error"], str)
    await ann.hears(system("You are not in room room_1"))
    await tab.leave()
    await ann.client.emit("join_room")
    await ann.hears(system("You joined the room"))
    await ben.hears(system("user_1 joined the room"))
    assert ben.take() == [system("user_1 left the room"), system("user_1 joined the room")]


async def deletes(ear, own, other):
    """Own messages only, in the document's words."""
    ear.take()
    words = {own: f"Message {own} deleted", other: f"Error {other} deleted"}
    words[123123123] = "Error 123123123 deleted"
    for message, answer in words.items():
        await ear.client.emit("delete_message", message)
        await ear.hears(system(answer))
        assert ear.take() == [system(answer)]


def test_edges(server, transports):
    async def walk():
        watcher = server.token(9)
        ann = await joined(server, transports, 1)
        ben = await joined(server, transports, 2)
        for blank in ["", "  ", {"room": ROOM, "content": ""}, {"room": ROOM}]:
            answer = await ann.ask("send_message", blank)
            assert isinstance(answer["error"], str), blank
        keyed = {"room": ROOM, "content": "once", "client_id": "key"}
        acks = [await ann.ask("send_message", keyed) for _ in range(2)]
        assert acks[0]["id"] == acks[1]["id"]
        for number in range(30):
            await ann.client.emit("send_message", f"m{number}")
        await ann.ask("send_message", "last")
        await fence(server, watcher, [ben])
        contents = ["once", *(f"m{number}" for number in range(30)), "last"]
        assert ben.take() == [("send_message", {"user_1": content}) for content in contents]
        await ann.leave()
        await ben.leave()

    asyncio.run(walk())


@pytest.mark.parametrize("token", [None, "", "abc"])
def test_no_or_bad_token_is_refused(server, transports, token):
    async def walk():
        ear = AsyncEar()
        with pytest.raises(socketio.exceptions.ConnectionError):
            await ear.join(server, transports, token)
        await ear.hears(("connect_error", {"message": "Unauthorized"}))

    asyncio.run(walk())


@pytest.mark.parametrize("header", ["token", "Authorization"])
def test_a_token_in_a_header_lets_in(server, transports, header):
    async def walk():
        token = server.token(4)
        ear = AsyncEar()
        value = token if header == "token" else f"Bearer {token}"
        await ear.client.connect(server.url, headers={header: value}, transports=transports)
        await ear.hears(("connected", {"message": "Welcome user_4 to the server"}))
        await ear.leave()

    asyncio.run(walk())

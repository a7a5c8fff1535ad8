"""The conversations document walked by both stock Python clients, once per transport."""

import asyncio

import pytest
import requests
import socketio

from conftest import DEADLINE_S, AsyncEar, Ear, Polylogue

CHAT = "/chat"


@pytest.fixture
def server(tmp_path):
    """A server of this dialect alone, on fresh data."""
    running = Polylogue(tmp_path, dialects=["conversations"])
    yield running
    assert running.stop() == 0


def api(server, method, path, json=None):
    """One request of the API -> `(status, body)`."""
    url = f"{server.url}/api/chats{path}"
    answer = requests.request(method, url, json=json, timeout=DEADLINE_S)
    return answer.status_code, answer.json()


def conversation(server, sender, receiver):
    """The conversation of two."""
    pair = {"sender_id": sender, "receiver_id": receiver}
    status, body = api(server, "POST", "/conversations", pair)
    assert status == 201
    return body["data"]


def message(sender, number, content):
    """A message as `send-message` takes it."""
    return {
        "sender_id": sender,
        "conversation_id": number,
        "message_type": "text",
        "content": content,
    }


def listening(ear):
    """The ear, with the log open for the namespace of this dialect."""
    ear.client.on("*", ear._hear, namespace=CHAT)
    return ear


def talk(ear):
    """What was heard, but for who came and went."""
    return [(event, payload) for event, payload in ear.take() if not event.startswith("user:")]


def test_the_walk_of_the_synchronous_client(server, transports):
    known = conversation(server, 1, 2)

    def joined(user):
        ear = listening(Ear())
        url = f"{server.url}?userId={user}"
        ear.client.connect(url, namespaces=[CHAT], transports=transports, wait_timeout=DEADLINE_S)
        ear.hears(("user:online", {"userId": user}))
        ack = ear.client.call(
            "join-conversation",
            {"conversationId": known["id"], "userId": user},
            namespace=CHAT,
            timeout=DEADLINE_S,
        )
        assert ack == {"success": True, "conversationId": known["id"]}
        ear.hears(("joined-conversation", ack))
        ear.take()
        return ear

    ann, ben = joined(1), joined(2)
    ann.hears(("user:online", {"userId": 2}))
    ack = ann.client.call("send-message", message(1, known["id"], "Hello 😀"), CHAT, DEADLINE_S)
    sent = ack["data"]
    assert ack["success"] and sent["conversation"] == known and sent["content"] == "Hello 😀"
    for event in ("receive-message", "message-sent"):
        ann.hears((event, sent))
    ben.hears(("receive-message", sent))
    assert talk(ben) == [("receive-message", sent)]

    typing = {"conversationId": known["id"], "userId": 2, "isTyping": True}
    ben.client.emit("typing", typing, namespace=CHAT)
    ann.hears(("user-typing", typing))

    status, page = api(server, "GET", f"/conversations/{known['id']}/messages?page=1&limit=20")
    assert (status, page["messages"], page["total"]) == (200, [sent], 1)

    ben.leave()
    ann.hears(("user:offline", {"userId": 2}))
    ann.leave()


def test_the_walk_of_the_asyncio_client(server, transports):
    known = conversation(server, 1, 2)

    async def joined(user):
        ear = listening(AsyncEar())
        url = f"{server.url}?userId={user}"
        await ear.client.connect(
            url, namespaces=[CHAT], transports=transports, wait_timeout=DEADLINE_S
        )
        seat = {"conversationId": known["id"], "userId": user}
        await ear.client.emit("join-conversation", seat, namespace=CHAT)
        done = {"success": True, "conversationId": known["id"]}
        await ear.hears(("joined-conversation", done))
        ear.take()
        return ear

    async def walk():
        ann, ben = await joined(1), await joined(2)
        for number in range(20):
            words = message(1, known["id"], f"m{number}")
            await ann.client.emit("send-message", words, namespace=CHAT)
        last = await ben.client.call(
            "send-message", message(2, known["id"], "last"), CHAT, DEADLINE_S
        )
        wrong = await ben.client.call(
            "send-message", message("2", known["id"], "no"), CHAT, DEADLINE_S
        )
        assert wrong == {"success": False, "error": "sender_id must be an integer number"}
        await ben.hears(("message-error", {"error": wrong["error"]}))
        for ear in (ann, ben):
            await ear.until(
                lambda log: sum(event == "receive-message" for event, _ in log) == 21, "all"
            )
        heard = [payload for event, payload in ben.take() if event == "receive-message"]
        assert [one for event, one in ann.take() if event == "receive-message"] == heard
        assert last["data"] in heard
        _, page = await asyncio.to_thread(
            api, server, "GET", f"/conversations/{known['id']}/messages?limit=100"
        )
        assert page["messages"][::-1] == heard
        await ann.leave()
        await ben.leave()

    asyncio.run(walk())


@pytest.mark.parametrize("query", ["", "?userId=", "?userId=abc", "?userId=0"])
def test_no_or_bad_user_id_is_refused(server, transports, query):
    client = socketio.Client(reconnection=False)
    refusals = []
    client.on("connect_error", refusals.append, namespace=CHAT)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(
            f"{server.url}{query}",
            namespaces=[CHAT],
            transports=transports,
            wait_timeout=DEADLINE_S,
        )
    assert refusals == [{"message": "userId is required"}]

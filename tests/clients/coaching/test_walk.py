"""The coaching document with both stock Python clients: login, chats, messages, notifications."""

import pytest
import requests
import socketio

from conftest import DEADLINE_S, AsyncEar, Ear, Polylogue

PASSWORD = "p@ssword"


@pytest.fixture
def coaching(tmp_path):
    """A server of this dialect alone, with the demo's people."""
    running = Polylogue(tmp_path, dialects=["coaching"])
    running.demo()
    yield running
    assert running.stop() == 0


def rest(server, token, method, path, body=None):
    """A request as somebody -> its `data`; it must be answered well."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{server.url}{path}"
    answer = requests.request(method, url, json=body, headers=headers, timeout=DEADLINE_S)
    assert answer.ok, answer.text
    return answer.json()["data"]


def login(server, email):
    """A token and who it speaks for."""
    found = rest(server, None, "POST", "/api/auth/login", {"email": email, "password": PASSWORD})
    return found["token"], found["user"]


def has(event, **fields):
    """A condition on a log: that event has come, with these fields."""
    return lambda log: any(
        name == event and all(payload.get(key) == value for key, value in fields.items())
        for name, payload in log
    )


def test_the_walk(coaching, transports):
    (ann_token, ann), (bob_token, bob) = (
        login(coaching, f"{name}@example.com") for name in ("alice", "bob")
    )
    alice, ben = Ear(), Ear()
    for ear, token in ((alice, ann_token), (ben, bob_token)):
        ear.client.connect(
            coaching.url, auth={"token": token}, transports=transports, wait_timeout=DEADLINE_S
        )
    chat = rest(coaching, ann_token, "POST", "/api/chats", {"participant_ids": [bob["id"]]})["id"]
    for ear in (alice, ben):
        ear.until(has("notification", type="new-chat"), "the new chat")
    assert alice.ask("join-chat", chat) == {"success": True, "chatId": chat}
    assert ben.ask("join-chat", {"chatId": chat})["success"]
    user = {key: bob[key] for key in ("id", "first_name", "last_name")}
    alice.hears(("user-joined", {"chatId": chat, "user": user}))

    sent = alice.ask("send-message", {"chatId": chat, "content": "Hello!"})["data"]
    assert sent["sender"]["first_name"] == "Alice"
    for ear in (alice, ben):
        ear.hears(("new-message", sent))
    body = {"content": "Hi by REST"}
    posted = rest(coaching, bob_token, "POST", f"/api/chats/{chat}/messages", body)
    for ear in (alice, ben):
        ear.hears(("new-message", posted))
    ben.client.emit("typing", {"chatId": chat, "isTyping": True})
    alice.hears(("user-typing", {"chatId": chat, "userId": bob["id"], "isTyping": True}))
    ben.client.emit("leave-chat", chat)
    alice.hears(("user-left", {"chatId": chat, "userId": bob["id"]}))
    assert ben.ask("join-chat", 4711)["message"] == "You are not a participant in this chat"
    ben.hears(("error", {"message": "You are not a participant in this chat"}))
    page = rest(coaching, ann_token, "GET", f"/api/chats/{chat}/messages")
    assert page["messages"] == [posted, sent]
    alice.leave()
    ben.leave()


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (None, "Authentication error: Token not provided"),
        ("abc", "Authentication error: Invalid token"),
    ],
)
def test_no_or_bad_token_is_refused(coaching, transports, token, words):
    ear = Ear()
    with pytest.raises(socketio.exceptions.ConnectionError):
        ear.client.connect(
            coaching.url, auth={"token": token}, transports=transports, wait_timeout=DEADLINE_S
        )
    ear.hears(("connect_error", {"message": words}))


def test_a_group_by_the_asyncio_client(coaching):
    import asyncio

    asyncio.run(group_walk(coaching))


async def group_walk(server):
    """Adding, removing, leaving, as those concerned are told."""
    (ann_token, ann), (bob_token, bob) = (
        login(server, f"{name}@example.com") for name in ("alice", "bob")
    )
    body = {"name": "Verbs", "is_group": True, "participant_ids": [1]}
    chat = rest(server, ann_token, "POST", "/api/chats", body)["id"]
    ear = AsyncEar()
    await ear.client.connect(server.url, auth={"token": bob_token}, wait_timeout=DEADLINE_S)
    path = f"/api/chats/{chat}/participants"
    rest(server, ann_token, "POST", path, {"user_id": bob["id"]})
    await ear.until(has("notification", type="participant-added"), "being added")
    assert (await ear.ask("join-chat", chat))["success"]
    headers = {"Authorization": f"Bearer {ann_token}"}
    gone = requests.delete(
        f"{server.url}{path}/{bob['id']}", headers=headers, timeout=DEADLINE_S
    )
    assert gone.status_code == 200
    await ear.until(has("notification", type="participant-removed"), "being removed")
    refused = await ear.ask("send-message", {"chatId": chat, "content": "still here?"})
    assert refused == {"success": False, "message": "You are not a participant in this chat"}
    await ear.leave()

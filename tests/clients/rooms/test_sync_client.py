"""The rooms document with python-socketio's synchronous Client and plain requests."""

import pytest
import requests
import socketio

from conftest import DEADLINE_S, Ear, system

ROOM = "room_1"


def joined(server, transports, user):
    """A user in the default room, the log emptied."""
    ear = Ear()
    ear.join(server, transports, server.token(user))
    ear.client.emit("join_room")
    ear.until(lambda log: any(event == "system_message" for event, _ in log), "the join")
    ear.take()
    return ear


def fence(server, token, ears):
    """A message by REST that all must hear, and that leaves no trace in their logs."""
    content = f"fence {id(ears)}"
    assert server.post(token, ROOM, content).status_code == 201
    for ear in ears:
        ear.hears(("send_message", {"user_9": content}))
        ear.log.remove(("send_message", {"user_9": content}))


def test_the_walk(server, transports):
    watcher = server.token(9)
    ann = Ear()
    ann.join(server, transports, server.token(1))
    assert ann.take() == [("connected", {"message": "Welcome user_1 to the server"})]
    assert ann.client.transport() == transports[-1]
    ann.client.emit("join_room", ROOM)
    ann.hears(system("You joined the room"))
    ben = joined(server, transports, 2)
    ann.hears(system("user_2 joined the room"))
    ann.take()

    ack = ann.ask("send_message", "aloha")
    assert isinstance(ack["id"], int)
    ben.ask("send_message", {"room": ROOM, "content": "hello"})
    fence(server, watcher, [ann, ben])
    assert ann.take() == [("send_message", {"user_2": "hello"})]
    assert ben.take() == [("send_message", {"user_1": "aloha"})]

    for message, answer in {
        ack["id"]: f"Message {ack['id']} deleted",
        123123123: "Error 123123123 deleted",
    }.items():
        ann.client.emit("delete_message", message)
        ann.hears(system(answer))
    ann.client.emit("leave_room")
    ann.hears(system("You left the room room_1"))
    ben.hears(system("user_1 left the room"))
    assert isinstance(ann.ask("send_message", "from outside")["error"], str)
    ann.hears(system("You are not in room room_1"))
    ann.client.emit("join_room")
    ben.hears(system("user_1 joined the room"))
    ann.leave()
    fence(server, watcher, [ben])
    notices = [system(f"user_1 {verb} the room") for verb in ("left", "joined", "left")]
    ben.until(lambda log: log.count(notices[0]) == 2, "the last notice")
    assert sorted(map(str, ben.take())) == sorted(map(str, notices))
    ben.leave()


@pytest.mark.parametrize("token", [None, "", "abc"])
def test_no_or_bad_token_is_refused(server, transports, token):
    ear = Ear()
    with pytest.raises(socketio.exceptions.ConnectionError):
        ear.join(server, transports, token)
    ear.hears(("connect_error", {"message": "Unauthorized"}))


def test_rest_from_login_to_delete(server):
    server.demo()
    url = f"{server.url}/auth/login"
    good = {"username": "user_1", "password": "p@ssword"}
    answer = requests.post(url, json=good, timeout=DEADLINE_S)
    assert (answer.status_code, list(answer.json())) == (201, ["access_token"])
    token = answer.json()["access_token"]
    wrong = requests.post(url, json={**good, "password": "x"}, timeout=DEADLINE_S)
    assert (wrong.status_code, wrong.json()["message"]) == (400, "Incorrect credentials")

    listener = joined(server, ["websocket"], 1)
    for number in range(17):
        assert server.post(token, ROOM, f"m{number}").status_code == 201
    listener.hears(("send_message", {"user_1": "m16"}))
    first, second = server.page(token, ROOM), server.page(token, ROOM, 2)
    contents = [message["content"] for message in first + second]
    assert contents == [f"m{number}" for number in reversed(range(17))]
    assert len(first) == 15

    def delete(bearer, message):
        return requests.delete(
            f"{server.url}/messages",
            json={"message_id": message},
            headers={"Authorization": f"Bearer {bearer}"},
            timeout=DEADLINE_S,
        )

    newest = first[0]["id"]
    refused = delete(server.token(2), newest)
    assert (refused.status_code, refused.json()["statusCode"]) == (403, 403)
    assert refused.json()["message"] == "Not allowed to delete message"
    assert delete(token, newest).status_code == 200
    assert server.page(token, ROOM)[0]["content"] == "m15"
    assert delete("abc", newest).status_code == 401
    listener.leave()

"""Python clients know nothing of offsets: no handler is given an argument too many, and what a
handler for everything hears besides is one event, `offset`, with one string. Spoken to by: pytest.
"""

import threading

import socketio

from conftest import DEADLINE_S, OFFSET


def connected(server, transports, user):
    """A client without handlers, in the room."""
    client = socketio.Client(reconnection=False)
    auth = {"token": server.token(user)}
    client.connect(server.url, auth=auth, transports=transports, wait_timeout=DEADLINE_S)
    assert client.call("join_room", "python", timeout=DEADLINE_S) == {"room": "python"}
    return client


def say(client, content):
    """Says something; it is stored when this returns."""
    said = {"room": "python", "content": content}
    assert isinstance(client.call("send_message", said, timeout=DEADLINE_S)["id"], int)


def test_no_handler_is_given_an_argument_too_many(server, transports):
    ann, ben = (connected(server, transports, user) for user in (1, 2))
    heard, everything, is_over = [], [], threading.Event()

    def hear(line):
        heard.append(line)
        if line == {"user_1": "three"}:
            is_over.set()

    ben.on("send_message", hear)
    ben.on("*", lambda event, *args: everything.append((event, *args)))
    for content in ("one", "two", "three"):
        say(ann, content)
    assert is_over.wait(DEADLINE_S), heard
    # Behind the last message there is an offset; an ack behind both has brought it.
    say(ben, "and back")

    contents = [line["user_1"] for line in heard]
    assert sorted(contents) == sorted(["one", "two", "three"])
    others = {event for event, *_ in everything}
    assert others == {OFFSET}, everything
    assert all(len(args) == 1 and isinstance(args[0], str) for _, *args in everything)
    for client in (ann, ben):
        client.disconnect()

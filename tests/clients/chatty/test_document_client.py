"""The chatty document's Python client, run as printed (`document_client.py`) but for the address
and the ids. Spoken to by: pytest.
"""

import os
import pathlib
import queue
import subprocess
import sys
import threading

import pytest
import requests

from conftest import DEADLINE_S, Polylogue

PRINTED = pathlib.Path(__file__).with_name("document_client.py").read_text(encoding="utf-8")


class Program:
    """A Python program whose lines are waited for."""

    def __init__(self, text):
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", text],
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def says(self, *lines):
        """Waits for just these lines."""
        assert tuple(self._lines.get(timeout=DEADLINE_S) for _ in lines) == lines

    def end(self):
        self.process.kill()
        self.process.wait(DEADLINE_S)


@pytest.fixture
def chatty(tmp_path):
    running = Polylogue(tmp_path, ("chatty",))
    yield running
    if running.process.poll() is None:
        assert running.stop() == 0


def make(server, path, **body):
    answer = requests.post(f"{server.url}{path}", json=body, timeout=DEADLINE_S)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_printed_python_client(chatty):
    user = make(chatty, "/users/", name="Alice", handle="alice")["id"]
    chatroom = make(chatty, "/chatrooms/", name="general")["id"]
    text = PRINTED.replace("http://localhost:8000", chatty.url)
    text = text.replace("your-user-uuid-here", user).replace("your-chatroom-uuid-here", chatroom)
    program = Program(text)
    try:
        program.says("✅ Connected to server!", f"🎉 Joined chatroom: {chatroom}")
        body = {"message_text": "Hello everyone!", "user_id": user, "chatroom_id": chatroom}
        message = make(chatty, "/messages/", is_reply=False, **body)
        program.says(
            f"💬 New message in chatroom {chatroom}:",
            f"   User: {user}",
            "   Message: Hello everyone!",
            f"   Time: {message['created_date']}",
        )
        assert chatty.stop() == 0
        program.says("❌ Disconnected from server")
    finally:
        program.end()

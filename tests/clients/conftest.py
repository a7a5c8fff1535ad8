"""The kit of the Python tests: the real binary as a fixture, and ears for both stock clients.

What is waited for is a condition with a deadline, never a time. The binary is POLYLOGUE_BIN, else
the release build. Spoken to by: the tests in rooms/.
"""

import asyncio
import os
import pathlib
import re
import subprocess
import threading

import pytest
import requests
import socketio

DEADLINE_S = 10
# What a client without connection state recovery passes over.
OFFSET = "offset"
# A client refused over polling may wait for its pending poll, and so for the next ping.
PING_INTERVAL_MS = 1_000
BUILT = pathlib.Path(__file__).parents[2] / "target" / "release" / "polylogue"
PROGRAM = os.environ.get("POLYLOGUE_BIN", str(BUILT))

TRANSPORTS = {
    "polling only": ["polling"],
    "WebSocket only": ["websocket"],
    "polling, then upgrade": ["polling", "websocket"],
}


def system(message):
    """What the server itself says, as an entry of an ear's log."""
    return ("system_message", {"message": message, "sender": "System"})


class Polylogue:
    """A running server; with no dialects named, of all of them."""

    def __init__(self, data, dialects=("rooms",)):
        self.data = str(data)
        place = ["--listen", "127.0.0.1:0", "--data", self.data]
        mounted = [word for dialect in dialects for word in ("--dialect", dialect)]
        pulse = ["--ping-interval-ms", str(PING_INTERVAL_MS)]
        self.process = subprocess.Popen(
            [PROGRAM, "serve", *place, *mounted, *pulse], stdout=subprocess.PIPE, text=True
        )
        late = threading.Timer(DEADLINE_S, self.process.kill)
        late.start()
        self.url = None
        for line in self.process.stdout:
            if found := re.match(r"listening on (http://\S+)", line):
                self.url = found[1]
                break
        late.cancel()
        if self.url is None:
            raise RuntimeError(f"{PROGRAM} is not ready in time")

    def token(self, user, ttl="1h"):
        """A token of the command `token`, for the user `user_<user>`."""
        who = ["--id", str(user), "--name", f"user_{user}", "--ttl", ttl]
        return self._run("token", "--data", self.data, *who).strip()

    def demo(self):
        """Puts the demo accounts into the data."""
        self._run("demo", "--data", self.data)

    def post(self, token, room, content, headers=None):
        """A message by REST; it reaches every socket in the room."""
        return requests.post(
            f"{self.url}/messages",
            json={"room_code": room, "content": content},
            headers={"Authorization": f"Bearer {token}", **(headers or {})},
            timeout=DEADLINE_S,
        )

    def page(self, token, room, number=1):
        """A page of a room's messages, newest first."""
        answer = requests.get(
            f"{self.url}/messages",
            params={"room_code": room, "page": number},
            headers={"Authorization": f"Bearer {token}"},
            timeout=DEADLINE_S,
        )
        answer.raise_for_status()
        return answer.json()

    def stop(self):
        """SIGTERM -> the exit code."""
        self.process.terminate()
        try:
            return self.process.wait(2 * DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    @staticmethod
    def _run(*arguments):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=True)
        return done.stdout


class Ear:
    """The stock synchronous client, logging every event; `until` waits for a condition on the log.

    The client runs each event's function on a thread of its own: entries may swap places.
    """

    def __init__(self):
        self.client = socketio.Client(reconnection=False)
        self.log = []
        self._heard = threading.Condition()
        self.client.on("*", self._hear)
        self.client.on("connect_error", lambda error=None: self._hear("connect_error", error))

    def join(self, server, transports, token):
        """Connects and waits for the welcome."""
        self.client.connect(
            server.url, auth={"token": token}, transports=transports, wait_timeout=DEADLINE_S
        )
        self.until(lambda log: any(event == "connected" for event, _ in log), "the welcome")

    def enter(self, server, transports, auth):
        """Connects where nobody is welcomed by an event."""
        self.client.connect(server.url, auth=auth, transports=transports, wait_timeout=DEADLINE_S)

    def until(self, condition, what):
        """Waits until `condition(log)` holds."""
        with self._heard:
            if not self._heard.wait_for(lambda: condition(self.log), DEADLINE_S):
                raise AssertionError(f"waited in vain for {what}; heard {self.log}")

    def hears(self, entry):
        """Waits for an entry."""
        self.until(lambda log: entry in log, entry)

    def take(self):
        """Everything heard since the last time."""
        with self._heard:
            log, self.log = self.log, []
            return log

    def ask(self, event, payload=None):
        """Emits and waits for the ack."""
        return self.client.call(event, payload, timeout=DEADLINE_S)

    def leave(self):
        """Disconnects, once what was emitted is sent: over polling the client drops what is queued
        while a request is under way, its own goodbye included.
        """
        self.client.eio.queue.join()
        self.client.disconnect()

    def _hear(self, event, payload=None):
        if event == OFFSET:
            return
        with self._heard:
            self.log.append((event, payload))
            self._heard.notify_all()


class AsyncEar:
    """The same over the stock asyncio client, which keeps the order of events."""

    def __init__(self):
        self.client = socketio.AsyncClient(reconnection=False)
        self.log = []
        self._heard = asyncio.Condition()
        self.client.on("*", self._hear)
        self.client.on("connect_error", self._refused)

    async def join(self, server, transports, token):
        """Connects and waits for the welcome."""
        await self.client.connect(
            server.url, auth={"token": token}, transports=transports, wait_timeout=DEADLINE_S
        )
        await self.until(lambda log: any(event == "connected" for event, _ in log), "the welcome")

    async def enter(self, server, transports, auth):
        """Connects where nobody is welcomed by an event."""
        await self.client.connect(
            server.url, auth=auth, transports=transports, wait_timeout=DEADLINE_S
        )

    async def until(self, condition, what):
        """Waits until `condition(log)` holds."""
        async with self._heard:
            try:
                met = self._heard.wait_for(lambda: condition(self.log))
                await asyncio.wait_for(met, DEADLINE_S)
            except TimeoutError as late:
                raise AssertionError(f"waited in vain for {what}; heard {self.log}") from late

    async def hears(self, entry):
        """Waits for an entry."""
        await self.until(lambda log: entry in log, entry)

    def take(self):
        """Everything heard since the last time."""
        log, self.log = self.log, []
        return log

    async def ask(self, event, payload=None):
        """Emits and waits for the ack."""
        return await self.client.call(event, payload, timeout=DEADLINE_S)

    async def leave(self):
        """Disconnects, once what was emitted is sent (see `Ear.leave`)."""
        await self.client.eio.queue.join()
        await self.client.disconnect()

    async def _hear(self, event, payload=None):
        if event == OFFSET:
            return
        async with self._heard:
            self.log.append((event, payload))
            self._heard.notify_all()

    async def _refused(self, error=None):
        await self._hear("connect_error", error)


@pytest.fixture
def server(tmp_path):
    """A server on fresh data, which stops in order."""
    running = Polylogue(tmp_path)
    yield running
    assert running.stop() == 0


@pytest.fixture(params=TRANSPORTS.values(), ids=TRANSPORTS.keys())
def transports(request):
    """Each of the three ways a stock client can be told to travel."""
    return request.param

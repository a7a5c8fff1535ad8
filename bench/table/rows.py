"""The rows of the table: what is done, who does it, which figure counts, and what it should be."""

from dataclasses import dataclass, field

import machine

NS, US, KB, PLAIN = (1, "ns", 0), (1e-3, "us", 1), (1 / 1024, "KB", 1), (1, "", 0)
MS, PERCENT, RATE = (1e-3, "ms", 1), (1, "%", 0), (1, "/s", 0)

BOTH_CORES = (machine.SERVER_CORE, machine.GENERATOR_CORE)


@dataclass
class Goal:
    """What `of` should come to: at most `bound` times `versus`, where one is named, else `bound` in
    the figure's own unit. `at_least` turns it round."""

    of: str
    bound: float
    versus: str = None
    figure: str = None
    at_least: bool = False
    spelling: tuple = None


@dataclass
class Row:
    """One measurement of several contenders. `points` are variants of it, by what a plot has on its
    axis; the last one is the table's."""

    name: str
    title: str
    contenders: list
    scenario: list
    figure: str
    spelling: tuple
    goals: list = field(default_factory=list)
    points: dict = field(default_factory=lambda: {"": []})
    flags: list = field(default_factory=list)
    more: dict = field(default_factory=dict)
    rounds_max: int = 99
    seconds: float = None
    warmup: float = None
    server_cores: tuple = (machine.SERVER_CORE,)
    generator_cores: tuple = (machine.GENERATOR_CORE,)
    is_quick: bool = False
    is_in_table: bool = True
    samples_memory: bool = False
    # Past this value of the figure at one point, a contender is spared the points behind.
    enough: float = None
    tool: str = "generator"


LIMITS = ["limit-batch", "limit-uring"]
PEERS = ["socketioxide", "socketioxide-mimalloc", "socketio", "socketio-eiows", "python"]
QUICK = ["limit-batch", "socketioxide", "socketio", "relayed", "saved", "conformance"]

LAST = "last_delivery_p99_us"
DELIVERY = "server_cpu_per_delivery_ns"
LATENCY = {"delivery_p50_us": MS, "delivery_p99_us": MS, "delivery_p999_us": MS}
ACKS = {"ack_p50_us": MS, "ack_p99_us": MS, "ack_p999_us": MS}


def fanout(rooms, members, senders, rate=None):
    words = ["fanout", "--rooms", str(rooms), "--members", str(members), "--senders", str(senders)]
    return words + (["--rate", str(rate)] if rate else [])


def delivery_rows():
    """What a delivery costs."""
    ours = ["relayed", "saved"]
    small = ["limit-small"]
    return [
        Row("room-1000", "delivery, 1 room of 1,000, 10 senders",
            ["limit-each", *LIMITS, *small, *PEERS, *ours], fanout(1, 1000, 10), DELIVERY, NS,
            [Goal("relayed", 1.0, "limit-batch"), Goal("relayed", 0.5, "socketioxide"),
             Goal("relayed", 0.08, "socketio"), Goal("saved", 1.15, "relayed")],
            more=LATENCY, is_quick=True),
        Row("room-5000", "delivery, 1 room of 5,000, 10 senders", [*LIMITS, *PEERS, *ours],
            fanout(1, 5000, 10), DELIVERY, NS,
            [Goal("relayed", 1.1, "limit-batch"), Goal("saved", 1.1, "limit-batch")],
            more=LATENCY),
        Row("rooms-100", "delivery, 100 rooms of 10, 100 senders", [*LIMITS, *PEERS, "saved"],
            fanout(100, 10, 100), DELIVERY, US,
            [Goal("saved", 1.15, "limit-batch"), Goal("saved", 0.95, "socketioxide")],
            more=LATENCY, is_quick=True),
        Row("paced-100", "delivery, 1 room of 1,000, 100 messages/s paced",
            [*LIMITS, *PEERS[:-1], *ours], fanout(1, 1000, 1, 100), DELIVERY, US,
            [Goal("relayed", 1.05, "limit-batch"), Goal("saved", 1.05, "limit-batch")],
            more=LATENCY, is_quick=True),
    ]


def client_rows():
    """What a client costs that comes, asks, or waits."""
    storm = min(10_000, machine.clients_max())
    sizes = [size for size in (1000, 4000, 10_000) if size <= machine.clients_max()]
    polled = min(2000, machine.clients_max(2))
    return [
        Row("echo", "emit with ack, 100 clients",
            [*LIMITS, *PEERS, "conformance"], ["echo", "--clients", "100"],
            "server_cpu_per_ack_ns", US, [Goal("conformance", 1.1, "limit-batch")], more=ACKS,
            flags=["--join", "", "--joined", "", "--send", "message-with-ack",
                   "--send-payload", '{"body":"{body}"}'], is_quick=True),
        Row("connect", f"connect: handshake and CONNECT, a storm of {storm:,} clients",
            [*LIMITS, *PEERS, "saved"],
            ["--opening-at-once", "256", "connect", "--clients", str(storm)],
            "server_cpu_per_connect_ns", US,
            [Goal("saved", 1.6, "limit-batch"), Goal("saved", 0, figure="failed", spelling=PLAIN)],
            more={"connects_per_s": RATE, "connect_p50_us": MS, "connect_p99_us": MS},
            is_quick=True),
        Row("idle", f"idle connection over WebSocket, resident, {sizes[-1]:,} clients",
            ["limit-batch", *PEERS[:-1], "saved"], ["idle"], "rss_per_connection_bytes", KB,
            [Goal("saved", 2 * 1024)], {str(size): ["--clients", str(size)] for size in sizes},
            rounds_max=1, seconds=1, warmup=2),
        Row("idle-polling", f"idle connection by long-polling, resident, {polled:,} clients",
            ["socketioxide", "socketioxide-mimalloc", "socketio", "saved"],
            ["--transport", "polling", "idle", "--clients", str(polled)],
            "rss_per_connection_bytes", KB, [Goal("saved", 12 * 1024)], rounds_max=1, seconds=1,
            warmup=2),
    ]


def load_rows(soak_seconds):
    """What polylogue stands, and how late it is under load."""
    rates = ["50", "100", "200", "500", "1000"]
    return [
        Row("saved-rate", "committed messages a second, 256 senders, both cores",
            ["socketio-sqlite", "saved"], ["echo", "--clients", "256"], "acks_per_s", RATE,
            [Goal("saved", 60_000, at_least=True)], more=ACKS, server_cores=BOTH_CORES,
            generator_cores=BOTH_CORES, is_quick=True),
        Row("saved-paced", "ack p99 at 30,000 committed messages a second, both cores", ["saved"],
            ["--ack", *fanout(256, 1, 256, 30_000)], "ack_p99_us", MS,
            [Goal("saved", 10_000), Goal("saved", 0, figure="refused", spelling=PLAIN)],
            more={"messages_per_s": RATE, **ACKS}, server_cores=BOTH_CORES,
            generator_cores=BOTH_CORES, is_quick=True),
        Row("paced-1000", "p99 until the last has it, 1,000 messages/s x 1,000 members",
            ["limit-batch", "relayed", "saved"], fanout(1, 1000, 10, 1000), LAST, MS,
            [Goal("saved", 20_000),
             Goal("saved", 75, figure="server_cpu_percent", spelling=PERCENT)],
            more={"server_cpu_percent": PERCENT, **LATENCY}, is_quick=True),
        Row("crowd", "p99 until the last has it, 10,000 connections, 500 rooms of 20, "
            "5,000 messages/s", ["limit-batch", "saved"], fanout(500, 20, 500, 5000), LAST, MS,
            [Goal("saved", 25_000), Goal("saved", 0, figure="lost", spelling=PLAIN),
             Goal("saved", 5, figure="rss_growth_percent", spelling=PERCENT)],
            more={"server_cpu_percent": PERCENT, "rss_growth_percent": PERCENT, **LATENCY},
            rounds_max=1, seconds=soak_seconds, warmup=5, samples_memory=True, is_quick=True,
            flags=["--users-per-room", "1"]),
        Row("load", "latency against load, 1 room of 1,000", [
            "limit-batch", "socketioxide", "socketio", "relayed", "saved"],
            fanout(1, 1000, 10), "delivery_p99_us", MS,
            points={rate: ["--rate", rate] for rate in rates}, more=LATENCY, rounds_max=1,
            is_in_table=False, enough=1e6),
    ]


def rest_rows():
    """REST, beside the least that hyper can do."""
    def row(name, title):
        return Row(name, title, ["hello", "saved"], [name], "server_cpu_per_request_ns", US,
                   more={"requests_per_s": RATE, "p50_us": MS, "p99_us": MS}, rounds_max=1,
                   tool="wrk")
    return [row("rest-history", "REST: GET /messages, a page of 15"),
            row("rest-post", "REST: POST /messages, saved")]


def share_rows():
    """What the server's time goes to while it delivers."""
    return [Row("shares", "where a delivery's time goes: 1 room of 1,000, 10 senders",
                ["limit-batch", "relayed", "saved"], fanout(1, 1000, 10), DELIVERY, NS,
                rounds_max=1, seconds=8, is_in_table=False, tool="perf")]


def listed(soak_seconds):
    """All rows, in the table's order."""
    return [*delivery_rows(), *client_rows(), *load_rows(soak_seconds), *rest_rows(),
            *share_rows()]

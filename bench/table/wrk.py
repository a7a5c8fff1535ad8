"""REST under wrk: runs it, reads what it prints, adds the server's CPU."""

import json
import re
import shutil
import subprocess
import urllib.request

import machine
from contenders import ROOT, Running, token

CONNECTIONS = 32
PAGE = "/messages?room_code=room_1"
MESSAGES = 30
US_PER = {"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6}


def measure(row, contender, _point, seconds, _warmup):
    """The figures of one row: `rest-history` or `rest-post`."""
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed")
    with Running(contender, row.server_cores) as server:
        return drive(row.name, server, seconds)


def drive(name, server, seconds):
    bearer = f"Authorization: Bearer {token(1)}"
    if server.contender.name == "saved":
        fill(server.url)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency",
               "-H", bearer]
    if name == "rest-post":
        command += ["-s", str(ROOT / "bench" / "wrk" / "post.lua"), server.url]
    else:
        command += [server.url + PAGE]
    before = machine.cpu_seconds(server.pid)
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60,
                          preexec_fn=machine.pin(machine.GENERATOR_CORE))
    spent = machine.cpu_seconds(server.pid) - before
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-300:])
    return figures(done.stdout, spent)


def figures(printed, cpu_seconds):
    def number(pattern, missing="0"):
        found = re.search(pattern, printed)
        return found.group(1) if found else missing
    requests = int(number(r"(\d+) requests in"))
    if requests == 0:
        raise RuntimeError("no request was answered")
    return {
        "requests": requests,
        "requests_per_s": float(number(r"Requests/sec:\s+([\d.]+)")),
        "server_cpu_per_request_ns": cpu_seconds * 1e9 / requests,
        # A line of its own: the same figure may be the spread of something above.
        "p50_us": duration_us(number(r"\n +50% +(\S+)", "0us")),
        "p99_us": duration_us(number(r"\n +99% +(\S+)", "0us")),
        "refused": int(number(r"Non-2xx or 3xx responses: (\d+)")),
        "notes": [],
    }


def duration_us(text):
    amount, unit = re.fullmatch(r"([\d.]+)([a-z]+)", text).groups()
    return float(amount) * US_PER[unit]


def fill(url):
    """A room with two pages of history."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token(1)}"}
    for number in range(MESSAGES):
        body = json.dumps({"room_code": "room_1", "content": f"message {number} " + "x" * 100})
        request = urllib.request.Request(url + "/messages", body.encode(), headers)
        urllib.request.urlopen(request, timeout=10).close()

"""The machine: its cores, its limits, what a process of it uses. Speaks to the kernel alone."""

import os
import platform
import resource
import socket
import subprocess
import time

SERVER_CORE, GENERATOR_CORE = 0, 1
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# A client of the generator over long-polling, and what the process has open beside.
FILES_BESIDE = 128


def cores():
    """The cores this process may use."""
    return sorted(os.sched_getaffinity(0))


def pin(*wanted):
    """Something to run in a child before it becomes another program: keeps it to those cores, as
    far as there are as many."""
    known = cores()
    chosen = {known[core] for core in wanted if core < len(known)} or set(known)
    return lambda: os.sched_setaffinity(0, chosen)


def raise_open_files():
    """As far as it goes; gives how far."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def clients_max(files_per_client=1):
    """How many clients the limit on open files admits, on either side."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (hard - FILES_BESIDE) // files_per_client


def free_port():
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def resident_bytes(pid):
    """The process's resident memory."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * PAGE_BYTES


def cpu_seconds(pid):
    """User and system time the process has used."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split(" ")
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


class Others:
    """How busy everything else kept the machine, from here on: what neither this process nor its
    children, once they have ended, have used."""

    def __init__(self):
        self.before = self.read()

    def percent(self):
        """Of all cores, so far."""
        wall, busy, own = (now - then for now, then in zip(self.read(), self.before))
        return max(0.0, 100 * (busy - own) / (max(wall, 0.01) * len(cores())))

    @staticmethod
    def read():
        times = os.times()
        return time.monotonic(), busy_seconds(), sum(times[:4])


def busy_seconds():
    """CPU time that all processes of the machine have used."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _idle, _wait, irq, softirq = map(int, stat.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND


def description():
    """One line for the reader of the figures."""
    return f"{len(cores())} cores, {model()}, Linux {platform.release()}"


def model():
    """The processor's name."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def commit(root):
    """The commit that is measured, with a `+` where files differ from it."""
    def git(*words):
        found = subprocess.run(["git", "-C", root, *words], capture_output=True, text=True)
        return found.stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "protocol", "sql")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")

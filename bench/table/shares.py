"""What a delivery's time goes to: a row under `perf record`, its samples sorted by what they were
doing. The kernel's names say that: a sample belongs to the part that one of its frames, from the
outermost in, is named in first.
"""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

from contenders import Running
from measure import drive

SAMPLES_PER_SECOND = 999
PARTS = {
    "sending: the kernel's send": [
        "sendto", "sendmsg", "sock_write_iter", "do_writev", "__libc_send", "send", "writev",
        "io_uring_enter"],
    "receiving: the kernel's recv": ["recvfrom", "recvmsg", "sock_read_iter", "recv"],
    "waiting for sockets: epoll": ["epoll_wait", "epoll_ctl", "ep_poll", "do_epoll"],
    "waking threads: futex, eventfd": ["futex", "eventfd_write", "eventfd_read"],
    "the disk: write, sync": ["fsync", "fdatasync", "pwrite", "pread", "ksys_write", "ksys_read"],
    "switching threads": ["schedule", "__schedule", "ret_from_fork"],
    "interrupts": ["asm_sysvec", "irqentry", "exc_page_fault", "handle_mm_fault"],
}
OWN, REST = "the server's own code", "the rest of the kernel"


def measure(row, contender, point, seconds, warmup):
    """The row's figures, and under `shares` what part of the server's time went to what."""
    if shutil.which("perf") is None:
        raise RuntimeError("perf is not installed")
    seconds = row.seconds or seconds
    with Running(contender, row.server_cores) as server:
        kept = Path(server.data) / "perf.data"
        perf = subprocess.Popen(
            ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(SAMPLES_PER_SECOND), "-g",
             "-o", str(kept), "-p", str(server.pid)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            figures = drive(row, server, point, seconds, warmup)
        finally:
            perf.terminate()
            perf.wait()
        printed = subprocess.run(["perf", "script", "-i", str(kept), "-F", "time,ip,sym,dso"],
                                 capture_output=True, text=True, errors="replace").stdout
    samples = list(stacks_in(printed))
    # The load's end is the last sample; what came before it is joining and warm-up.
    begin = max((at for at, _ in samples), default=0) - seconds
    return {**figures, "shares": shares([stack for at, stack in samples if at >= begin])}


def shares(stacks):
    """Each part's share, the largest first."""
    if not any(is_kernel for stack in stacks for _, is_kernel in stack):
        raise RuntimeError("perf sees nothing of the kernel here: it wants root, or "
                           "kernel.perf_event_paranoid at 1")
    counts = Counter(part_of(stack) for stack in stacks)
    return {part: count / len(stacks) for part, count in counts.most_common()}


def stacks_in(printed):
    """Each sample: when, and its frames, innermost first, as (symbol, whether the kernel's)."""
    at, stack = 0.0, []
    for line in [*printed.splitlines(), ""]:
        words = line.split()
        if not words:
            if stack:
                yield at, stack
            stack = []
        elif len(words) == 1 and words[0].endswith(":"):
            at = float(words[0][:-1])
        else:
            stack.append((" ".join(words[1:-1]), "[kernel" in words[-1]))


def part_of(stack):
    for symbol, _ in reversed(stack):
        for part, names in PARTS.items():
            if any(symbol.startswith(name) or f"_{name}" in symbol for name in names):
                return part
    return REST if stack[0][1] else OWN


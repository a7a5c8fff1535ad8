"""One measurement: starts a contender, has the generator drive it, reads the figures."""

import json
import statistics
import subprocess
import threading
import time

import machine
from contenders import ROOT, TARGET, Running

GENERATOR = TARGET / "release" / "polylogue-bench"
# Beside the load itself: joining thousands, and waiting for what is lost.
PATIENCE_SECONDS = 180
SAMPLE_SECONDS = 1.0
SAMPLES_MIN, SAMPLES_KEPT = 10, 100
# Whether memory is flat cannot be said of less.
FLAT_SECONDS_MIN = 120
# What has not come by then is lost; the slowest need some for a room of 5,000.
LOST_SECONDS = 20
# A slow contender is measured for so much longer.
SLOW_TIMES = 3
BODY_BYTES = 128


def measure(row, contender, point, seconds, warmup):
    """The figures of one contender in one row; raises RuntimeError where there are none."""
    times = SLOW_TIMES if contender.is_slow else 1
    seconds, warmup = (row.seconds or seconds) * times, (row.warmup or warmup) * times
    seconds = min(seconds, contender.seconds_max or seconds)
    with Running(contender, row.server_cores) as server:
        memory = Memory(server.pid, row.samples_memory)
        with memory:
            figures = drive(row, server, point, seconds, warmup)
        return {**figures, **memory.figures(seconds)}


def drive(row, server, point, seconds, warmup):
    """Puts the row's load on a server that runs; gives the generator's figures, notes included."""
    contender = server.contender
    command = [
        str(GENERATOR), "--json", "--url", server.url, "--pid", str(server.pid),
        "--seconds", str(seconds), "--warmup-seconds", str(warmup),
        "--patience-seconds", str(LOST_SECONDS), "--size", str(contender.size or BODY_BYTES),
        *fitted([*contender.speech, *row.flags]), *row.scenario, *row.points[point]]
    report = generate(command, row, seconds + warmup + PATIENCE_SECONDS)
    return {**report["figures"], "notes": report["notes"]}


def fitted(flags):
    """The flags, the last of a name alone: a row's own come behind the contender's."""
    pairs = dict(zip(flags[::2], flags[1::2]))
    return [word for pair in pairs.items() for word in pair]


def generate(command, row, seconds_max):
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds_max, cwd=ROOT,
            preexec_fn=machine.pin(*row.generator_cores))
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"no end after {seconds_max:.0f} s") from error
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-300:])
    return json.loads(done.stdout)


class Memory:
    """Samples a process's resident memory while a load runs, as a context."""

    def __init__(self, pid, is_on):
        self.pid, self.is_on = pid, is_on
        self.samples = []
        self.ended = threading.Event()

    def __enter__(self):
        if self.is_on:
            self.thread = threading.Thread(target=self.sample)
            self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        if self.is_on:
            self.thread.join()

    def sample(self):
        start = time.monotonic()
        while not self.ended.wait(SAMPLE_SECONDS):
            self.samples.append((time.monotonic() - start, machine.resident_bytes(self.pid)))

    def figures(self, seconds):
        """How much the last fifth of the window has over its second fifth, when all are in and
        every buffer has been used."""
        if seconds < FLAT_SECONDS_MIN or len(self.samples) < SAMPLES_MIN:
            return {"rss_samples_bytes": thinned(self.samples)}
        end = self.samples[-1][0]
        window = [(at - (end - seconds), size) for at, size in self.samples if at > end - seconds]
        fifth = seconds / 5
        early = [size for at, size in window if fifth <= at < 2 * fifth]
        late = [size for at, size in window if at >= 4 * fifth]
        growth = (statistics.mean(late) / statistics.mean(early) - 1) * 100
        return {"rss_growth_percent": round(growth, 2),
                "rss_samples_bytes": thinned(self.samples)}


def thinned(samples):
    step = max(1, len(samples) // SAMPLES_KEPT)
    return [[round(at, 1), size] for at, size in samples[::step]]

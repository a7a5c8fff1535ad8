"""Which plots there are, and what is in them. `plot` draws."""

import plot

SERIES = ["limit-batch", "socketioxide", "socketio", "relayed", "saved"]
MEMORY = ["limit-batch", "socketioxide", "socketio", "saved"]
MB = 1024 * 1024


def draw(known, records, folder):
    """Draws what was measured; gives a paragraph for each plot."""
    made = [latency(known, records, folder), memory(known, records, folder),
            soak(known, records, folder)]
    return [words for words in made if words]


def latency(known, records, folder):
    chart = plot.Chart("Latency against load: 1 room of 1,000, 128-byte bodies",
                       "messages a second (each goes to 1,000 members)", "ms until a member has it",
                       is_log_x=True, is_log_y=True)
    for color, name in enumerate(SERIES):
        for quantile, is_dashed in [("p99", False), ("p50", True)]:
            points = by_point(records, "load", name, f"delivery_{quantile}_us", 1e-3)
            chart.add(f"{known[name].title}, {quantile}", points, color, is_dashed)
    return written(chart, folder / "latency.svg", "Latency against load",
                   "What was to be sent counts, not what was: a server that falls behind its load "
                   "shows it here.")


def memory(known, records, folder):
    chart = plot.Chart("Memory against idle WebSocket connections", "connections",
                       "MB the server grew by", is_log_x=True, is_log_y=True)
    for color, name in enumerate(MEMORY):
        points = by_point(records, "idle", name, "rss_per_connection_bytes", 1 / MB)
        points = [(count, max(each * count, 0.01)) for count, each in points]
        chart.add(known[name].title, points, SERIES.index(name) if name in SERIES else color)
    return written(chart, folder / "memory.svg", "Memory against connections", "")


def soak(known, records, folder):
    lines = records.of("crowd", "saved")
    samples = lines[-1]["figures"].get("rss_samples_bytes") if lines else None
    if not samples:
        return ""
    chart = plot.Chart("Memory over time: 10,000 connections, 5,000 messages a second",
                       "seconds since the clients began to come", "MB resident")
    chart.add(known["saved"].title, [(at, size / MB) for at, size in samples],
              SERIES.index("saved"))
    return written(chart, folder / "soak.svg", "Memory over time", "")


def by_point(records, row, name, figure, scale):
    labels = {line["point"] for line in records.of(row, name)}
    found = [(float(label), records.median(row, name, figure, label)) for label in labels if label]
    return sorted((at, value * scale) for at, value in found if value is not None)


def written(chart, path, title, words):
    if not chart.has_points():
        return ""
    path.write_text(chart.svg(), encoding="utf-8")
    return f"## {title}\n\n![{title}](plots/{path.name})\n" + (f"\n{words}\n" if words else "")

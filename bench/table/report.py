"""Writes bench/RESULTS.md: the goals and what came of them, then every median, then latencies."""

import statistics

import charts
import machine
HEAD = """# Results

Written by `make bench`; what the figures are and how to get each of them again: `README.md`.
Medians of {rounds} round(s), {first} to {last}, commit {commits}, on {machine}.
Servers run on one core and the generator on another, unless a row says "both cores".
Ratios count: absolute figures move with the machine, of which other processes meanwhile used
{others:.0f} % (the median; {worst:.0f} % at worst).
"""
OURS = {"relayed", "saved", "conformance"}


def write(all_rows, known, records, absent, folder):
    """The whole page and its plots, from whatever has been measured so far."""
    if not records.lines:
        return
    plots = folder / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    drawn = charts.draw(known, records, plots)
    shown = [row for row in all_rows if row.is_in_table]
    reached = goals(shown, known, records)
    parts = [head(records), reached, medians(shown, known, records),
             latencies(shown, known, records), parts_of_a_delivery(known, records), *drawn,
             remarks(known, records, absent)]
    page = folder / "RESULTS.md"
    page.write_text("\n".join(part for part in parts if part), encoding="utf-8")
    print(f"\n{reached}\nwrote {page} and {len(drawn)} plots")


def head(records):
    moments = sorted(line["at"] for line in records.lines)
    others = [line["figures"]["others_percent"] for line in records.lines if "figures" in line]
    return HEAD.format(
        rounds=max(line["round"] for line in records.lines) + 1, first=moments[0],
        last=moments[-1], commits=", ".join(sorted({line["commit"] for line in records.lines})),
        machine=machine.description(), others=statistics.median(others or [0]),
        worst=max(others, default=0))


def goals(shown, known, records):
    """A line for every goal; a ratio is one of medians, behind it the range over the rounds."""
    lines = ["## Goals\n", "| work | goal | measured | ratio | |", "|---|---|---|---|---|"]
    for row in shown:
        for goal in row.goals:
            found = judged(row, goal, known, records)
            if found:
                lines.append("| " + " | ".join([row.title, *found]) + " |")
    return "\n".join(lines) + "\n" if len(lines) > 3 else ""


def judged(row, goal, known, records):
    figure, point = goal.figure or row.figure, list(row.points)[-1]
    spelling = goal.spelling or row.spelling
    value = records.median(row.name, goal.of, figure, point)
    if value is None:
        return None
    who, sense = known[goal.of].title, "at least" if goal.at_least else "at most"
    name = f"{who}, {spoken(figure)}" if goal.figure else who
    if goal.versus is None:
        met = value >= goal.bound if goal.at_least else value <= goal.bound
        target = spelled(goal.bound, spelling)
        return [f"{name}: {sense} {target}", spelled(value, spelling), "", verdict(met)]
    other = records.median(row.name, goal.versus, figure, point)
    if not other:
        return None
    ratio = value / other
    target = f"{name}: {sense} {goal.bound:.2f} of {known[goal.versus].title}"
    measured = f"{spelled(value, spelling)} / {spelled(other, spelling)}"
    spread = span(row, goal, figure, point, records)
    return [target, measured, f"{ratio:.2f}{spread}", verdict(ratio <= goal.bound)]


def span(row, goal, figure, point, records):
    """The smallest and the largest ratio of one round."""
    def by_round(name):
        return {line["round"]: line["figures"].get(figure)
                for line in records.of(row.name, name, point)}
    one, other = by_round(goal.of), by_round(goal.versus)
    ratios = [one[number] / other[number] for number in one if other.get(number)]
    return f" ({min(ratios):.2f} to {max(ratios):.2f})" if len(ratios) > 1 else ""


def verdict(is_met):
    return "met" if is_met else "**missed**"


def medians(shown, known, records):
    """Every row by every contender."""
    names = [name for name in known if any(
        records.of(row.name, name) and row.tool == "generator" for row in shown)]
    if not names:
        return ""
    lines = ["## Medians\n", "CPU is the server's, user and system, all threads.\n",
             "| work | " + " | ".join(known[name].title for name in names) + " |",
             "|---|" + "---|" * len(names)]
    for row in shown:
        if row.tool == "wrk":
            continue
        point = list(row.points)[-1]
        cells = [cell(records.median(row.name, name, row.figure, point), row.spelling)
                 for name in names]
        if any(cells):
            lines.append(f"| {row.title}, {spoken(row.figure)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def latencies(shown, known, records):
    """What else a row has found, contender by contender."""
    lines = ["## Beside that\n", "| work | server | |", "|---|---|---|"]
    for row in shown:
        point = list(row.points)[-1]
        for name in row.contenders:
            figures = {row.figure: row.spelling, **row.more}
            found = {figure: records.median(row.name, name, figure, point) for figure in figures}
            words = [f"{spoken(figure)} {spelled(value, figures[figure])}"
                     for figure, value in found.items()
                     if value is not None and (figure in row.more or row.tool == "wrk")]
            if words:
                lines.append(f"| {row.title} | {known[name].title} | {', '.join(words)} |")
    return "\n".join(lines) + "\n" if len(lines) > 3 else ""


def parts_of_a_delivery(known, records):
    """Where the server's time goes, by perf, one column a contender."""
    found = {name: records.of("shares", name)[-1]["figures"]["shares"]
             for name in known if records.of("shares", name)}
    if not found:
        return ""
    parts = {part for shares in found.values() for part in shares}
    order = sorted(parts, key=lambda part: -max(shares.get(part, 0) for shares in found.values()))
    lines = ["## Where a delivery's time goes\n",
             "1 room of 1,000, 10 senders: shares of the server's CPU time, sampled by perf.\n",
             "| | " + " | ".join(known[name].title for name in found) + " |",
             "|---|" + "---|" * len(found)]
    for part in order:
        cells = [f"{shares.get(part, 0):.1%}" for shares in found.values()]
        lines.append(f"| {part} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def remarks(known, records, absent):
    """What is not as it should be: servers left out, measurements failed, messages lost."""
    lines = [f"- Left out, for it could not be built here: {title}." for title in absent]
    for line in records.failures():
        title = known[line["contender"]].title if line["contender"] in known else "?"
        lines.append(f"- No figures: {title} in `{line['row']}` {line['point']}: "
                     f"{' '.join(line['failure'].split())}")
    for row, name in sorted({(line["row"], line["contender"]) for line in records.lines}):
        for figure in ["lost", "duplicates", "order_violations", "refused", "failed",
                       "closed_clients"]:
            worst = max(records.values(row, name, figure), default=0)
            if worst:
                lines.append(f"- {known[name].title} in `{row}`: {spoken(figure)} {worst:,}")
    full = saturated(records)
    if full:
        lines.append("- The generator had no time to spare (90 % of its core or more), so that "
                     f"latency is its own as well: {', '.join(full)}.")
    return "## Remarks\n\n" + "\n".join(lines) + "\n" if lines else ""


def saturated(records):
    by_row = {}
    for line in records.lines:
        share = line.get("figures", {}).get("generator_cpu_percent")
        if share is not None:
            by_row.setdefault((line["row"], line["contender"]), []).append(share)
    return [f"`{row}` by {name}" for (row, name), shares in by_row.items()
            if statistics.median(shares) >= 90]


def cell(value, spelling):
    return "" if value is None else spelled(value, spelling)


def spelled(value, spelling):
    scale, unit, digits = spelling
    return f"{value * scale:,.{digits}f} {unit}".strip()


def spoken(figure):
    """`delivery_p99_us` as `delivery p99`: the unit stands behind the value."""
    words = figure.replace("rss_per_connection_bytes", "resident").split("_")
    if words[-1] in {"us", "ns", "bytes", "percent"}:
        words.pop()
    if words[-2:] == ["per", "s"]:
        words = words[:-2] + ["a", "second"]
    return " ".join(words).replace("server cpu", "CPU").replace("rss", "resident")

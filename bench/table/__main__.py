"""Runs the table: `python3 bench/table --help`. Round after round, row after row, every contender
in turn, so that whatever slows the machine down slows all of them; what counts is their ratio.
Every measurement is kept (target/bench/table/measurements.jsonl): a run that was stopped goes on.
"""

import argparse
import signal
import time
from pathlib import Path

import contenders
import machine
import report
import rows
import shares
import wrk
from measure import measure
from records import Records

QUICK_ROUNDS, QUICK_SECONDS, QUICK_SOAK_SECONDS, QUICK_BUDGET_MINUTES = 1, 1.5, 20, 3
RETRIES = 1
TOOLS = {"generator": measure, "wrk": wrk.measure, "perf": shares.measure}


def arguments():
    flags = argparse.ArgumentParser(prog="bench/table", description="Measures polylogue and peers")
    flags.add_argument("--quick", action="store_true", help="the main rows, two minutes")
    flags.add_argument("--rows", help="only these, by name, with commas")
    flags.add_argument("--contenders", help="only these, by name, with commas")
    flags.add_argument("--rounds", type=int, default=3, help="0: only write the report again")
    flags.add_argument("--seconds", type=float, default=2.5, help="measured, each time")
    flags.add_argument("--warmup-seconds", type=float, default=0.7)
    flags.add_argument("--soak-minutes", type=float, default=10,
                       help="of 10,000 connections, once; 0 leaves them out")
    flags.add_argument("--budget-minutes", type=float, default=16,
                       help="no measurement begins after that, those of --soak-minutes excepted")
    flags.add_argument("--fresh", action="store_true", help="forgets what was measured before")
    flags.add_argument("--out", type=Path, help="where RESULTS.md and plots/ go (bench; of "
                       "--quick, target/bench/quick)")
    flags.add_argument("--list", action="store_true", help="lists rows and contenders")
    given = flags.parse_args()
    if given.quick:
        given.rounds, given.seconds = QUICK_ROUNDS, QUICK_SECONDS
        given.soak_minutes = min(given.soak_minutes, QUICK_SOAK_SECONDS / 60)
        given.budget_minutes = QUICK_BUDGET_MINUTES
        given.fresh = given.rounds > 0
    bench = contenders.ROOT / "bench"
    given.kept = contenders.TARGET / "bench" / ("quick" if given.quick else "table")
    if given.out and given.out.resolve() != bench:
        given.kept = given.out
    given.out = given.out or (given.kept if given.quick else bench)
    return given


def main():
    given = arguments()
    # Whoever is told to end ends what it started, and writes down what it has.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    machine.raise_open_files()
    known = contenders.listed()
    chosen = chosen_rows(given)
    if given.list:
        for row in chosen:
            print(f"{row.name:14} {row.title}\n{'':14} {', '.join(row.contenders)}")
        return
    path = given.kept / "measurements.jsonl"
    if given.fresh:
        path.unlink(missing_ok=True)
    records = Records(path)
    absent = [one.title for one in known.values() if not one.is_there()]
    for title in absent:
        print(f"left out, not built: {title}")
    started = time.monotonic()
    try:
        for number in range(given.rounds):
            run_round(number, given, chosen, known, records, started)
    except KeyboardInterrupt:
        print("stopped; the same command goes on")
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    report.write(rows.listed(given.soak_minutes * 60), known, records, absent, given.out)


def chosen_rows(given):
    chosen = rows.listed(given.soak_minutes * 60)
    if given.soak_minutes == 0:
        chosen = [row for row in chosen if row.name != "crowd"]
    if given.quick:
        chosen = [row for row in chosen if row.is_quick]
        for row in chosen:
            row.contenders = [name for name in row.contenders if name in rows.QUICK]
    if given.rows:
        wanted = given.rows.split(",")
        unknown = set(wanted) - {row.name for row in chosen}
        if unknown:
            raise SystemExit(f"no such row: {', '.join(sorted(unknown))}")
        chosen = [row for row in chosen if row.name in wanted]
    if given.contenders:
        wanted = given.contenders.split(",")
        for row in chosen:
            row.contenders = [name for name in row.contenders if name in wanted]
    return [row for row in chosen if row.contenders]


def run_round(number, given, chosen, known, records, started):
    for row in chosen:
        if number >= row.rounds_max:
            continue
        for point in row.points:
            for name in row.contenders:
                contender = known[name]
                is_late = time.monotonic() - started > given.budget_minutes * 60
                if (not contender.is_there() or (number > 0 and contender.is_slow)
                        or (is_late and row.name != "crowd")
                        or records.has(row.name, name, point, number)
                        or has_enough(row, name, records)):
                    continue
                take(row, contender, point, number, given, records)


def has_enough(row, name, records):
    """Whether a contender has fallen behind its load already, so that more of it says nothing."""
    values = records.values(row.name, name, row.figure)
    return row.enough is not None and max(values, default=0) > row.enough


def take(row, contender, point, number, given, records):
    """One measurement, tried again once where it fails, and kept, whatever came of it."""
    line = {"row": row.name, "contender": contender.name, "point": point, "round": number,
            "commit": machine.commit(contenders.ROOT), "at": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                                                           time.gmtime())}
    for attempt in range(RETRIES + 1):
        others = machine.Others()
        try:
            figures = TOOLS[row.tool](
                row, contender, point, given.seconds, given.warmup_seconds)
        except RuntimeError as error:
            print(f"{row.name} {contender.name} {point}: {error}", flush=True)
            if attempt == RETRIES:
                records.add(**line, failure=str(error))
            continue
        figures["others_percent"] = round(others.percent(), 1)
        records.add(**line, figures=figures)
        scale, unit, digits = row.spelling
        value = figures.get(row.figure)
        spelled = "-" if value is None else f"{value * scale:,.{digits}f} {unit}"
        print(f"{number + 1} {row.name:12} {contender.name:22} {point:6} {spelled:>12}  "
              f"generator {figures.get('generator_cpu_percent') or 0:.0f} %  "
              f"others {figures['others_percent']:.0f} %  "
              f"lost {figures.get('lost', 0)}", flush=True)
        return


if __name__ == "__main__":
    main()

"""`python3 -m unittest discover -s bench/table -p tests.py`: what the table makes of figures."""

import tempfile
import unittest
from pathlib import Path

import contenders
import plot
import records
import report
import rows
import shares
import wrk

PRINTED = """Running 2s test @ http://127.0.0.1:3000
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   600.00us  200.00us   3.00ms   88.50%
    Req/Sec    10.00k   300.00    11.00k    68.99%
  Latency Distribution
     50%  412.00us
     75%  600.00us
     90%    1.10ms
     99%    2.50ms
  20000 requests in 2.00s, 3.00MB read
  Non-2xx or 3xx responses: 7
Requests/sec:  10000.50
"""


def kept(*lines):
    """Records of (row, contender, round, figures)."""
    found = records.Records(Path(tempfile.mkdtemp()) / "measurements.jsonl")
    for row, contender, number, figures in lines:
        found.add(row=row, contender=contender, point="", round=number, figures=figures)
    return found


class Records(unittest.TestCase):
    def test_a_stopped_run_goes_on(self):
        first = kept(("room-1000", "saved", 0, {"x": 1}))
        first.add(row="room-1000", contender="python", point="", round=0, failure="no start")
        again = records.Records(first.path)
        self.assertTrue(again.has("room-1000", "saved", "", 0))
        self.assertFalse(again.has("room-1000", "saved", "", 1))
        self.assertFalse(again.has("room-1000", "python", "", 0), "what failed is tried again")
        self.assertEqual(len(again.failures()), 1)

    def test_the_median_is_of_all_rounds(self):
        found = kept(*(("echo", "saved", number, {"x": x}) for number, x in enumerate([9, 1, 5])))
        self.assertEqual(found.median("echo", "saved", "x"), 5)
        self.assertIsNone(found.median("echo", "python", "x"))


class Report(unittest.TestCase):
    def judge(self, goal, **figures):
        row = rows.Row("r", "work", list(figures), [], "cpu_ns", rows.NS, [goal])
        found = kept(*(("r", name, number, {"cpu_ns": value})
                       for name, values in figures.items() for number, value in enumerate(values)))
        return report.judged(row, goal, contenders.listed(), found)

    def test_a_ratio_is_met_up_to_its_bound(self):
        goal = rows.Goal("saved", 1.15, "relayed")
        met = self.judge(goal, saved=[115, 110, 120], relayed=[100, 100, 100])
        self.assertEqual(met[1:], ["115 ns / 100 ns", "1.15 (1.10 to 1.20)", "met"])
        missed = self.judge(goal, saved=[116], relayed=[100])
        self.assertEqual(missed[2:], ["1.16", "**missed**"])
        self.assertIsNone(self.judge(goal, saved=[100]), "nothing to compare with")

    def test_a_bound_holds_from_above_or_from_below(self):
        self.assertEqual(self.judge(rows.Goal("saved", 100), saved=[100])[-1], "met")
        self.assertEqual(self.judge(rows.Goal("saved", 100), saved=[101])[-1], "**missed**")
        least = rows.Goal("saved", 100, at_least=True)
        self.assertEqual(self.judge(least, saved=[99])[-1], "**missed**")

    def test_figures_are_spoken_as_words(self):
        self.assertEqual(report.spoken("server_cpu_per_delivery_ns"), "CPU per delivery")
        self.assertEqual(report.spoken("connects_per_s"), "connects a second")


class Rows(unittest.TestCase):
    def test_every_row_and_goal_names_contenders_that_exist(self):
        known = contenders.listed()
        for row in rows.listed(60):
            named = [*row.contenders, *(goal.of for goal in row.goals)]
            named += [goal.versus for goal in row.goals if goal.versus]
            self.assertLessEqual(set(named), set(known), row.name)
            self.assertLessEqual({goal.of for goal in row.goals}, set(row.contenders), row.name)


class Wrk(unittest.TestCase):
    def test_what_wrk_prints_is_read(self):
        figures = wrk.figures(PRINTED, cpu_seconds=1.0)
        self.assertEqual((figures["requests_per_s"], figures["refused"]), (10000.5, 7))
        self.assertEqual((figures["p50_us"], figures["p99_us"]), (412, 2500))
        self.assertEqual(figures["server_cpu_per_request_ns"], 50_000)


class Shares(unittest.TestCase):
    def test_a_sample_belongs_to_its_outermost_named_part(self):
        samples = list(shares.stacks_in(
            " 12.5:\nffff ep_poll_callback ([kernel.kallsyms])\n"
            "ffff __sys_sendto ([kernel.kallsyms])\n"
            "7f [unknown] (/bin/polylogue)\n\n 13.0:\n55 [unknown] (/bin/polylogue)\n"))
        self.assertEqual([at for at, _ in samples], [12.5, 13.0])
        stacks = [stack for _, stack in samples]
        self.assertEqual(shares.part_of(stacks[0]), "sending: the kernel's send")
        self.assertEqual(shares.part_of(stacks[1]), shares.OWN)
        self.assertEqual(shares.shares(stacks)[shares.OWN], 0.5)
        with self.assertRaises(RuntimeError):
            shares.shares(stacks[1:])


class Plot(unittest.TestCase):
    def test_axes_have_round_numbers_in_order(self):
        linear = plot.Axis([0, 47], 0, 100, is_log=False)
        self.assertEqual(linear.ticks(), [0, 10, 20, 30, 40, 50])
        log = plot.Axis([25, 1000], 0, 100, is_log=True)
        self.assertEqual(log.ticks(), [50, 100, 200, 500, 1000])
        self.assertLess(log.place(50), log.place(100))


if __name__ == "__main__":
    unittest.main()

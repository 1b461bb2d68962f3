# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Verdicts on faults, from figures."""

import unittest

import chaos  # noqa: F401
from callers import Result
from verdict import BROKEN, INCONCLUSIVE, SURVIVED, Outcome, figure, table

GOOD = {
    "calls": 100, "response.count": 300, "response.p50": 390_000, "response.p99": 430_000,
    "failed": 0, "refused": 0,
}


def outcome(changes=None, was_punctual=True, limit=500_000):
    one = Outcome("a fault", "what was done")
    one.judge_others(Result({**GOOD, **(changes or {})}, was_punctual), limit)
    return one


class VerdictTest(unittest.TestCase):
    def test_others_that_keep_their_budget_survive(self):
        one = outcome()
        self.assertEqual(one.verdict, SURVIVED)
        self.assertEqual(one.others, "100 calls, answers p50 390 p99 430 ms")

    def test_whatever_others_lose_breaks(self):
        for changes in ({"response.p99": 501_000}, {"failed": 1}, {"refused": 1},
                        {"response.count": None}):
            with self.subTest(changes):
                self.assertEqual(outcome(changes).verdict, BROKEN)
        self.assertEqual(outcome({"response.p99": 501_000}, limit=700_000).verdict, SURVIVED)

    def test_callers_that_were_late_themselves_say_nothing_of_the_server(self):
        self.assertEqual(outcome({"failed": 1}, was_punctual=False).verdict, INCONCLUSIVE)
        self.assertEqual(outcome(was_punctual=False).verdict, SURVIVED)

    def test_what_was_lost_is_the_difference(self):
        one = Outcome("a fault", "")
        before = {"stalls": 2, "endings": {"connection_lost": 1}}
        after = {"stalls": 5, "endings": {"connection_lost": 4}}
        one.note(before, after, "stalls", "endings.connection_lost")
        one.note(None, after, "stalls")
        self.assertEqual(one.lost, "stalls 3, connection_lost 3, stalls 5")

    def test_a_figure_that_is_not_there_is_zero(self):
        self.assertEqual(figure({"a": {"b": 3}}, "a.b"), 3)
        self.assertEqual(figure({"a": 3}, "a.b"), 0)
        self.assertEqual(figure(None, "a.b"), 0)

    def test_a_drain_is_judged_by_the_last_words_of_both_sides(self):
        line = ("2026-01-01T00:00:00+0000 info sidetone: barge_ins=7 calls=751 cut={} "
                "stream_faults=0 underruns=0 [Operations] stopped\n")
        for cut, failed, problem in (
                (0, 0, None), (2, 0, "2 calls were cut"), (0, 3, "3 calls broke off: lost")):
            with self.subTest(cut=cut, failed=failed):
                one = Outcome("drain", "")
                one.judge_drain(
                    "info [Operations] draining\n" + line.format(cut),
                    Result({"failed": failed, "refused": 90}, True, ["lost"]))
                self.assertEqual(one.problems, [problem] if problem else [])
                self.assertEqual(one.others, f"751 calls ended, {cut} of them cut")
        silent = Outcome("drain", "")
        silent.judge_drain("info [Operations] draining\n", Result({}))
        self.assertEqual(silent.problems, ["the server did not say how it stopped"])

    def test_the_table_names_each_problem_below(self):
        broken = Outcome("a fault", "")
        broken.judge_others(Result({**GOOD, "failed": 2}, True, ["connection closed"]))
        lines = table([outcome(), broken]).split("\n")
        self.assertEqual(len(lines), 5)
        self.assertTrue(lines[2].endswith("survived") and lines[3].endswith("BROKEN"))
        self.assertEqual(lines[4], "a fault: 2 other calls broke off: connection closed")
        self.assertEqual(lines[0].index("verdict"), lines[3].index("BROKEN"))


if __name__ == "__main__":
    unittest.main()

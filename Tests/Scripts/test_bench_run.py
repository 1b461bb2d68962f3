# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""`make bench`: which steps run, and what their statuses come to."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import tempfile
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load_bench():
    """The script as a module, although its name has no suffix."""
    loader = importlib.machinery.SourceFileLoader(
        "bench_run", os.path.join(ROOT, "Benchmarks", "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


bench = load_bench()


class StepTests(unittest.TestCase):
    def result(self, *arguments, ordo=bench.BETTER, **statuses):
        """Exit status and titles of the steps, with these statuses and zero for the others."""
        titles = []

        def run(title, _command, stdout=None):
            titles.append(title)
            if stdout:
                stdout.write("The baseline 'run' " + ordo)
            return statuses.get(title.split()[0].replace("-", "_"), 0)

        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(bench, "OUT", folder), \
                mock.patch.object(bench, "run", run), \
                mock.patch.object(bench, "swift", lambda *_: ["true"]), \
                mock.patch("sys.argv", ["run", *arguments]), \
                contextlib.redirect_stdout(io.StringIO()) as said:
            status = bench.main()
        return status, titles, said.getvalue()

    def test_ci_leaves_out_what_takes_minutes_to_build(self):
        status, titles, said = self.result("--short")
        self.assertEqual(status, 0)
        self.assertEqual(titles, ["build", "the media path", "build", "the gate"])
        self.assertIn("all of it holds", said)

    def test_better_than_a_limit_is_no_failure(self):
        status, titles, _ = self.result(**{"ordo_one/benchmark": 1})
        self.assertEqual(status, 0)
        self.assertIn("WebSocket beside C", titles)

    def test_a_failure_is_named_and_ends_nothing(self):
        status, titles, said = self.result(
            ordo="is WORSE than the defined thresholds.", **{"ordo_one/benchmark": 1})
        self.assertEqual(status, 1)
        self.assertEqual(titles[-1], "the gate")
        self.assertIn("does not hold: ordo-one/benchmark", said)

    def test_what_does_not_build_fails(self):
        status, _, said = self.result("--short", build=1)
        self.assertEqual(status, 1)
        self.assertIn("the media path, the gate", said)


class VerdictTests(unittest.TestCase):
    def test_what_is_worse_is_told_with_its_table(self):
        lines = ["noise", bench.WORSE + " for ring", "====", "head", "bytes", "rule", "p90", "end",
                 "more", "The baseline 'run' is WORSE than the defined thresholds."]
        status, told = bench.verdict(1, lines)
        self.assertEqual(status, 1)
        self.assertEqual(told[1:], [lines[1], *lines[3:8]])
        self.assertNotIn("noise", told)

    def test_a_crash_is_no_pass(self):
        self.assertEqual(bench.verdict(1, ["error: it does not build"]), (1, []))
        self.assertEqual(bench.verdict(0, ["is EQUAL to the defined thresholds."])[0], 0)


if __name__ == "__main__":
    unittest.main()

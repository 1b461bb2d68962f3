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
    def result(self, *arguments, **statuses):
        """Exit status and titles of the steps, with these statuses and zero for the others."""
        titles = []

        def run(title, _command):
            titles.append(title)
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
        status, titles, _ = self.result(**{"ordo_one/benchmark": 4})
        self.assertEqual(status, 0)
        self.assertIn("WebSocket beside C", titles)

    def test_a_failure_is_named_and_ends_nothing(self):
        status, titles, said = self.result(**{"ordo_one/benchmark": 2})
        self.assertEqual(status, 1)
        self.assertEqual(titles[-1], "the gate")
        self.assertIn("does not hold: ordo-one/benchmark", said)

    def test_what_does_not_build_fails(self):
        status, _, said = self.result("--short", build=1)
        self.assertEqual(status, 1)
        self.assertIn("the media path, the gate", said)


if __name__ == "__main__":
    unittest.main()

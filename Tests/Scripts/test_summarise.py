# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The summary of a CI run: its counts are right, and no failure gets lost."""

import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

GREEN = """\
Test Suite 'All tests' passed at 2026-01-01 10:00:00.000
\t Executed 0 tests, with 0 failures (0 unexpected) in 0.0 (0.0) seconds
◇ Test run started.
✔ Test clears() passed after 0.001 seconds.
✔ Test converts(rate:) with 3 test cases passed after 0.001 seconds.
✔ Suite Rings passed after 0.002 seconds.
✔ Test run with 2 tests in 1 suite passed after 0.002 seconds.
"""
RED = """\
✘ Test clears() recorded an issue at RingTests.swift:7:5: Expectation failed: 1 == 2
✘ Test clears() failed after 0.001 seconds with 1 issue.
✘ Test "run with a name" with 3 test cases failed after 0.001 seconds with 2 issues.
✔ Test converts(rate:) with 3 test cases passed after 0.001 seconds.
➜ Test skipsOnMondays() skipped: "Monday"
✘ Suite Rings failed after 0.002 seconds with 3 issues.
✘ Test run with 4 tests in 1 suite failed after 0.002 seconds with 3 issues.
"""
CRASHED = """\
◇ Test run started.
✔ Test clears() passed after 0.001 seconds.
◇ Test converts() started.
error: Exited with unexpected signal code 4
make: *** [Makefile:15: test] Error 1
"""


class Summary(unittest.TestCase):
    def summarise(self, *steps):
        with tempfile.TemporaryDirectory() as folder:
            arguments = []
            for step, status, log in steps:
                path = os.path.join(folder, step)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(log)
                arguments.append(f"{step}:{status}:{path}")
            run = subprocess.run(
                [os.path.join(ROOT, ".ci/summarise"), *arguments],
                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = run.stdout
        return run.stdout.rstrip("\n").split("\n")[-1], run.returncode

    def test_what_failed_is_told_again_at_the_end(self):
        self.summarise(("test", 1, RED), ("lint", 1, "lint: 8 passed, 1 failed\n"))
        self.assertIn("    ✘ Test clears() recorded an issue at RingTests.swift:7:5", self.text)
        self.assertNotIn("passed after", self.text)
        flood = "error: x: error: " + "y" * 1000 + "\n"
        self.summarise(("test", 1, flood * 100))
        self.assertLess(len(self.text), 8000)

    def test_adds_all_kinds_of_cases(self):
        python = "Ran 5 tests in 0.2s\n\nOK\n"
        conformance = "301 cases, 0 failed: 298 OK, 3 INFORMATIONAL\n" * 2
        lint = "lint: 9 passed, 0 failed\n"
        self.assertEqual(
            self.summarise(("test", 0, GREEN + python + conformance), ("lint", 0, lint)),
            ("317 passed, 0 failed", 0))

    def test_counts_failed_tests_not_issues(self):
        self.assertEqual(self.summarise(("test", 1, RED)), ("1 passed, 2 failed", 1))

    def test_counts_failures_of_every_kind(self):
        python = "Ran 5 tests in 0.2s\n\nFAILED (failures=1, errors=2, skipped=1)\n"
        xctest = "\t Executed 3 tests, with 1 test skipped and 1 failure (0 unexpected) in 1 s\n"
        conformance = "301 cases, 2 failed: 299 OK\n"
        lint = "lint: 7 passed, 2 failed\n"
        self.assertEqual(
            self.summarise(
                ("test", 2, GREEN + xctest + python + conformance), ("lint", 2, lint)),
            ("311 passed, 8 failed", 1))

    def test_adds_what_both_grpc_programs_found(self):
        suite = "FAIL  grpc.deadline   after 2.30 s\n\n44 seconds\n107 passed, 1 failed, 4 skipped\n"
        interop = "PASS  server.unary\n40 passed, 0 failed\n"
        self.assertEqual(
            self.summarise(("test", 2, GREEN + suite + interop)), ("149 passed, 1 failed", 1))

    def test_a_remark_about_counts_is_not_a_count(self):
        self.assertEqual(
            self.summarise(("test", 0, GREEN + "drained: 7 passed, 2 failed over\n")),
            ("2 passed, 0 failed", 0))

    def test_a_crash_is_a_failure_though_no_case_failed(self):
        self.assertEqual(self.summarise(("test", 2, CRASHED)), ("1 passed, 1 failed", 1))

    def test_a_build_that_fails_is_a_failure(self):
        self.assertEqual(
            self.summarise(("test", 2, "error: cannot find 'x' in scope\n")),
            ("0 passed, 1 failed", 1))

    def test_running_no_test_is_a_failure_though_the_status_is_good(self):
        self.assertEqual(
            self.summarise(("test", 0, "Executed 0 tests, with 0 failures\n")),
            ("0 passed, 1 failed", 1))

    def test_a_named_failure_counts_though_the_status_is_good(self):
        self.assertEqual(
            self.summarise(("lint", 0, "lint: 8 passed, 1 failed\n")),
            ("8 passed, 1 failed", 1))


if __name__ == "__main__":
    unittest.main()

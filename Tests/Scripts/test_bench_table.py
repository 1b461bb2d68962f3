# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The tables that `make bench` writes: what goes in, and where it goes."""

import importlib.machinery
import importlib.util
import json
import os
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load_table():
    """The script as a module, although its name has no suffix."""
    loader = importlib.machinery.SourceFileLoader(
        "bench_table", os.path.join(ROOT, "Benchmarks", "table"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


table = load_table()
MEDIA = {
    "pieces": [{"name": "pcmu-encode", "cost": 73, "share": 8, "allocations": 0,
                "yardstick": "libspeexdsp's resampler"}],
    "curve": [{"calls": 4000, "nanoseconds": 9640, "bytes": 86016}]}


class TablesTests(unittest.TestCase):
    def test_every_result_that_is_there_has_its_table(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, document in (
                    ("bench/media.json", MEDIA),
                    ("bench/websocket.json", {"websocket": [
                        {"connections": 2000, "generator_late": True},
                        {"connections": 100, "generator_late": False, "c_us": 7.0, "ours_us": 10.5, "ratio": 1.5,
                         "c_p99_us": 80.0, "ours_p99_us": 120.0}]}),
                    ("load/webex.json", {"verdict": "failed", "metrics": {
                        "most_live": 2000, "response.p99": 461_000, "lost": 0}})):
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    json.dump(document, file)
            text = table.tables(folder)
        self.assertIn("| pcmu-encode | 0.073 | 0.008 of libspeexdsp's resampler | 0 | - |", text)
        self.assertIn("| 4000 | 9.64 | 84 |", text)
        self.assertIn("| 100 | 7 | 10.5 | 1.5 | 80 | 120 |", text)
        self.assertIn("| 2000, the generator was late | - | - | - | - | - |", text)
        self.assertIn("| webex | failed | 2000 | - | 461 | - | 0 |", text)

    def test_a_folder_without_results_has_none(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(table.tables(folder), "")


class SpliceTests(unittest.TestCase):
    def test_only_what_is_between_the_marks_changes(self):
        text = f"a\n{table.BEGIN}\nold\n{table.END}\nb\n"
        self.assertEqual(
            table.splice(text, "new"), f"a\n{table.BEGIN}\nnew\n{table.END}\nb\n")

    def test_a_file_without_the_marks_is_left_alone(self):
        for text in ("", table.BEGIN, table.END + table.BEGIN, 2 * (table.BEGIN + table.END)):
            with self.assertRaises(ValueError):
                table.splice(text, "new")


if __name__ == "__main__":
    unittest.main()

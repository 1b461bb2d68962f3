# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The gate's verdicts: what passes, what fails, and what a slow machine leaves open."""

import importlib.machinery
import importlib.util
import os
import socket
import types
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load_gate():
    """The script as a module, although its name has no suffix."""
    loader = importlib.machinery.SourceFileLoader(
        "load_gate", os.path.join(ROOT, "Benchmarks", "Load", "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("load_gate", loader))
    loader.exec_module(module)
    return module


gate = load_gate()


class JudgeTests(unittest.TestCase):
    def test_status_of_load_decides_where_the_machine_was_fair(self):
        self.assertEqual(gate.judge(0, {"reason": "all hold"}, None), ("passed", "all hold"))
        self.assertEqual(gate.judge(1, {"reason": "late"}, None), ("failed", "late"))
        self.assertEqual(gate.judge(75, {"reason": "ours"}, None), ("inconclusive", "ours"))

    def test_a_pass_needs_no_fair_machine_and_a_failure_does(self):
        self.assertEqual(gate.judge(0, {"reason": "all hold"}, "busy")[0], "passed")
        verdict, reason = gate.judge(1, {"reason": "p99 is 900 ms"}, "others used 40 %")
        self.assertEqual(verdict, "inconclusive")
        self.assertIn("others used 40 %", reason)
        self.assertIn("p99 is 900 ms", reason)

    def test_a_program_that_breaks_is_a_failure_on_any_machine(self):
        self.assertEqual(gate.judge(-11, {}, "busy")[0], "failed")
        self.assertEqual(gate.judge(64, {}, None)[0], "failed")
        self.assertEqual(gate.judge(1, {}, "busy")[0], "failed")


class DisturbanceTests(unittest.TestCase):
    def setUp(self):
        cores = os.cpu_count() or 1
        # Server and generator use all that is used.
        self.usage = {"seconds": 10, "server": 0.5 * cores, "generator": 0.3 * cores,
                      "machine": 8.0, "steal": 0.0}

    def why(self, before=1.0, after=1.0, fastest=1.0, **changes):
        return gate.disturbance({"usage": {**self.usage, **changes}}, before, after, fastest)

    def test_a_machine_of_our_own_is_fair(self):
        self.assertIsNone(self.why())
        self.assertIsNone(gate.disturbance({}, 1, 1, 1))

    def test_steal_others_and_slow_loops_are_seen(self):
        self.assertIn("the host took 9.0 %", self.why(steal=9.0))
        self.assertIn("others used 42 %", self.why(machine=50.0))
        self.assertIn("1.40 times", self.why(after=1.4))


class SecondTryTests(unittest.TestCase):
    def test_only_the_short_form_tries_a_failure_again(self):
        self.assertTrue(gate.tries_again("inconclusive", False))
        self.assertTrue(gate.tries_again("inconclusive", True))
        self.assertTrue(gate.tries_again("failed", True))
        self.assertFalse(gate.tries_again("failed", False))
        self.assertFalse(gate.tries_again("passed", True))


class CommandTests(unittest.TestCase):
    def command(self, name, **changes):
        options = types.SimpleNamespace(
            scale=0.05, seconds=10, ramp=4, seed=1, short=False, curve=None)
        server = types.SimpleNamespace(
            port=1, grpc_port=2, operations_port=3, process=types.SimpleNamespace(pid=77))
        vars(options).update(changes)
        return gate.load_command("sidetone", gate.SCENARIOS[name], server, options, "base")

    def test_the_command_names_calls_and_time(self):
        command = self.command("webex")
        self.assertEqual(command[command.index("--mix") + 1], "webex=100")
        self.assertEqual(command[command.index("--hold") + 1], "10")
        self.assertNotIn("--callers", command)

    def test_the_short_form_gives_times_and_memory_more_and_counts_nothing(self):
        command = self.command("mix", short=True)
        self.assertIn("webex.response.p99<=625ms", command)
        self.assertIn("rss_per_call<=143.75KiB", command)
        self.assertIn("lost==0", command)
        self.assertNotIn("webex.response.p99<=500ms", command)
        self.assertFalse([word for word in command if word.startswith("barge_in")])

    def test_the_curve_is_drawn_where_there_is_one(self):
        self.assertNotIn("--curve", self.command("webex"))
        command = self.command("webex", curve="media.json")
        self.assertEqual(command[command.index("--curve") + 1], "media.json")

    def test_every_limit_is_asserted(self):
        for name, scenario in gate.SCENARIOS.items():
            command = self.command(name)
            asserted = [after for before, after in zip(command, command[1:])
                        if before == "--assert"]
            self.assertEqual(asserted, gate.limits(scenario))
            self.assertIn("lost==0", asserted)
            self.assertTrue([limit for limit in asserted if limit.startswith("rss_per_call<=")])
        self.assertNotIn("own.p99<=20ms", gate.limits(gate.SCENARIOS["cxone"]))

    def test_the_full_form_is_two_thousand_streams(self):
        streams = {"webex": 1, "genesys": 1, "cxone": 2}
        for scenario in gate.SCENARIOS.values():
            total = sum(streams[name] * calls for name, calls in scenario["mix"].items())
            self.assertEqual(total, 2000)


class TableTests(unittest.TestCase):
    def test_cells_have_the_units_of_their_metrics(self):
        metrics = {"response.p99": 431_250, "own.p99": 9_500, "cpu_per_call": 0.0421,
                   "lost": 0, "rss_per_call": 1536}
        self.assertEqual(gate.text("response.p99", metrics), "431 ms")
        self.assertEqual(gate.text("own.p99", metrics), "9.5 ms")
        self.assertEqual(gate.text("cpu_per_call", metrics), "0.0421 %")
        self.assertEqual(gate.text("lost", metrics), "0")
        self.assertEqual(gate.text("barge_in.p95", metrics), "-")

    def test_columns_are_aligned(self):
        lines = gate.table([["a", "verdict"], ["longer", "x"]])
        self.assertEqual(lines, ["a       verdict", "longer  x"])


class PortTests(unittest.TestCase):
    def test_ports_are_free_and_different(self):
        ports = gate.unused_ports(3)
        self.assertEqual(len(set(ports)), 3)
        for port in ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))


if __name__ == "__main__":
    unittest.main()

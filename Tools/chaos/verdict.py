# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""What became of a fault, told from figures alone."""

import re

# The product's budget for an answer, in microseconds.
BUDGET = 500_000

SURVIVED = "survived"
BROKEN = "BROKEN"
# The callers were late themselves: their figures say nothing of the server.
INCONCLUSIVE = "machine too slow"


class Outcome:
    """A row of the table."""

    def __init__(self, fault, injected):
        self.fault = fault
        self.injected = injected
        self.others = ""
        self.lost = ""
        self.problems = []
        self.is_conclusive = True

    def require(self, holds, sentence):
        if not holds:
            self.problems.append(sentence)

    def failed(self, sentence):
        """The run itself broke off."""
        self.problems.append(sentence)
        return self

    def judge_others(self, result, limit=BUDGET):
        """Calls that the fault was not aimed at: all there, answered, within `limit`."""
        self.others = (
            f"{result['calls']:.0f} calls, answers p50 {result['response.p50'] / 1000:.0f} "
            f"p99 {result['response.p99'] / 1000:.0f} ms")
        self.is_conclusive = self.is_conclusive and result.was_punctual
        self.require(result["response.count"] > 0, "nobody was answered")
        self.require(
            result["response.p99"] <= limit, f"answers later than {limit / 1000:.0f} ms")
        why = "; ".join(result.incidents[:3])
        self.require(
            result["failed"] == 0, f"{result['failed']:.0f} other calls broke off: {why}")
        self.require(
            result["refused"] == 0, f"{result['refused']:.0f} other calls were refused: {why}")

    def judge_drain(self, log, result):
        """No call was cut: the server's last word and the callers' own agree.

        Statistics cannot tell: between the last look at them and the end of the process calls end
        as they should, and more of them the more there were.
        """
        told = re.search(r" calls=(\d+) cut=(\d+) .*stopped$", log, re.MULTILINE)
        self.require(told is not None, "the server did not say how it stopped")
        cut = int(told[2]) if told else 0
        self.others = f"{told[1] if told else '?'} calls ended, {cut} of them cut"
        self.is_conclusive = self.is_conclusive and result.was_punctual
        self.require(cut == 0, f"{cut} calls were cut")
        why = "; ".join(result.incidents[:3])
        self.require(
            result["failed"] == 0, f"{result['failed']:.0f} calls broke off: {why}")

    def note(self, before, after, *names):
        """What `/statistics` says was lost or told, by names such as `endings.connection_lost`."""
        for name in names:
            grown = figure(after, name) - figure(before, name)
            self.lost += f"{', ' if self.lost else ''}{name.split('.')[-1]} {grown}"

    @property
    def verdict(self):
        if not self.problems:
            return SURVIVED
        return BROKEN if self.is_conclusive else INCONCLUSIVE


def figure(statistics, name):
    """A member of the statistics, `a.b` for member b of member a; 0 where there is none."""
    value = statistics or {}
    for part in name.split("."):
        value = value.get(part, 0) if isinstance(value, dict) else 0
    return value


def table(outcomes):
    """The rows as text, a column as wide as its widest cell."""
    rows = [("fault", "injected", "other calls", "in /statistics", "verdict")]
    rows += [(one.fault, one.injected, one.others, one.lost, one.verdict) for one in outcomes]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    for one in outcomes:
        lines += [f"{one.fault}: {problem}" for problem in one.problems]
    return "\n".join(lines)

# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Calls that come and go for a long time: memory stays, files and calls return to zero."""

import time

from callers import Callers
from faults import BOT
from server import Server

RAMP = 10
# Pools and buffers reach their size in it; what is measured begins after it.
WARM_UP = 45
# Growth in bytes that allocators make of the same work done again.
NOISE = 3_000_000


def slope(samples):
    """Least squares through (seconds, bytes): bytes a second."""
    count = len(samples)
    mean_time = sum(at for at, _ in samples) / count
    mean_size = sum(size for _, size in samples) / count
    spread = sum((at - mean_time) ** 2 for at, _ in samples)
    if spread == 0:
        return 0.0
    return sum((at - mean_time) * (size - mean_size) for at, size in samples) / spread


def growth(samples):
    """What the straight line through the samples gains from the first to the last, in bytes."""
    return slope(samples) * (samples[-1][0] - samples[0][0])


def problems(samples, idle, declared, left, files, failed=0):
    """What did not hold, as sentences.

    `samples` are (seconds, bytes) once all is warm, `idle` the bytes before the first call,
    `declared` the most that admission counted for calls, `left` and `files` what was not given
    back, `failed` the calls that broke off.
    """
    found = [f"{failed} calls broke off"] if failed else []
    if len(samples) < 20:
        return found + ["too short to say anything of memory"]
    grown = growth(samples)
    if grown > NOISE:
        found.append(f"memory grew by {grown / 1e6:.1f} MB")
    taken = max(size for _, size in samples) - idle
    if taken > declared:
        found.append(f"calls took {taken / 1e6:.1f} MB and declared {declared / 1e6:.1f} MB")
    if left or files:
        found.append(f"{left} calls and {files} files were left")
    return found


def run(binary, calls, minutes, tell):
    """Returns lines for people and whether all held."""
    mix = {"webex": calls - 2 * (calls // 5), "cxone": calls // 5, "genesys": calls // 5}
    hold = minutes * 60 - RAMP
    samples = []
    with Server(binary, BOT) as server:
        files, idle = server.open_files(), server.resident_bytes()
        options = ["--call-length", "20"]
        with Callers(server, mix, hold, ramp=RAMP, options=options) as callers:
            start = time.monotonic()
            most = declared = 0
            while callers.process.poll() is None:
                seconds = time.monotonic() - start
                if WARM_UP < seconds < RAMP + hold:
                    samples.append((seconds, server.resident_bytes()))
                figures = server.statistics()
                live = figures["live_calls"]
                most = max(most, live)
                declared = max(declared, figures["declared_bytes"])
                tell(f"{seconds:5.0f} s  {live:5d} calls  "
                     f"{server.resident_bytes() / 1e6:6.1f} MB  {server.open_files():5d} files")
                time.sleep(2)
            result = callers.result()
        end = time.monotonic() + 15
        while time.monotonic() < end and (
                server.statistics()["live_calls"] or server.open_files() > files):
            time.sleep(0.5)
        last = server.statistics()
        # The connection of that question is closing.
        time.sleep(0.5)
        left, open_files = last["live_calls"], server.open_files()
    failed = int(result["failed"])
    why = "; ".join(result.incidents[:3])
    # Callers that were late themselves break calls off that the server would have kept.
    found = problems(
        samples, idle, declared, left, max(0, open_files - files),
        failed if result.was_punctual else 0)
    peak = max((size for _, size in samples), default=idle)
    lines = [
        f"calls      {last['calls_started']} in {minutes:g} min, at most {most} at a time, "
        f"{last['calls_refused']} refused",
        f"memory     idle {idle / 1e6:.1f} MB, at most {peak / 1e6:.1f} MB: "
        f"{(peak - idle) / max(1, most) / 1000:.0f} KB a call, "
        f"declared {declared / max(1, most) / 1000:.0f} KB",
        f"growth     {growth(samples) / 1e6:+.2f} MB over {samples[-1][0] - samples[0][0]:.0f} s"
        if samples else "growth     not measured",
        f"afterwards {left} calls, {open_files} open files ({files} before)",
        f"callers    {failed} calls broke off{': ' if failed else ''}{why if failed else ''}"
        f"{'' if result.was_punctual else ' (the callers were late themselves)'}",
    ] + [f"BROKEN: {problem}" for problem in found]
    return lines, not found

# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""What every attack is watched by: another client, and the size of the server's memory.

An attack ends when the server has taken it all, when it ends the connection, or after
`seconds.attack`. Either outcome passes; what fails is an outage on another connection, memory
beyond the allowance, or a server that no longer answers.
"""

import os
import threading
import time

from http2 import Connection, literal_block
from rpc import require


def resident(pid):
    """Resident memory in MiB."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except OSError:
        return None


class Bystander:
    """A well-behaved client on a connection of its own, and a watch on the server's memory."""

    def __init__(self, target):
        self.target = target
        self.pid = target.config["pid"]
        self.slowest = 0.0
        self.calls = 0
        self.failure = None
        self.base = self.peak = resident(self.pid) if self.pid else None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        self.connection = Connection(self.target.host, self.target.port, timeout=self.target.timeout)
        self.thread.start()
        return self

    def _work(self):
        try:
            while not self.stop.is_set():
                began = time.monotonic()
                call = self.target.probe(self.connection)
                if call.status is None:
                    self.failure = f"a call on another connection failed: {call}"
                    return
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.calls += 1
                if self.pid:
                    self.peak = max(self.peak, resident(self.pid) or 0)
                self.stop.wait(0.02)
        except Exception as error:  # reported by the check, not lost with the thread
            self.failure = f"a call on another connection failed: {type(error).__name__}: {error}"

    def __exit__(self, kind, *_):
        self.stop.set()
        self.thread.join(self.target.timeout + 1)
        self.connection.close()
        if kind is None:
            self.judge()

    def judge(self):
        require(self.failure is None, self.failure)
        allowed = self.target.config["seconds"]["bystander"]
        require(self.slowest <= allowed, f"a call on another connection took {self.slowest:.2f} s")
        if self.pid:
            require(resident(self.pid) is not None, "the server process is gone")
            grown = self.peak - self.base
            require(grown <= self.target.config["limits"]["attack_mebibytes"], f"memory grew by {grown:.0f} MiB")

    def __str__(self):
        text = f"{self.calls} calls beside it, slowest {self.slowest * 1000:.0f} ms"
        return text + (f", memory +{max(0, self.peak - self.base):.0f} MiB" if self.pid else "")


def attack(target, connection, octets, units, unit_size, read=True, ping=True):
    """Delivers a flood while a bystander calls; what became of both."""
    allowed = target.config["seconds"]["attack"]
    with Bystander(target) as bystander:
        began = time.monotonic()
        taken = connection.flood(octets, allowed, read)
        outcome = "took all"
        if taken < len(octets):
            outcome = f"stopped reading after {taken // unit_size} of"
        elif read and ping:
            # The octets have left; the answer to a PING tells when they have been dealt with.
            outcome = "served" if connection.ping(allowed) else "fell silent after"
        connection.run(lambda: connection.ended(), 0.2)
        took = time.monotonic() - began
        time.sleep(0.1)
    if connection.ended():
        outcome = f"{connection.ended()} within"
    connection.violations.clear()
    return f"{outcome} {units} in {took:.1f} s; {bystander}"


def request_block(target):
    return literal_block(target.headers(target.any_path()))

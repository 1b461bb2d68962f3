# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A `sidetone serve` of our own: its ports, its figures, its signals."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def unused_ports(count):
    """Ports that nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Server:
    """Started by `with`, ended at its end however that comes about."""

    def __init__(self, binary, script, settings=(), stderr=None, environment=None):
        self.port, self.grpc_port, self.operations_port = unused_ports(3)
        self.command = [
            binary, "serve", "--port", str(self.port),
            "--set", f"webex.port={self.grpc_port}",
            "--set", f"operations.port={self.operations_port}",
            "--set", "server.log_level=warning", "--set", f"bot.script={script}",
            # CXone tells no end but a closed connection: calls are over so long after it.
            "--set", "cxone.grace_seconds=5"]
        for setting in settings:
            self.command += ["--set", setting]
        self.stderr = subprocess.DEVNULL if stderr is None else stderr
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.is_stopping = False

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stderr=self.stderr, env=self.environment, cwd=ROOT)
        end = time.monotonic() + 20
        while self.ready()[0] != 200:
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"the server does not start: {' '.join(self.command)}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def genesys(self):
        return f"ws://127.0.0.1:{self.port}/genesys/connector"

    @property
    def cxone(self):
        return f"ws://127.0.0.1:{self.port}/cxone"

    @property
    def webex(self):
        return f"grpc://127.0.0.1:{self.grpc_port}"

    def url(self, path):
        return f"http://127.0.0.1:{self.operations_port}{path}"

    def ready(self):
        """Status and text of the readiness; status 0 while nobody answers."""
        try:
            with urllib.request.urlopen(self.url("/health/ready"), timeout=5) as answer:
                return answer.status, answer.read().decode().strip()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode().strip()
        except OSError:
            return 0, ""

    def statistics(self):
        """What `GET /statistics` answers; None once the server is gone."""
        try:
            with urllib.request.urlopen(self.url("/statistics"), timeout=10) as answer:
                return json.load(answer)
        except (OSError, ValueError) as error:
            if self.process.poll() is None and not self.is_stopping:
                raise RuntimeError(f"no statistics: {error}") from error
            if not self.is_stopping:
                raise RuntimeError(f"the server ended with {self.process.poll()}") from error
            return None

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def send(self, number):
        self.is_stopping = self.is_stopping or number == signal.SIGTERM
        self.process.send_signal(number)

    def stall(self, seconds):
        """Every thread of the server stands still for so long."""
        self.send(signal.SIGSTOP)
        time.sleep(seconds)
        self.send(signal.SIGCONT)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

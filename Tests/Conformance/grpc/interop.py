# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Interoperation of our server and client with grpcio: see README.md."""

import fnmatch
import select
import signal
import subprocess
import sys
import tempfile
import time

import interop_client
import interop_server
from interop_certificates import Certificates

CHECK_SECONDS = 20


class Endpoint:
    """A running grpc-echo server; its port is what it prints first."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE)
        if not select.select([self.process.stdout], [], [], 10)[0]:
            self.close()
            raise RuntimeError(f"{program} did not say where it listens")
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Bench:
    """What checks have at hand."""

    def __init__(self, program, folder):
        self.program = program
        self.certificates = Certificates(folder)
        self.plain = Endpoint(program)

    def endpoint(self, *arguments):
        return Endpoint(self.program, *arguments)

    def client(self, port, scenario, *arguments, seconds=10):
        """Runs our client; its exit status and the last line it printed."""
        run = subprocess.run([self.program, "--client", str(port), scenario, *arguments],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                             timeout=seconds)
        return run.returncode, (run.stdout.strip().split("\n") or [""])[-1]

    def start_client(self, port, scenario, *arguments):
        return subprocess.Popen([self.program, "--client", str(port), scenario, *arguments],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def verdict(check, bench):
    def overdue(*_):
        raise TimeoutError(f"not finished after {CHECK_SECONDS} s")

    signal.signal(signal.SIGALRM, overdue)
    signal.alarm(CHECK_SECONDS)
    try:
        return "PASS", check(bench) or ""
    except Exception as error:  # whatever a check ends with is its verdict
        return "FAIL", f"{type(error).__name__}: {error}".split("\n")[0]
    finally:
        signal.alarm(0)


def main():
    if len(sys.argv) < 2:
        print("usage: interop path-to-grpc-echo [check pattern ...]", file=sys.stderr)
        return 2
    program, patterns = sys.argv[1], sys.argv[2:] or ["*"]
    checks = [(name, check) for module in (interop_server, interop_client)
              for name, check in module.CHECKS
              if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
    passed, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(program, folder)
        try:
            for name, check in checks:
                word, remark = verdict(check, bench)
                passed += word == "PASS"
                print(f"{word}  {name:28} {remark}".rstrip(), flush=True)
        finally:
            bench.plain.close()
    print(f"\n{time.monotonic() - began:.0f} seconds")
    print(f"{passed} passed, {len(checks) - passed} failed")
    return 1 if passed < len(checks) else 0


if __name__ == "__main__":
    sys.exit(main())

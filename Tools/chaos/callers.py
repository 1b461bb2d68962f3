# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A group of synthetic callers: one `sidetone load`."""

import itertools
import json
import os
import signal
import subprocess
import tempfile

VOICES = os.environ.get("SIDETONE_VOICES", "/usr/share/asterisk/sounds/en_US_f_Allison")
UTTERANCES = ("conf-onlyperson.wav", "vm-goodbye.wav")

# A group with the seed of another would place the same conversations.
SEEDS = itertools.count(1)

# The built program; set once, by `run`.
program = None

# Processor time of others, in per cent of one core, that spoils a measurement.
NEIGHBOURS = 30

# `sidetone load` says with it that the machine, not the server, was too slow.
INCONCLUSIVE = 75


class Callers:
    """Started by `with`; ask for `result()` before its end."""

    def __init__(self, server, mix, hold, ramp=5, options=(), genesys=None):
        self.file = tempfile.NamedTemporaryFile(suffix=".json")
        self.command = [
            program, "load", "--mix", ",".join(f"{name}={count}" for name, count in mix.items()),
            "--ramp", str(ramp), "--hold", str(hold), "--seed", str(next(SEEDS)),
            "--webex", server.webex, "--cxone", server.cxone,
            "--genesys", genesys or server.genesys,
            "--pid", str(server.process.pid), "--json", self.file.name, *options]
        for name in UTTERANCES:
            self.command += ["--audio", os.path.join(VOICES, name)]
        self.duration = ramp + hold
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
        self.file.close()

    def send(self, number):
        self.process.send_signal(number)

    def result(self):
        """Waits for the end; metrics by name, and whether the generator kept its time."""
        _, errors = self.process.communicate(timeout=self.duration + 120)
        with open(self.file.name, encoding="utf-8") as file:
            text = file.read()
        if not text:
            raise RuntimeError(f"sidetone load: {errors.decode().strip()[-500:]}")
        document = json.loads(text)
        metrics = document["metrics"]
        others = (
            metrics.get("machine_cpu", 0) * os.cpu_count() - metrics.get("cpu", 0)
            - metrics.get("generator_cpu", 0))
        return Result(
            metrics, self.process.returncode != INCONCLUSIVE and others < NEIGHBOURS,
            sorted({incident["what"] for incident in document["incidents"]}))


class Result:
    """What a group of callers measured. Times are microseconds."""

    def __init__(self, metrics, was_punctual=True, incidents=()):
        self.metrics = metrics
        # Whether callers kept their time and nobody else held the processor.
        self.was_punctual = was_punctual
        # What went wrong with calls, each sentence once.
        self.incidents = incidents

    def __getitem__(self, name):
        return self.metrics.get(name) or 0

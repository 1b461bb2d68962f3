# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A bot in a process of its own that greets and then answers every turn, for as long as it is asked.

As a program it is the bot, on top of the examples' `sidetone_bot`; imported, it starts one.
"""

import os
import signal
import subprocess
import sys
import time
import wave

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROMPTS = os.path.join(ROOT, "Sources/Bots/Resources/prompts")
EXAMPLES = os.path.join(ROOT, "examples/bots")
# One of them has the package `websockets`; the last is what examples/bots/run makes.
PYTHONS = (sys.executable, "/usr/bin/python3", os.path.join(EXAMPLES, ".venv/bin/python"))


class FarBot:
    """Started by `with`; `url` is where it listens."""

    def __init__(self):
        self.process = None
        self.url = None

    def __enter__(self):
        self.process = subprocess.Popen(
            [python(), os.path.abspath(__file__), "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"the bot ended with {self.process.wait()}")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def pause(self, seconds):
        """It stands still for so long."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)


def python():
    """An interpreter that can run the bot."""
    for candidate in PYTHONS:
        if os.access(candidate, os.X_OK) and subprocess.run(
                [candidate, "-c", "import websockets"], stderr=subprocess.DEVNULL,
                check=False).returncode == 0:
            return candidate
    raise RuntimeError("no Python has the package websockets: examples/bots/run fetches it")


def prompt(name):
    """A prompt's samples, 16 bits at 8 kHz."""
    with wave.open(os.path.join(PROMPTS, name + ".wav")) as file:
        return file.readframes(file.getnframes())


def main():
    sys.path.insert(0, EXAMPLES)
    import sidetone_bot

    greeting, answer = prompt("how-can-i-help"), prompt("opening-hours")

    class Answerer(sidetone_bot.Bot):
        """Greets, and answers every turn."""

        output = {"encoding": "pcm16", "rate": 8000}
        # 0.2 s: few messages, so that the bot is not what is slow.
        chunk = 3200

        async def on_start(self, message):
            if not message.get("resume"):
                await self.say(greeting)

        async def on_speech_ended(self, message):
            await self.say(answer)

    sidetone_bot.main(Answerer)


if __name__ == "__main__":
    main()

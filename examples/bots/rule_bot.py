# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Greets, answers the first turn, says goodbye to the second; a key 0 asks for a human."""

import pathlib
import wave

from sidetone_bot import Bot, main

PROMPTS = pathlib.Path(__file__).parents[2] / "Sources/Bots/Resources/prompts"


def prompt(name):
    with wave.open(str(PROMPTS / f"{name}.wav")) as file:
        return file.readframes(file.getnframes())


class RuleBot(Bot):
    """A bot by rules: which prompt follows what the caller did."""

    output = {"encoding": "pcm16", "rate": 8000}

    def __init__(self, connection, start):
        super().__init__(connection, start)
        self.turns = 0

    async def on_start(self, message):
        if not message.get("resume"):
            await self.say(prompt("how-can-i-help"))

    async def on_speech_ended(self, message):
        self.turns += 1
        if self.turns == 1:
            await self.say(prompt("opening-hours"))
        else:
            await self.say(prompt("goodbye"), barge_in=False, more=True)
            await self.send("end", outputs={"turns": str(self.turns)})

    async def on_dtmf(self, message):
        if message["digit"] == "0":
            await self.send("clear")
            await self.send("transfer", to="operator", summary="The caller asked for a human.")

    async def on_response_ended(self, message):
        print(f"heard {message['heard_ms']} ms of {message['response']}", flush=True)

    async def on_barge_in(self, message):
        print(f"interrupted at {message['position']}", flush=True)


if __name__ == "__main__":
    main(RuleBot)

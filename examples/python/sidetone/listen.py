# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Tells what happens on a recorded call: sidetone-listen CALLER.wav [BOT.wav]

Both are 16 bits mono at 8 kHz. The bot's side is played from the beginning. The call goes
on a clock of its own, so an hour takes seconds.
"""

import sys
import wave

from . import Engine

PACKET = 160
ENCODING = 2


def samples(path):
    with wave.open(path) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (8000, 1, 2):
            sys.exit(f"{path} is not 16 bits mono at 8 kHz")
        return file.readframes(file.getnframes())


def listen(caller, bot=b""):
    """Yields the events of a call."""
    now = 1_000_000_000
    with Engine(clock=lambda: now, max_calls=1) as engine:
        call = engine.open_call(from_platform=(ENCODING, 8000, 1))
        if bot:
            response = call.begin_response()
            call.push_bot_audio(response, bot)
            call.end_response(response)
        for offset in range(0, len(caller), 2 * PACKET):
            for _ in range(2):
                now += 10_000_000
                call.tick()
                call.take_flush()
                for _ in call.packets():
                    pass
                yield from call.events()
            call.push_caller_audio(caller[offset:offset + 2 * PACKET])
            call.pull_caller_audio()
            yield from call.events()


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    for event in listen(*map(samples, sys.argv[1:])):
        detail = event.detail
        print(f"{event.kind} {detail.position / 8000:.3f}", flush=True)


if __name__ == "__main__":
    main()

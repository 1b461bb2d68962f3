# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A script of a bot that cannot be stopped."""

import math
import os
import struct
import wave


def lecture(folder):
    """A bot that says four minutes of tone and cannot be interrupted."""
    with wave.open(os.path.join(folder, "lecture.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        period = b"".join(
            struct.pack("<h", int(8000 * math.sin(math.pi * index / 10))) for index in range(20))
        file.writeframes(period * (400 * 240))
    path = os.path.join(folder, "lecture.yaml")
    with open(path, "w", encoding="ascii") as file:
        file.write(
            "start: talk\n"
            "no_input: {after_ms: 60000, say: lecture.wav, attempts: 10, then: talk}\n"
            "steps:\n  talk:\n    say: {file: lecture.wav, barge_in: false}\n"
            "    listen:\n      - then: talk\n")
    return path

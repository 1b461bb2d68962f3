# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The recorded call of the checks: a bot's prompts, and a caller who answers and interrupts."""

import array
import os
import random
import sys
import wave

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROMPTS = os.path.join(ROOT, "Sources", "Bots", "Resources", "prompts")
RATE = 8000
ECHO_DELAY = 1760
ECHO_PART = 8


def read(path):
    """Samples at 8 kHz of a WAV file with 16 bits at 8 or 16 kHz."""
    with wave.open(path) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        step = file.getframerate() // RATE
    if sys.byteorder == "big":
        samples.byteswap()
    return samples[::step]


class Material:
    """Files of one call: near side, far side and answer, as raw samples and as WAV."""

    def __init__(self, folder, reference, sidetone):
        self.reference = reference
        self.sidetone = sidetone
        far = read(os.path.join(PROMPTS, "opening-hours.wav"))
        answer = read(os.path.join(PROMPTS, "goodbye.wav"))
        near = self.near(far, read(os.path.join(PROMPTS, "how-can-i-help.wav")))
        self.call = [self.write(folder, name, samples) for name, samples in
                     (("near", near), ("far", far), ("answer", answer))]
        self.wav = [path.replace(".raw", ".wav") for path in self.call]
        short = self.write(folder, "short", near[:4 * RATE])
        self.short_call = [short, *self.call[1:]]

    @staticmethod
    def near(far, voice):
        """The echo of the far side under a caller who speaks into it after 1.5 s, and after it."""
        noise = random.Random(7)
        near = array.array("h", (noise.randint(-12, 12) for _ in range(len(far) + 8 * RATE)))
        near[0] = 1
        for index, sample in enumerate(far):
            near[index + ECHO_DELAY] += sample // ECHO_PART
        for start in (3 * RATE // 2, len(far) + 2 * RATE):
            for index, sample in enumerate(voice[:min(len(voice), len(near) - start)]):
                near[start + index] = max(-32000, min(32000, near[start + index] + sample))
        return near

    @staticmethod
    def write(folder, name, samples):
        if sys.byteorder == "big":
            samples = array.array("h", samples)
            samples.byteswap()
        path = os.path.join(folder, name + ".raw")
        with open(path, "wb") as file:
            samples.tofile(file)
        with wave.open(os.path.join(folder, name + ".wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())
        return path

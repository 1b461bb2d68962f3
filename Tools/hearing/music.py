# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Music by program: chords, bass, drums and a melody in several styles, at 8 kHz."""

import numpy as np
from scipy import signal

from noises import band, clock
from samples import RATE

# Steps of the scale for each chord of a progression.
PROGRESSIONS = [(0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 4, 4), (1, 4, 0, 0), (0, 2, 3, 4)]
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
TRAINING = ("pop", "ballad", "electronic", "jazz")
HELD = ("waltz", "strings", "march")
# Beats per bar, beats per minute, the chord's instrument, the melody's instrument, drums.
STYLES = {
    "pop": (4, (95, 130), "guitar", "lead", True),
    "ballad": (4, (58, 80), "piano", "flute", False),
    "electronic": (4, (115, 145), "pad", "lead", True),
    "jazz": (4, (90, 160), "piano", "sax", True),
    "waltz": (3, (85, 150), "organ", "flute", False),
    "strings": (4, (50, 75), "strings", "strings", False),
    "march": (2, (100, 120), "brass", "brass", True),
}


def note(rng, instrument, hertz, seconds):
    count = max(64, int(seconds * RATE))
    time = clock(count)
    vibrato = 1 + .004 * np.sin(2 * np.pi * rng.uniform(4, 6.5) * time) * (
        instrument in ("flute", "strings", "sax", "brass"))
    phase = 2 * np.pi * np.cumsum(hertz * vibrato) / RATE
    harmonics = {"guitar": 8, "piano": 7, "flute": 3, "lead": 12, "pad": 6, "organ": 6,
                 "strings": 12, "brass": 14, "sax": 10, "bass": 5}[instrument]
    tilt = {"flute": 2.2, "piano": 1.3, "guitar": 1.1, "organ": .7, "bass": 1.4}.get(instrument, .9)
    sound = np.zeros(count)
    for harmonic in range(1, harmonics + 1):
        if hertz * harmonic > 3700:
            break
        sound += np.sin(harmonic * phase + rng.uniform(0, 6)) / harmonic ** tilt
    attacks = {"strings": .15, "pad": .2, "brass": .05, "flute": .06, "sax": .04}
    attack = attacks.get(instrument, .006)
    shape = np.minimum(time / attack, 1) * np.minimum((time[-1] - time) / .03, 1)
    if instrument in ("piano", "guitar", "bass"):
        shape = shape * np.exp(-time * rng.uniform(1.5, 5))
    if instrument in ("flute", "sax"):
        sound = sound + .05 * rng.standard_normal(count)
    return sound * shape


def drum(rng, kind):
    count = int({"kick": .18, "snare": .16, "hat": .06}[kind] * RATE)
    time = clock(count)
    if kind == "kick":
        pitch = 60 + 120 * np.exp(-time * 40)
        return np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * np.exp(-time * 22)
    hiss = rng.standard_normal(count) * np.exp(-time * (25 if kind == "snare" else 70))
    shape = signal.butter(2, 900 if kind == "snare" else 2500, "highpass", fs=RATE, output="sos")
    return signal.sosfilt(shape, hiss) + (kind == "snare") * .5 * np.sin(
        2 * np.pi * 190 * time) * np.exp(-time * 30)


def put(track, start, sound, level):
    start = int(start)
    if 0 <= start < len(track):
        sound = sound[: len(track) - start]
        track[start:start + len(sound)] += level * sound


def music(rng, count, style):
    beats, tempo, chord_sound, lead_sound, drums = STYLES[style]
    beat = 60 / rng.uniform(*tempo)
    root = 110 * 2 ** (rng.integers(0, 12) / 12)
    scale = MAJOR if rng.random() < .6 else MINOR
    progression = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]

    def hertz(step, octave=0):
        return root * 2 ** ((scale[step % 7] + 12 * (step // 7 + octave)) / 12)

    track = np.zeros(count)
    levels = rng.uniform(.3, 1, 4)
    rhythm = rng.choice([.5, 1, 1, 2, .25], size=16)
    # Begins somewhere inside a bar, as music on hold does.
    bar, step = -int(rng.integers(0, int(beat * beats * RATE))), 0
    while bar < count:
        chord = progression[step % len(progression)]
        length = beat if chord_sound in ("guitar", "piano", "organ") else beat * beats
        for index in range(beats if length == beat else 1):
            for third in (0, 2, 4):
                put(track, bar + index * beat * RATE,
                    note(rng, chord_sound, hertz(chord + third), length * .95), .3 * levels[0])
        put(track, bar, note(rng, "bass", hertz(chord, -1), beat * beats * .8), .6 * levels[1])
        at, index = 0.0, step * 5
        while at < beats:
            length = float(rhythm[index % 16])
            if rng.random() < .8:
                degree = chord + int(rng.choice([0, 2, 4, 1, 6, 7]))
                put(track, bar + at * beat * RATE,
                    note(rng, lead_sound, hertz(degree, 1), length * beat * .9), .5 * levels[2])
            at, index = at + length, index + 1
        if drums:
            for half in range(2 * beats):
                put(track, bar + half * beat / 2 * RATE, drum(rng, "hat"), .15 * levels[3])
            for index in range(beats):
                put(track, bar + index * beat * RATE,
                    drum(rng, "snare" if index % 2 else "kick"), .7 * levels[3])
        bar, step = bar + int(beat * beats * RATE), step + 1
    return band(np.tanh(track / (3 * np.std(track) + 1e-9)))

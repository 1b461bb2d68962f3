# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Sounds a caller makes that are no words: coughs, knocks, breaths, bumps; and keys."""

import numpy as np
from scipy import signal

from samples import RATE, bandpass, resonance

DTMF = {"1": (697, 1209), "2": (697, 1336), "3": (697, 1477), "A": (697, 1633),
        "4": (770, 1209), "5": (770, 1336), "6": (770, 1477), "B": (770, 1633),
        "7": (852, 1209), "8": (852, 1336), "9": (852, 1477), "C": (852, 1633),
        "*": (941, 1209), "0": (941, 1336), "#": (941, 1477), "D": (941, 1633)}


def key_tone(digit, milliseconds, level_dbov):
    low, high = DTMF[digit]
    time = np.arange(milliseconds * RATE // 1000) / RATE
    amplitude = 32768 * 10 ** (level_dbov / 20)
    return amplitude * (np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time))


def bursts(rng, count, lead_ms):
    """Coughs, knocks and breaths over so many samples, and their spans [start, end, kind] in ms."""
    sound = np.zeros(count)
    spans = []
    at = int(RATE * (lead_ms / 1000 + rng.uniform(1, 2)))
    while at < count - RATE * 2:
        kind = rng.choice(["cough", "knock", "breath"])
        length = int(RATE * {"cough": rng.uniform(.12, .3), "knock": rng.uniform(.01, .04),
                             "breath": rng.uniform(.3, .7)}[kind])
        time = np.arange(length) / RATE
        noise = rng.standard_normal(length)
        if kind == "cough":
            shape = signal.butter(2, [350, 2500], "bandpass", fs=RATE, output="sos")
            noise = signal.sosfilt(shape, noise)
            noise *= np.minimum(time / .008, 1) * np.exp(-time / .09)
        elif kind == "knock":
            noise *= np.exp(-time / .006)
        else:
            shape = signal.butter(2, [500, 3000], "bandpass", fs=RATE, output="sos")
            noise = signal.sosfilt(shape, noise)
            noise *= np.sin(np.pi * time / time[-1]) ** 2 * 0.3
        noise *= 10 ** (-20 / 20) * 32768 / max(1e-9, np.abs(noise).max()) * rng.uniform(.3, 1)
        sound[at:at + length] += noise
        spans.append([int(at * 1000 / RATE), int((at + length) * 1000 / RATE), str(kind)])
        at += length + int(RATE * rng.uniform(.8, 2.5))
    return sound, spans


def cough(rng):
    """One to three coughs: a burst, a hollow middle, sometimes a rough voiced end."""
    pieces = []
    for _ in range(rng.integers(1, 4)):
        length = int(rng.uniform(.1, .35) * RATE)
        time = np.arange(length) / RATE
        piece = rng.standard_normal(length)
        for _ in range(rng.integers(1, 4)):
            numerator, denominator = resonance(
                rng.uniform(350, 2800), rng.uniform(1.5, 5))
            piece = .4 * piece + signal.lfilter(numerator, denominator, piece)
        piece *= np.minimum(time / rng.uniform(.003, .02), 1)
        piece *= np.exp(-time / rng.uniform(.04, .12))
        if rng.random() < .4:
            pitch = rng.uniform(70, 260) * (1 - .3 * time / time[-1])
            buzz = signal.sawtooth(2 * np.pi * np.cumsum(pitch) / RATE)
            piece += .15 * buzz * np.exp(-((time - .6 * time[-1]) / (.2 * time[-1])) ** 2)
        pieces += [piece, np.zeros(int(rng.uniform(.05, .3) * RATE))]
    return np.concatenate(pieces)


def knock(rng):
    """Bumps of the receiver, knocks on a table, taps: short and ringing."""
    pieces = []
    for _ in range(rng.integers(1, 5)):
        length = int(rng.uniform(.02, .15) * RATE)
        time = np.arange(length) / RATE
        piece = rng.standard_normal(length) * np.exp(-time / rng.uniform(.002, .02))
        piece += rng.uniform(0, 3) * np.exp(-time / rng.uniform(.01, .05)) * np.sin(
            2 * np.pi * rng.uniform(120, 1200) * time)
        pieces += [piece, np.zeros(int(rng.uniform(.04, .3) * RATE))]
    return np.concatenate(pieces)


def breath(rng):
    length = int(rng.uniform(.2, 1.1) * RATE)
    low = rng.uniform(250, 900)
    piece = bandpass(rng.standard_normal(length), low, rng.uniform(2000, 3700), 2)
    return piece * np.hanning(length) ** rng.uniform(.5, 2) * .3


def smack(rng):
    """Lips, a click of the tongue, a sniff."""
    length = int(rng.uniform(.01, .2) * RATE)
    piece = bandpass(rng.standard_normal(length), rng.uniform(700, 2000), 3700, 2)
    return piece * np.exp(-np.arange(length) / (length * rng.uniform(.1, .5)))


def handling(rng):
    """The receiver rubs on cloth or is set down."""
    length = int(rng.uniform(.2, 1.2) * RATE)
    piece = bandpass(rng.standard_normal(length), 120, rng.uniform(500, 3000), 1)
    scrape = np.abs(signal.lfilter([.02], [1, -.98], rng.standard_normal(length)))
    return piece * scrape * 5


def door(rng):
    """A door falls shut, something drops: a low thud and its echo in the room."""
    length = int(rng.uniform(.2, .6) * RATE)
    time = np.arange(length) / RATE
    piece = bandpass(rng.standard_normal(length), 120, rng.uniform(400, 1500), 1)
    return piece * (np.exp(-time / .03) + .3 * np.exp(-time / rng.uniform(.08, .25)))


TRAINING = {"cough": cough, "knock": knock, "breath": breath, "smack": smack}
HELD = {"handling": handling, "door": door, "cough": cough, "breath": breath}


def wide_bursts(rng, count, lead_ms, held):
    """As bursts(), of more kinds, shapes and levels; held-out kinds are other ones."""
    kinds = HELD if held else TRAINING
    sound, spans = np.zeros(count), []
    at = int(RATE * (lead_ms / 1000 + rng.uniform(.8, 2)))
    while at < count - RATE * 2:
        kind = str(rng.choice(list(kinds)))
        piece = kinds[kind](rng)
        piece = piece[: count - at]
        piece = piece * 32768 * 10 ** (rng.uniform(-34, -12) / 20) / max(1e-9, np.abs(piece).max())
        sound[at:at + len(piece)] += piece
        spans.append([int(at * 1000 / RATE), int((at + len(piece)) * 1000 / RATE), kind])
        at += len(piece) + int(RATE * rng.uniform(.6, 2.5))
    return sound, spans

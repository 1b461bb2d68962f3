# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Levels in dB relative to a full-scale square wave (dBov), over all of a signal or its speech."""

import numpy as np

from samples import RATE


def decibels(power):
    return 10 * np.log10(np.maximum(power, 1e-12))


def gain(decibel):
    """The amplitude factor of so many dB."""
    return 10 ** (decibel / 20)


def dbov(samples):
    """RMS level; 0 dBm0 is about -6.2 dBov for G.711."""
    power = np.mean(np.asarray(samples, dtype=np.float64) ** 2)
    return decibels(power) - 20 * np.log10(32768)


def mask(segments_ms, count, rate=RATE):
    """True for the samples inside the segments."""
    inside = np.zeros(count, dtype=bool)
    for start, end in segments_ms:
        inside[int(start * rate / 1000): int(end * rate / 1000)] = True
    return inside


def active_level(samples, segments_ms, rate=RATE):
    """Level over labelled speech only, dBov."""
    inside = mask(segments_ms, len(samples), rate)
    return dbov(np.asarray(samples)[inside]) if inside.any() else -120.0

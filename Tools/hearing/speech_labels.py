# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Speech on/off labels in ms from a clean signal, by energy with hysteresis.

Frames: 20 ms Hann window every 5 ms, 100-3800 Hz, mild pre-emphasis so that weak fricatives count.
Strong threshold: max(floor + 12 dB, p95 - 25 dB); weak: max(floor + 6 dB, p95 - 38 dB). A segment
holds at least one strong run of 30 ms; it grows outwards through weak frames (at most 150 ms each
way); gaps up to 150 ms are joined; pieces shorter than 50 ms are dropped. Good to about 20 ms.
"""

import numpy as np
from scipy import signal

from levels import dbov, mask
from samples import RATE

HOP = 40
HOP_MS = 5


def frame_levels(samples):
    """Level of each 20 ms frame, dBov; one frame per 5 ms."""
    samples = np.asarray(samples, dtype=np.float64)
    shape = signal.butter(3, [100, 3800], "bandpass", fs=RATE, output="sos")
    shaped = signal.lfilter([1, -0.5], [1], signal.sosfiltfilt(shape, samples))
    window = np.hanning(160)
    window /= np.sqrt(np.mean(window * window))
    padded = np.concatenate([np.zeros(80), shaped, np.zeros(160)])
    count = len(samples) // HOP + 1
    index = np.arange(count)[:, None] * HOP + np.arange(160)[None, :]
    energy = np.mean((padded[np.minimum(index, len(padded) - 1)] * window) ** 2, axis=1)
    return 10 * np.log10(energy + 1e-3) - 90.309


def runs(flags):
    """(first, past-last) of each run of true values."""
    edge = np.diff(np.concatenate([[0], np.asarray(flags).astype(np.int8), [0]]))
    return list(zip(np.where(edge == 1)[0], np.where(edge == -1)[0]))


def speech_segments(samples):
    """The segments [on, off) in ms, and the noise floor in dBov."""
    levels = frame_levels(samples)
    floor = max(np.percentile(levels, 5), -80.0)
    loud = levels > floor + 10
    peak = np.percentile(levels[loud], 90) if loud.any() else levels.max()
    strong = levels > max(floor + 12, peak - 25)
    weak = levels > max(floor + 6, peak - 38)
    grown = []
    for first, last in runs(strong):
        if (last - first) * HOP_MS < 30:
            continue
        low, high = first, last
        while low > 0 and weak[low - 1] and first - low < 30:
            low -= 1
        while high < len(weak) and weak[high] and high - last < 30:
            high += 1
        grown.append([low, high])
    joined = []
    for low, high in grown:
        if joined and (low - joined[-1][1]) * HOP_MS <= 150:
            joined[-1][1] = max(joined[-1][1], high)
        else:
            joined.append([low, high])
    length = len(samples) * 1000 // RATE
    segments = [[int(low * HOP_MS), int(min(high * HOP_MS, length))]
                for low, high in joined if (high - low) * HOP_MS >= 50]
    return segments, float(floor)


def label(samples):
    """The label record of a clip, as labels.json holds it."""
    segments, floor = speech_segments(samples)
    level = dbov(samples[mask(segments, len(samples))]) if segments else -120.0
    return {
        "duration_ms": round(len(samples) * 1000 / RATE),
        "active_dbov": round(float(level), 1),
        "floor_dbov": round(floor, 1),
        "speech_ms": segments,
    }


def has_real_onset(samples, record):
    """Whether a clip begins with silence, and its label where the voice really sets in.

    A clip that starts in the middle of a sound, or with a breath far below the voice, would make a
    detector look late or early by as much.
    """
    segments = record["speech_ms"]
    if not segments or segments[0][0] < 25:
        return False
    levels = frame_levels(samples)
    onset = segments[0][0] // HOP_MS
    quiet = levels[: max(1, onset - 2)].max() < record["active_dbov"] - 20
    voice = levels[onset: onset + 120 // HOP_MS].max() > record["active_dbov"] - 10
    return bool(quiet and voice)

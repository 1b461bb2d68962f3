# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""What devices and networks do to the sum of echo, caller and noise on its way back."""

import numpy as np
from scipy import signal

from levels import gain
from samples import RATE, resonance


def pumped(samples, agc):
    """Automatic gain: raises what has been quiet, then ducks what comes loud."""
    blocks = len(samples) // 80
    energy = np.mean(samples[: blocks * 80].reshape(blocks, 80) ** 2, axis=1)
    level = 10 * np.log10(energy + 1) - 90.3
    fast, slow = 10 / agc["attack_ms"], 10 / agc["release_ms"]
    follow, gains = -50.0, np.zeros(blocks)
    for index, value in enumerate(level):
        follow += (fast if value > follow else slow) * (value - follow)
        gains[index] = np.clip(agc["target_dbov"] - follow, -agc["range_db"], agc["range_db"])
    curve = np.interp(np.arange(len(samples)), np.arange(blocks) * 80 + 80, gains)
    return samples * gain(curve)


def gated(samples, gate):
    """A noise gate: what stays under its threshold for a while is muted, with soft edges."""
    energy = signal.lfilter([0.01], [1, -0.99], samples * samples)
    loud = 10 * np.log10(energy + 1) - 90.3 > gate["threshold_dbov"]
    hold = int(gate["hold_ms"] * RATE / 1000)
    last = np.maximum.accumulate(np.where(loud, np.arange(len(samples)), -hold - 1))
    passing = (np.arange(len(samples)) - last <= hold).astype(float)
    closed = gain(-gate["depth_db"])
    return samples * (closed + (1 - closed) * signal.lfilter([.02], [1, -.98], passing))


def muted(samples, stretches, rng):
    """Silence to the bit where nothing would be missed, as a muted microphone or a codec that sends
    nothing makes it: `stretches`, in samples, each taken from its middle outwards by chance."""
    out = samples.copy()
    for start, end in stretches:
        if end - start > RATE // 5 and rng.random() < .7:
            edges = np.sort(rng.uniform(start, end, 2)).astype(int)
            out[edges[0]:edges[1]] = 0
    return out


def equalised(samples, rng):
    """A microphone and a line of their own: tilt, one or two bumps, a band edge."""
    low, high = rng.uniform(90, 400), rng.uniform(2800, 3800)
    shape = signal.butter(int(rng.integers(1, 3)), [low, high], "bandpass", fs=RATE, output="sos")
    out = signal.sosfilt(shape, samples)
    out = signal.lfilter([1, rng.uniform(-.6, .3)], [1], out)
    for _ in range(rng.integers(0, 3)):
        numerator, denominator = resonance(rng.uniform(300, 3300), rng.uniform(.7, 4))
        out = out + rng.uniform(-.6, 1.5) * signal.lfilter(numerator, denominator, out)
    return out * np.sqrt(np.mean(samples ** 2) / (np.mean(out ** 2) + 1e-9))


def clipped(samples, limit_dbov):
    limit = 32768 * gain(limit_dbov)
    return np.clip(samples, -limit, limit)


def with_gaps(samples, gaps, rng):
    """Bursts of lost 20 ms packets, and one way of concealing them."""
    out = samples.copy()
    count = len(samples) // 160
    mean = max(1.0, gaps["burst_ms"] / 20)
    enter = gaps["share_pct"] / 100 / mean / max(0.05, 1 - gaps["share_pct"] / 100)
    lost, age = False, 0
    for index in range(1, count):
        lost = rng.random() > 1 / mean if lost else rng.random() < enter
        age = age + 1 if lost else 0
        if not lost:
            continue
        span = slice(index * 160, index * 160 + 160)
        if gaps["conceal"] == "silence":
            out[span] = 0
        elif gaps["conceal"] == "noise":
            level = np.sqrt(np.mean(out[index * 160 - 160:index * 160] ** 2))
            out[span] = rng.standard_normal(160) * min(level, 32768 * gain(-45))
        else:
            # Pitch repetition: the last period that resembles the end of what was heard.
            past = out[max(0, index * 160 - 480):index * 160]
            lags = range(40, min(161, len(past) // 2))
            best = max(lags, key=lambda lag: np.dot(past[-80:], past[-80 - lag:-lag]), default=160)
            out[span] = np.resize(past[-best:], 160) * max(0.0, 1 - 0.2 * (age - 1))
    return out


def reverberant(samples, response, rng):
    """A voice in a room: the response and a decaying tail after it, at the level it had."""
    tail = np.zeros(int(rng.uniform(.1, .4) * RATE))
    count = min(len(response), len(tail))
    tail[:count] = response[:count]
    decay = np.exp(-np.arange(len(tail)) / (RATE * rng.uniform(.03, .12)))
    tail += rng.uniform(.01, .05) * rng.standard_normal(len(tail)) * decay
    start = int(np.argmax(np.abs(tail)))
    out = signal.fftconvolve(samples, tail)[start:start + len(samples)]
    return out * np.sqrt(np.mean(samples ** 2) / (np.mean(out ** 2) + 1e-9))

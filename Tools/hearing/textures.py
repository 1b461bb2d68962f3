# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Noises drawn at random from a wide family, so that training does not learn a short list by heart.

A texture is one to four layers: noise through a random filter with random modulation, trains of
impulses through random resonances, tone complexes whose pitch wanders. Held-out textures come from
layers that training never sees: clicks that sweep, noise gated by a pattern, ring modulation.
"""

import numpy as np
from scipy import signal

from noises import clock, sloped, wander
from samples import RATE, resonance


def random_filter(rng, samples):
    """A few random peaks and dips on a random tilt."""
    samples = signal.lfilter([1, rng.uniform(-.9, .9)], [1], samples)
    for _ in range(rng.integers(1, 5)):
        centre = float(np.exp(rng.uniform(np.log(160), np.log(3500))))
        numerator, denominator = resonance(centre, rng.uniform(.6, 8))
        samples = samples * rng.uniform(.1, 1) + rng.uniform(-1, 3) * signal.lfilter(
            numerator, denominator, samples)
    return samples


def envelope(rng, count):
    """Level over time: steady, drifting, fast, periodic or in bursts."""
    style = rng.integers(5)
    if style == 0:
        return np.ones(count)
    if style == 1:
        return 10 ** (wander(rng, count, rng.uniform(1, 4), -10, 4) / 20)
    if style == 2:
        return 10 ** (wander(rng, count, rng.uniform(.05, .4), -30, 6) / 20)
    if style == 3:
        wave = .5 + .5 * np.sin(2 * np.pi * rng.uniform(.5, 14) * clock(count) + rng.uniform(0, 6))
        return wave ** rng.uniform(.5, 4)
    length = int(rng.uniform(.02, .4) * RATE)
    burst = (rng.random(count // length + 1) < rng.uniform(.08, .5)) * rng.uniform(
        .2, 1, count // length + 1)
    smooth = np.exp(-1 / (rng.uniform(.003, .08) * RATE))
    return signal.lfilter([1 - smooth], [1, -smooth], np.repeat(burst, length)[:count])


def hiss(rng, count):
    return random_filter(rng, sloped(rng, count, rng.uniform(0, 1)))


def rattle(rng, count):
    """Impulses, regular or not, each exciting the same resonances."""
    rate = float(np.exp(rng.uniform(np.log(1.5), np.log(120))))
    gaps = rng.exponential(1 / rate, int(count / RATE * rate * 2) + 8)
    regular = rng.uniform(0, 1)
    gaps = regular / rate + (1 - regular) * gaps
    hits = (np.cumsum(gaps) * RATE).astype(int)
    hits = hits[hits < count]
    train = np.zeros(count)
    np.add.at(train, hits, rng.uniform(.2, 1, len(hits)))
    total = np.zeros(count)
    for _ in range(rng.integers(1, 4)):
        centre = float(np.exp(rng.uniform(np.log(200), np.log(3400))))
        numerator, denominator = resonance(centre, rng.uniform(2, 40))
        total += rng.uniform(.3, 1) * signal.lfilter(numerator, denominator, train)
    return total


def tones(rng, count):
    """Harmonic or inharmonic complexes whose pitch stands, wanders, jumps or trembles."""
    base = float(np.exp(rng.uniform(np.log(70), np.log(1500))))
    style = rng.integers(4)
    if style == 0:
        pitch = np.full(count, base)
    elif style == 1:
        pitch = base * 2 ** wander(rng, count, rng.uniform(.3, 3), -.4, .4)
    elif style == 2:
        length = int(rng.uniform(.08, .6) * RATE)
        pitch = base * 2 ** np.repeat(
            rng.integers(-7, 8, count // length + 1) / 12, length)[:count]
    else:
        pitch = base * 2 ** (.05 * np.sin(2 * np.pi * rng.uniform(3, 9) * clock(count)))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    stretch = rng.choice([0, 0, rng.uniform(0, .08)])
    total = np.zeros(count)
    for partial in range(1, rng.integers(2, 14)):
        ratio = partial * (1 + stretch * partial)
        if base * ratio * 1.4 > 3800:
            break
        total += rng.uniform(.05, 1) / partial ** rng.uniform(0, 1.5) * np.sin(ratio * phase)
    return total


def chirps(rng, count):
    """Short sweeps, as birds and machines make them."""
    total = np.zeros(count)
    at = 0
    while at < count - RATE // 2:
        length = int(rng.uniform(.02, .3) * RATE)
        first, last = np.exp(rng.uniform(np.log(300), np.log(3500), 2))
        phase = 2 * np.pi * np.cumsum(np.geomspace(first, last, length)) / RATE
        total[at:at + length] += np.sin(phase) * np.hanning(length) * rng.uniform(.2, 1)
        at += length + int(rng.exponential(.25) * RATE)
    return total


def gated(rng, count):
    """Noise chopped by a repeating pattern: a data signal, a pump, a printer head."""
    step = int(rng.uniform(.015, .12) * RATE)
    pattern = rng.random(rng.integers(4, 24)) < rng.uniform(.3, .7)
    gate = np.repeat(np.resize(pattern, count // step + 1), step)[:count].astype(float)
    return hiss(rng, count) * signal.lfilter([.05], [1, -.95], gate)


def ring_modulated(rng, count):
    """Noise around a moving tone."""
    shape = signal.butter(2, rng.uniform(20, 250), fs=RATE, output="sos")
    narrow = signal.sosfilt(shape, rng.standard_normal(count))
    pitch = rng.uniform(300, 2500) * 2 ** wander(rng, count, rng.uniform(.2, 2), -.3, .3)
    return narrow / np.std(narrow) * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)


def texture(rng, count, held=False):
    layers = [chirps, gated, ring_modulated] if held else [hiss, rattle, tones]
    total = np.zeros(count)
    for _ in range(rng.integers(1, 4)):
        layer = layers[rng.integers(len(layers))](rng, count) * envelope(rng, count)
        total += layer / (np.std(layer) + 1e-9) * rng.uniform(.2, 1)
    return total + rng.uniform(.001, .05) * rng.standard_normal(count)

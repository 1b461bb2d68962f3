# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Makes many noises of one: a training that hears each noise as it was recorded learns it by heart."""

import numpy as np

import line_effects
from levels import dbov, gain
from samples import RATE


def drawn(rng, names):
    """What to change, as keys of a scenario."""
    return {"speed": round(float(np.exp(rng.uniform(-.4, .4))), 3),
            "equaliser": bool(rng.random() < .6),
            "second": {"noise": names[int(rng.integers(len(names)))],
                       "down_db": round(float(rng.uniform(0, 12)), 1)}
            if rng.random() < .3 else None,
            "steps_db": [round(float(step), 1) for step in rng.uniform(
                -15, 5, int(rng.integers(2, 9)))] if rng.random() < .4 else None,
            "edge_ms": int(rng.choice([10, 50, 300]))}


def varied(corpus, noise, change, rng):
    """The noise at another speed, through another line, with a second one, coming and going."""
    count = len(noise)
    noise = np.interp(np.arange(count) * change["speed"] % (count - 1), np.arange(count), noise)
    if change["equaliser"]:
        noise = line_effects.equalised(noise, rng)
    if second := change["second"]:
        other = np.resize(np.roll(corpus.noise(second["noise"]), int(rng.integers(count))), count)
        noise = noise + other * gain(dbov(noise) - second["down_db"] - dbov(other))
    if steps := change["steps_db"]:
        curve = np.repeat(steps, count // len(steps) + 1)[:count]
        width = int(change["edge_ms"] * RATE / 1000)
        noise = noise * gain(np.convolve(curve, np.ones(width) / width, "same"))
    return noise

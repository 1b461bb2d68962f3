# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Echo-path impulse responses at 8 kHz: unit energy, no bulk delay.

hybrid_*: the ITU-T G.168 Annex D hybrid models (g168_models.json holds the published integer
coefficients). handset: one short direct path. room_*: shoebox rooms by the image-source method, for
a hands-free or handset loudspeaker to its microphone; drawn rooms add to the four named ones.
"""

import pathlib

import numpy as np
from scipy import signal

from samples import RATE, load_json

SPEED_OF_SOUND = 343.0
NAMED_ROOMS = [
    ("room_desk", (3.2, 2.8, 2.5), 0.25, (1.5, 1.2, 0.8), (1.55, 1.32, 0.8), 0.06),
    ("room_car", (2.4, 1.5, 1.2), 0.12, (0.6, 0.4, 0.7), (1.1, 0.7, 0.9), 0.04),
    ("room_office", (5.0, 4.0, 2.8), 0.40, (2.1, 1.7, 0.9), (2.4, 1.9, 0.9), 0.09),
    ("room_hard", (4.2, 3.1, 2.6), 0.60, (1.2, 1.0, 1.0), (2.6, 1.9, 1.2), 0.09),
]


def image_source(room, source, microphone, reverberation, seconds, rng):
    """Shoebox image sources up to a length in seconds, one absorption for all six walls."""
    room, source, microphone = map(np.asarray, (room, source, microphone))
    volume = np.prod(room)
    surface = 2 * (room[0] * room[1] + room[0] * room[2] + room[1] * room[2])
    reflection = np.sqrt(max(0.02, 1 - 0.161 * volume / (surface * reverberation)))
    count = int(seconds * RATE)
    reach = int(np.ceil(SPEED_OF_SOUND * seconds / (2 * min(room)))) + 1
    steps = np.arange(-reach, reach + 1)
    order = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    response = np.zeros(count + 64)
    for parity in range(8):
        mirror = np.array([(parity >> axis) & 1 for axis in range(3)])
        place = (1 - 2 * mirror) * source + 2 * order * room
        distance = np.linalg.norm(place - microphone, axis=1)
        arrival = distance / SPEED_OF_SOUND * RATE
        bounces = (np.abs(order - mirror) + np.abs(order)).sum(axis=1)
        strength = reflection ** bounces / (4 * np.pi * np.maximum(distance, 0.02))
        heard = arrival < count
        whole = arrival[heard].astype(int)
        part = arrival[heard] - whole
        np.add.at(response, whole, strength[heard] * (1 - part))
        np.add.at(response, whole + 1, strength[heard] * part)
    response = response[:count] * (1 + 0.02 * rng.standard_normal(count))
    shape = signal.butter(2, [180, 3500], "bandpass", fs=RATE, output="sos")
    return signal.sosfilt(shape, response)


def drawn_room(rng):
    """A room, loudspeaker and microphone at random: from the inside of a car to a hall's corner."""
    size = rng.uniform([2.0, 1.5, 1.3], [7.0, 5.5, 3.2])
    source = rng.uniform(0.2, 0.8, 3) * size
    apart = rng.uniform(0.05, 1.2)
    toward = rng.standard_normal(3)
    microphone = np.clip(source + apart * toward / np.linalg.norm(toward), 0.1, size - 0.1)
    seconds = float(rng.uniform(0.04, 0.12))
    return image_source(size, source, microphone, rng.uniform(0.12, 0.8), seconds, rng)


def impulse_responses(seed=5, drawn=12):
    """All responses by name, as lists of numbers."""
    models = load_json(pathlib.Path(__file__).with_name("g168_models.json"))["models"]
    responses = {f"hybrid_{name}": np.array(model["coeffs"], dtype=float)
                 for name, model in models.items()}
    rng = np.random.default_rng(seed)
    shape = signal.butter(2, [300, 3300], "bandpass", fs=RATE, output="sos")
    responses["handset"] = signal.sosfilt(shape, np.r_[np.zeros(3), 1.0, np.zeros(60)])
    for name, room, reverberation, source, microphone, seconds in NAMED_ROOMS:
        shift = rng.uniform(-.1, .1, 3)
        responses[name] = image_source(
            room, np.array(source) + shift, np.array(microphone) + shift, reverberation, seconds,
            rng)
    for index in range(drawn):
        responses[f"room_drawn_{index}"] = drawn_room(np.random.default_rng([seed, 1 + index]))
    return {name: [round(float(value), 7) for value in h / np.sqrt(np.sum(h * h))]
            for name, h in responses.items()}


def irs_text(responses):
    """The file irs/irs.json: one response per line."""
    rows = ",\n".join(f'  "{name}": {h}' for name, h in responses.items())
    return '{\n "rate": 8000,\n "irs": {\n' + rows + "\n }\n}\n"

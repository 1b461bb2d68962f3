# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""PCM16 WAV files, rate conversion and JSON files, as all programs in this folder use them."""

import json
import wave

import numpy as np
from scipy import signal

RATE = 8000


def read_wav(path):
    """The first channel as int16 samples, and the rate."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path}: not 16-bit PCM")
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        if file.getnchannels() > 1:
            samples = samples[:: file.getnchannels()]
        return samples.copy(), file.getframerate()


def write_wav(path, samples, rate=RATE):
    samples = np.asarray(samples)
    if samples.dtype != np.int16:
        samples = np.clip(np.round(samples), -32768, 32767).astype(np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def resampled(samples, rate, to=RATE):
    """Polyphase conversion; both rates are whole numbers, only their ratio counts."""
    samples = np.asarray(samples, dtype=np.float64)
    if rate == to:
        return samples
    common = np.gcd(int(rate), int(to))
    return signal.resample_poly(
        samples, to // common, rate // common, window=("kaiser", 10.0))


def bandpass(samples, low, high, order=3):
    shape = signal.butter(order, [low, high], "bandpass", fs=RATE, output="sos")
    return signal.sosfilt(shape, samples)


def resonance(centre, quality):
    """Numerator and denominator of a stable peak; a wide one high up would reach past the band."""
    return signal.iirpeak(centre, max(quality, centre / 2500), fs=RATE)


def load_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def save_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, ensure_ascii=False, sort_keys=False)
        file.write("\n")

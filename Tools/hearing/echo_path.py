# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""What becomes of the prompt on its way out, through the caller's device and back."""

import numpy as np
from scipy import signal

from levels import gain
from samples import RATE, resonance


def delayed(samples, delay):
    """A time-varying delay in samples, by linear interpolation."""
    place = np.arange(len(samples)) - delay
    whole = np.floor(place).astype(int)
    part = place - whole
    inside = (whole >= 0) & (whole + 1 < len(samples))
    out = np.zeros(len(samples))
    out[inside] = (samples[whole[inside]] * (1 - part[inside])
                   + samples[whole[inside] + 1] * part[inside])
    return out


def overdriven(samples, prompt_dbov):
    """A small loudspeaker driven hard."""
    drive = 4.0 / 32768 * 10 ** ((-20 - prompt_dbov) / 20)
    return np.tanh(drive * samples + 0.15) / drive - np.tanh(0.15) / drive


def rattling(samples, rng):
    """A loudspeaker whose case buzzes on loud parts: a rectified, resonant by-product."""
    envelope = np.sqrt(signal.lfilter([0.01], [1, -0.99], samples * samples))
    loud = np.maximum(0, envelope - 0.6 * np.percentile(envelope, 90))
    numerator, denominator = resonance(rng.uniform(900, 2800), 4)
    buzz = signal.lfilter(
        numerator, denominator, np.abs(samples) * np.sign(rng.standard_normal(len(samples))))
    return samples + buzz * loud / (np.max(loud) + 1e-9) * rng.uniform(0.5, 2)


def mnru(samples, q_db, rng):
    """Speech-correlated noise at Q dB (the idea of ITU-T P.810), for a vocoder's distortion."""
    noise = rng.standard_normal(len(samples))
    shape = signal.butter(4, [200, 3400], "bandpass", fs=RATE, output="sos")
    noise = signal.sosfilt(shape, noise)
    noise /= noise.std()
    envelope = np.sqrt(signal.lfilter([0.02], [1, -0.98], samples * samples))
    return samples + envelope * noise * 10 ** (-q_db / 20)


def suppressed(samples, lead_ms, rng):
    """What a handset's own canceller lets through: full echo while it converges, then scraps.

    Per 4 ms step and band a random attenuation of 15-45 dB, with bursts that pass.
    """
    _, _, spectrum = signal.stft(samples, RATE, nperseg=128, noverlap=96)
    passing = np.ones(spectrum.shape)
    converged = int(rng.uniform(0.8, 2.5) * RATE / 32)
    first = lead_ms * RATE // 1000 // 32 + converged
    for bins in np.array_split(np.arange(spectrum.shape[0]), 6):
        at = first
        while at < spectrum.shape[1]:
            length = int(rng.uniform(6, 40))
            attenuation = rng.uniform(0, 8) if rng.random() < 0.12 else rng.uniform(15, 45)
            passing[bins[0]:bins[-1] + 1, at:at + length] = 10 ** (-attenuation / 20)
            at += length
    passing = signal.lfilter([0.4], [1, -0.6], passing, axis=1)
    _, out = signal.istft(spectrum * passing, RATE, nperseg=128, noverlap=96)
    return np.pad(out, (0, max(0, len(samples) - len(out))))[:len(samples)]


def swinging(count, swing, rng):
    """The factor by which a return loss that will not stand still moves the echo."""
    time = np.arange(count) / RATE
    period = swing["period_ms"] / 1000
    if swing["shape"] == "sine":
        curve = np.sin(2 * np.pi * time / period + rng.uniform(0, 6))
    else:
        levels = rng.uniform(-1, 1, int(time[-1] / period) + 2)
        curve = signal.lfilter([.002], [1, -.998], levels[(time / period).astype(int)])
    return gain(swing["db"] * curve)


def jittering(count, jitter, rng):
    """Added delay in samples of a far buffer that adapts: small moves every now and then."""
    delay = np.zeros(count)
    at, now = 0, 0.0
    while at < count:
        length = int(rng.uniform(.3, 2) * RATE)
        now = float(np.clip(now + rng.uniform(-1, 1) * jitter["step_ms"], 0, 60))
        delay[at:at + length] = now * RATE / 1000
        at += length
    # A buffer stretches and squeezes rather than jumps.
    return signal.lfilter([.004], [1, -.996], delay)

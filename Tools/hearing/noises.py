# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Synthetic noises of the telephone: steady ones, rooms, vehicles, weather, machines and signals.

Each takes a random generator and a number of samples at 8 kHz and returns samples of any level.
"""

import numpy as np
from scipy import signal

from samples import RATE, bandpass, resonance


def band(samples):
    return bandpass(samples, 150, 3600)


def clock(count):
    return np.arange(count) / RATE


def wander(rng, count, seconds, low, high):
    """A curve that moves linearly between random values, one each so many seconds."""
    knots = max(2, int(count / (seconds * RATE)) + 2)
    return np.interp(np.arange(count), np.linspace(0, count, knots), rng.uniform(low, high, knots))


def white(rng, count):
    return band(rng.standard_normal(count))


def sloped(rng, count, exponent):
    """Noise whose spectrum falls as 1/f to a power, flat under 60 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE)
    spectrum[1:] /= (np.maximum(frequency[1:], 60) / 60) ** exponent
    return np.fft.irfft(spectrum, count)


def pink(rng, count):
    return band(sloped(rng, count, 0.5))


def car(rng, count):
    """Low rumble with slow drift of level, and tyre hiss."""
    shape = signal.butter(2, 180, "lowpass", fs=RATE, output="sos")
    noise = signal.sosfilt(shape, rng.standard_normal(count)) * 6
    noise += 0.15 * rng.standard_normal(count)
    return noise * 10 ** (wander(rng, count, 1, -3, 3) / 20)


def hum(rng, count):
    """Mains at 50 or 60 Hz with its harmonics, whose balance and level move a little."""
    mains = float(rng.choice([50.0, 60.0])) * rng.uniform(0.998, 1.002)
    noise = np.zeros(count)
    for harmonic in range(1, 30):
        strength = rng.uniform(0.2, 1) / harmonic ** rng.uniform(0.4, 1.2)
        noise += strength * np.sin(2 * np.pi * mains * harmonic * clock(count) + rng.uniform(0, 6))
    return noise * wander(rng, count, 2, 0.8, 1.2) + 0.05 * rng.standard_normal(count)


def street(rng, count):
    """Swells of passing traffic over pink noise, and clanks."""
    noise = pink(rng, count)
    swell = np.zeros(count)
    for centre in rng.uniform(0, count, max(1, count // (RATE * 3))):
        width = RATE * rng.uniform(.5, 1.5)
        swell += 10 ** (rng.uniform(0, 10) / 20) * np.exp(
            -0.5 * ((np.arange(count) - centre) / width) ** 2)
    noise = noise * (0.4 + swell)
    time = clock(RATE // 3)
    for start in rng.integers(0, count - RATE, count // (2 * RATE)):
        ring = np.exp(-time * rng.uniform(15, 50)) * np.sin(
            2 * np.pi * rng.uniform(600, 2500) * time)
        noise[start:start + len(time)] += 2.5 * np.std(noise) * ring
    return noise


def keyboard(rng, count):
    """Key strokes and handling clicks over a faint floor."""
    noise = rng.uniform(.005, .04) * rng.standard_normal(count)
    at = 0
    while at < count - 1600:
        at += int(RATE * rng.choice([0.09, 0.13, 0.2, 0.6], p=[.4, .3, .2, .1])
                  * rng.uniform(.7, 1.3))
        length = int(RATE * rng.uniform(0.004, 0.03))
        if at + length < count:
            noise[at:at + length] += rng.uniform(.3, 1.5) * rng.standard_normal(length) * np.exp(
                -np.arange(length) / (length / 4))
    shape = signal.butter(2, rng.uniform(300, 900), "highpass", fs=RATE, output="sos")
    return signal.sosfilt(shape, noise)


def comfort(rng, count):
    """Comfort noise as of G.711 Appendix II: white noise through an order-10 synthesis filter."""
    poles = [rng.uniform(.4, .7) * np.exp(1j * rng.uniform(.3, 1.0)),
             rng.uniform(.3, .6) * np.exp(1j * rng.uniform(1.4, 2.4)), rng.uniform(0, .4) + 0j]
    roots = [poles[0], poles[0].conjugate(), poles[1], poles[1].conjugate(), poles[2]]
    return signal.lfilter([1], np.poly(np.repeat(roots, 2)).real, rng.standard_normal(count))


def fan(rng, count):
    """Blades: a hum at the passing rate, and air noise that beats with it."""
    rate = rng.uniform(18, 90)
    air = bandpass(rng.standard_normal(count), 150, rng.uniform(900, 3000), 2)
    beat = 1 + rng.uniform(.1, .5) * np.sin(2 * np.pi * rate * clock(count))
    tone = sum(rng.uniform(.05, .5) / k * np.sin(2 * np.pi * rate * 6 * k * clock(count))
               for k in range(1, 6))
    return air * beat / np.std(air) + tone * rng.uniform(.2, 1.5)


def engine(rng, count):
    """A motor whose speed rises and falls: many harmonics of one moving tone, and rumble."""
    speed = wander(rng, count, rng.uniform(1.5, 5), 25, 110)
    phase = 2 * np.pi * np.cumsum(speed) / RATE
    tone = sum(rng.uniform(.2, 1) / k ** .6 * np.sin(k * phase + rng.uniform(0, 6))
               for k in range(1, 16))
    return tone + rng.uniform(.3, 2) * sloped(rng, count, 0.8) * 3


def rain(rng, count):
    """Hiss with drops."""
    noise = bandpass(rng.standard_normal(count), 400, 3700, 2)
    drops = np.zeros(count)
    hit = rng.integers(0, count, int(count / RATE * rng.uniform(10, 80)))
    np.add.at(drops, hit, rng.exponential(6, len(hit)))
    centre, width = rng.uniform(1000, 3000), rng.uniform(300, 900)
    numerator, denominator = resonance(centre, centre / width)
    return noise * wander(rng, count, 3, .5, 1) + 8 * signal.lfilter(numerator, denominator, drops)


def wind(rng, count):
    """Gusts: low noise whose level and edge swing, as on a microphone outdoors."""
    gust = 10 ** (wander(rng, count, rng.uniform(.2, .8), -24, 6) / 20)
    low = bandpass(rng.standard_normal(count), 120, rng.uniform(250, 600), 1)
    return low / np.std(low) * gust + 0.05 * pink(rng, count) * gust


def siren(rng, count):
    """Two-tone, wailing or yelping, with its echo off the houses."""
    style = rng.integers(3)
    time = clock(count)
    low, high = rng.uniform(380, 700), rng.uniform(800, 1500)
    if style == 0:
        pitch = np.where((time / rng.uniform(.4, .8)).astype(int) % 2, low, high)
    else:
        period = rng.uniform(3, 7) if style == 1 else rng.uniform(.25, .6)
        pitch = low + (high - low) * (.5 - .5 * np.cos(2 * np.pi * time / period))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    tone = np.sin(phase) + .4 * np.sin(2 * phase) + .3 * np.sin(3 * phase)
    echo = np.roll(tone, int(rng.uniform(.05, .3) * RATE))
    return (tone + .4 * echo) * wander(rng, count, 3, .2, 1) + .1 * pink(rng, count)


def ringing(rng, count):
    """Telephones in the room: warbles, bells and melodies, with pauses."""
    noise = .01 * rng.standard_normal(count)
    at = int(rng.uniform(0, 1) * RATE)
    style = rng.integers(3)
    notes = rng.uniform(500, 2000, 8)
    while at < count:
        length = min(count - at, int(rng.uniform(.6, 2.2) * RATE))
        time = clock(length)
        if style == 0:
            pitch = np.where((time * rng.uniform(15, 30)).astype(int) % 2, notes[0], notes[1])
            tone = np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
        elif style == 1:
            tone = sum(np.sin(2 * np.pi * notes[2] * k * time) / k for k in (1, 2.76, 5.4))
            tone *= np.exp(-((time * 20) % 1) * 3)
        else:
            pitch = notes[(time / .16).astype(int) % len(notes)]
            tone = np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * np.exp(-((time / .16) % 1) * 2)
        noise[at:at + length] += tone
        at += length + int(rng.uniform(.3, 2.5) * RATE)
    return noise


def machinery(rng, count):
    """A cycle of thuds, hisses and whines that repeats: a printer, a press, a sewing machine."""
    period = int(RATE / rng.uniform(1.5, 14))
    cycle = np.zeros(period)
    for _ in range(rng.integers(2, 6)):
        start, length = rng.integers(period), int(rng.uniform(.05, .6) * period)
        piece = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 4))
        low = rng.uniform(150, 1800)
        cycle += np.roll(np.pad(bandpass(piece, low, min(3700, low * 2.5), 2),
                                (0, period - length)), start)
    noise = np.tile(cycle, count // period + 1)[:count]
    whine = np.sin(2 * np.pi * rng.uniform(200, 1600) * clock(count)) * rng.uniform(0, .5)
    return noise / (np.std(noise) + 1e-9) + whine + .1 * rng.standard_normal(count)


def crackle(rng, count):
    """A bad line: clicks, scratches and short dropouts of hiss."""
    noise = 0.02 * rng.standard_normal(count)
    for _ in range(int(count / RATE * rng.uniform(2, 25))):
        length = int(rng.choice([1, 3, 10, 60, 400]) * rng.uniform(.6, 1.6)) + 1
        start = rng.integers(0, count - length)
        noise[start:start + length] += rng.uniform(.1, 1) * rng.standard_normal(length)
    return noise


def crossings(rng, count):
    """Steps and dishes: footfalls, cups, doors, chairs, papers; irregular, each with its ring."""
    noise = .01 * pink(rng, count)
    at = 0
    while at < count - RATE:
        at += int(rng.exponential(.5) * RATE)
        length = min(count - at, int(rng.uniform(.03, .5) * RATE))
        if length <= 8:
            break
        time = clock(length)
        piece = rng.standard_normal(length) * np.exp(-time * rng.uniform(12, 80))
        for _ in range(rng.integers(0, 4)):
            piece += rng.uniform(.3, 1.5) * np.exp(-time * rng.uniform(8, 60)) * np.sin(
                2 * np.pi * rng.uniform(200, 3400) * time)
        noise[at:at + length] += piece * rng.uniform(.1, 1)
    return band(noise)


def bark(rng, count):
    """A dog: rough falling tones through two resonances, in series with pauses."""
    noise = .005 * rng.standard_normal(count)
    pitch = rng.uniform(180, 650)
    at = int(rng.uniform(0, 1) * RATE)
    while at < count - RATE:
        for _ in range(rng.integers(1, 5)):
            length = int(rng.uniform(.08, .22) * RATE)
            if at + length >= count:
                break
            time = clock(length)
            curve = pitch * rng.uniform(.85, 1.15) * (1.2 - .6 * time / time[-1])
            phase = 2 * np.pi * np.cumsum(curve * (1 + .05 * rng.standard_normal(length))) / RATE
            source = signal.sawtooth(phase) + .6 * rng.standard_normal(length)
            for centre in (pitch * 2.5, pitch * 5):
                numerator, denominator = resonance(min(centre, 3500), 3)
                source = source * .3 + signal.lfilter(numerator, denominator, source)
            noise[at:at + length] += source * np.sqrt(np.hanning(length))
            at += length + int(rng.uniform(.08, .4) * RATE)
        at += int(rng.uniform(.3, 2.5) * RATE)
    return noise


def drill(rng, count):
    """A power tool: a buzzing whine that starts, labours and stops."""
    running = signal.lfilter([.002], [1, -.998], (wander(rng, count, .7, 0, 1) > .4).astype(float))
    phase = 2 * np.pi * np.cumsum(rng.uniform(90, 300) * (.4 + .6 * running)) / RATE
    tone = np.tanh(3 * signal.sawtooth(phase)) + .5 * signal.sawtooth(phase * 5.3)
    return bandpass(tone, 250, 3600, 2) * running + .3 * rng.standard_normal(count) * running ** 2


# The eight of the development lists, then those that training may use, then those it never sees.
BASIC = {"white": white, "pink": pink, "car": car, "hum": hum, "street": street,
         "keyboard": keyboard, "comfort": comfort}
TRAINING = {"fan": fan, "engine": engine, "rain": rain, "ringing": ringing, "crackle": crackle,
            "crossings": crossings}
HELD = {"wind": wind, "siren": siren, "machinery": machinery, "bark": bark, "drill": drill}

# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""One sequence of caller speech with known pauses, in noise, through a line."""

import numpy as np

import line_effects
import low_rate_codecs
import noise_variation
from caller_sounds import DTMF, HELD, TRAINING, key_tone
from g711 import through_g711
from levels import active_level, dbov, gain
from samples import RATE

HELD_CONDITIONS = ("amr", "gate", "clipping", "codec_chain")
TRAINING_CONDITIONS = ("gsm", "opus", "agc", "gaps", "equaliser", "level_steps")
MUTED_CONDITIONS = ("muted",)


def turns_of(speech):
    """Utterances: pieces of speech with pauses of at most 600 ms between them."""
    turns = [list(speech[0])] if speech else []
    for start, end in speech[1:]:
        if start - turns[-1][1] > 600:
            turns.append([start, end])
        else:
            turns[-1][1] = end
    return turns


def standard(corpus, speakers, noise, snr, seconds, rng):
    """A sequence of the plain list: one noise at one level, mu-law, nothing else."""
    count = seconds * RATE
    sound = np.zeros(count)
    speech, turns = [], []
    at = int(RATE * rng.uniform(0.6, 1.5))
    while True:
        speaker = speakers.draw()
        mine = [clip for clip in corpus.list if clip["speaker"] == speaker
                and clip["role"] == "caller" and corpus.labels[clip["id"]]["speech_ms"]]
        level = rng.uniform(-34, -18) if snr == "clean" else -26
        turn = []
        for _ in range(int(rng.choice([1, 1, 2, 3]))):
            clip = mine[int(rng.integers(len(mine)))]
            samples = corpus.samples(clip["id"])
            segments = corpus.labels[clip["id"]]["speech_ms"]
            start = segments[0][0] * RATE // 1000
            end = min(len(samples), segments[-1][1] * RATE // 1000)
            before, after = min(start, RATE // 20), min(len(samples) - end, RATE // 20)
            samples = samples[start - before:end + after] * 10 ** (
                (level - active_level(samples, segments)) / 20)
            if at + len(samples) + RATE > count:
                break
            sound[at - before:at - before + len(samples)] += samples
            for a, b in segments:
                turn.append([a - segments[0][0] + at * 1000 // RATE,
                             b - segments[0][0] + at * 1000 // RATE])
            at += end - start + int(RATE * rng.uniform(0.25, 0.6))
        if not turn:
            break
        speech += turn
        turns += turns_of(turn)
        at += int(RATE * rng.uniform(0.9, 3.0))
        if at > count - 2 * RATE:
            break
    if snr != "clean":
        samples = corpus.noise(noise)
        samples = np.tile(samples, count // len(samples) + 2)[int(rng.integers(len(samples))):]
        samples = samples[:count]
        sound += samples * 10 ** ((-26 - float(snr) - dbov(samples)) / 20)
    else:
        sound += rng.normal(0, 3, count)
    return through_g711(sound, "ulaw"), {"speech_ms": speech, "turns_ms": turns}


def turns_sound(corpus, people, count, level, held, rng):
    """Turns of random people and, in their pauses, sounds that are no speech."""
    sound = np.zeros(count)
    speech = []
    rooms = [name for name in corpus.responses if name.startswith("room")]
    spread = rng.uniform(0, 8)
    at = int(RATE * rng.uniform(0.4, 3))
    voices = list(people)
    while at < count - 2 * RATE:
        mine = people[voices[int(rng.integers(len(voices)))]]
        turn_level = level + rng.uniform(-spread, spread)
        room = rooms[int(rng.integers(len(rooms)))] if rng.random() < .3 else None
        for _ in range(int(rng.choice([1, 1, 2, 3]))):
            clip = mine[int(rng.integers(len(mine)))]
            samples = corpus.samples(clip["id"])
            segments = corpus.labels[clip["id"]]["speech_ms"]
            start = max(0, segments[0][0] - 50) * RATE // 1000
            samples = samples * gain(turn_level - active_level(samples, segments))
            samples = samples[start:segments[-1][1] * RATE // 1000 + RATE // 20]
            if at + len(samples) + RATE > count:
                at = count
                break
            if room:
                samples = line_effects.reverberant(samples, corpus.response(room), rng)
            sound[at:at + len(samples)] += samples
            shift = at * 1000 // RATE - start * 1000 // RATE
            speech += [[a + shift, b + shift] for a, b in segments]
            at += len(samples) + int(RATE * rng.choice([rng.uniform(.1, .6), rng.uniform(.3, 1)]))
        pause = int(RATE * (rng.uniform(0.8, 3.0) if rng.random() < .85 else rng.uniform(3, 7)))
        if rng.random() < .3 and at + pause < count:
            kinds = HELD if held else TRAINING
            piece = kinds[str(rng.choice(list(kinds)))](rng)
            if rng.random() < .15:
                piece = key_tone(str(rng.choice(list(DTMF))), int(rng.integers(60, 300)), -26)
            peak = 32768 * gain(level + rng.uniform(-6, 14))
            piece = piece / max(1e-9, np.abs(piece).max()) * peak
            start = at + int(pause * rng.uniform(.1, .5))
            piece = piece[: max(0, count - start)]
            sound[start:start + len(piece)] += piece
        at += pause
    return sound, speech


def noise_mix(corpus, names, count, vary, rng):
    """One or two noises, sometimes beginning, ending or changing level within the sequence."""
    total = np.zeros(count)
    for index, name in enumerate(names):
        samples = corpus.noise(name)
        if vary and rng.random() < .8:
            change = noise_variation.drawn(rng, names)
            samples = noise_variation.varied(corpus, samples, change, rng)
        samples = np.resize(np.roll(samples, int(rng.integers(len(samples)))), count)
        samples = samples / (np.std(samples) + 1e-9)
        if rng.random() < .35:
            # Moves of level, with soft edges.
            knots = int(rng.integers(2, 8))
            curve = np.repeat(rng.uniform(-18, 6, knots), count // knots + 1)[:count]
            samples = samples * gain(np.convolve(curve, np.ones(800) / 800, "same"))
        total += samples * (1 if index == 0 else rng.uniform(.1, .8))
    return total


def pauses_of(speech, count):
    """Stretches without speech, in samples; 120 ms after each word and 40 before are not theirs."""
    edges = [0] + [edge * RATE // 1000 for a, b in sorted(speech) for edge in (a - 40, b + 120)]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2] + [count]) if b > a]


def condition_of(samples, name, level, speech, rng):
    if name == "muted":
        return line_effects.muted(samples, pauses_of(speech, len(samples)), rng)
    if name == "gsm":
        return low_rate_codecs.through(samples, "gsm")
    if name == "opus":
        return low_rate_codecs.through(samples, str(rng.choice(["opus-6", "opus-8", "opus-12"])))
    if name == "amr":
        return low_rate_codecs.through(samples, str(rng.choice(
            ["amr-4.75", "amr-5.9-dtx", "amr-7.95", "amr-12.2-dtx"])))
    if name == "codec_chain":
        return low_rate_codecs.through(low_rate_codecs.through(samples, "amr-7.95"), "opus-8")
    if name == "agc":
        return line_effects.pumped(samples, {
            "target_dbov": rng.uniform(-28, -18), "range_db": rng.uniform(6, 18),
            "attack_ms": rng.choice([20, 60, 200]), "release_ms": rng.choice([300, 1000, 3000])})
    if name == "gate":
        return line_effects.gated(samples, {
            "threshold_dbov": level - rng.uniform(14, 24), "depth_db": rng.uniform(12, 40),
            "hold_ms": rng.choice([30, 80, 200])})
    if name == "gaps":
        return line_effects.with_gaps(samples, {
            "share_pct": rng.choice([2, 4, 8]), "burst_ms": rng.choice([20, 40, 80]),
            "conceal": str(rng.choice(["repeat", "silence", "noise"]))}, rng)
    if name == "clipping":
        return line_effects.clipped(samples, level + rng.uniform(-4, 6))
    if name == "equaliser":
        return line_effects.equalised(samples, rng)
    if name == "level_steps":
        curve = np.repeat(rng.uniform(-10, 6, 5), len(samples) // 5 + 1)[: len(samples)]
        return samples * gain(np.convolve(curve, np.ones(1600) / 1600, "same"))
    raise ValueError(f"no condition is called '{name}'")


def wide(corpus, people, noises, conditions, held, vary, seconds, rng):
    """A sequence drawn from everything: levels, rooms, mixtures, coughs, codecs, laws."""
    count = seconds * RATE
    level = float(rng.uniform(-38, -15))
    silent = rng.random() < .06
    sound, speech = (np.zeros(count), []) if silent else turns_sound(
        corpus, people, count, level, held, rng)
    if rng.random() < .5:
        sound = line_effects.equalised(sound, rng) if speech else sound
    kind = rng.choice(["one", "two", "clean", "digital"], p=[.6, .3, .07, .03])
    names, snr, group = [], "clean", "none"
    if kind in ("one", "two"):
        classes = sorted({corpus.noises[name]["class"] for name in noises})
        group = str(rng.choice(classes))
        pool = [name for name in noises if corpus.noises[name]["class"] == group]
        names = [pool[int(rng.integers(len(pool)))]]
        if kind == "two":
            rest = [name for name in noises if corpus.noises[name]["class"] != "babble"]
            names.append(rest[int(rng.integers(len(rest)))])
        # One far voice is a voice: it may only be well below the caller.
        snr = float(rng.choice([0, 3, 5, 10, 15, 20, 30])) if group != "babble" else float(
            rng.choice([8, 12, 16, 20, 30]))
        noise = noise_mix(corpus, names, count, vary, rng)
        sound = sound + noise * gain(level - snr - dbov(noise))
    elif kind == "clean":
        sound = sound + rng.normal(0, 10 ** rng.uniform(-.3, 1.2), count)
    name = "plain"
    if conditions and rng.random() < (1 if held else .6):
        name = str(rng.choice(conditions))
        sound = condition_of(sound, name, level, speech, rng)
    sound = through_g711(sound, "alaw" if rng.random() < .3 else "ulaw")
    record = {"noise": names[0] if names else "none", "noises": names, "noise_class": group,
              "snr_db": snr if isinstance(snr, str) else f"{snr:g}", "condition": name,
              "level_dbov": round(level, 1), "speech_ms": speech, "turns_ms": turns_of(speech)}
    return sound, record

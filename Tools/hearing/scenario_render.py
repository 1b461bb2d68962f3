# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Renders one barge-in scenario: prompt, echo path, caller and noise to far and near end.

Keys of a plain scenario make exactly the samples that the development lists are defined by; the
further conditions draw from a generator of their own, so that they change nothing there.
"""

import numpy as np
from scipy import signal

import line_effects
import low_rate_codecs
import noise_variation
from caller_sounds import bursts, key_tone, wide_bursts
from echo_path import (delayed, jittering, mnru, overdriven, rattling, suppressed, swinging)
from g711 import through_g711
from levels import active_level, dbov, gain, mask
from samples import RATE

LEAD_MS = 500
TAIL_MS = 1000
PLAIN = ("id", "kind", "prompt", "path", "ir", "erl_db", "echo_delay_ms", "codec", "noise",
         "snr_db", "seed")
OPTIONAL = ("caller", "digit", "vocoder_q_db", "delay_step_ms", "drift_ppm", "loss_pct",
            "condition", "conditions", "far_codec", "near_codec", "caller_type", "noise_class")


def prompt_sound(corpus, scenario, rng):
    """What is sent, and its speech segments in ms; music may go before or under the voice."""
    samples = corpus.samples(scenario["prompt"])
    segments = corpus.labels[scenario["prompt"]]["speech_ms"]
    samples *= 10 ** ((scenario["prompt_dbov"] - active_level(samples, segments)) / 20)
    if music := scenario.get("prompt_music"):
        bed = np.roll(corpus.noise(music["noise"]), int(rng.integers(20 * RATE)))
        bed = np.resize(bed, len(samples)) * gain(
            scenario["prompt_dbov"] + music["down_db"] - dbov(bed))
        if music["place"] == "jingle":
            length = int(music["jingle_ms"] * RATE / 1000)
            ramp = np.clip((length - np.arange(len(samples))) / (RATE / 4), 0, 1)
            samples = np.concatenate([bed[:length], samples])
            samples[length:] += (bed * ramp)[: len(samples) - length]
            shift = music["jingle_ms"]
            segments = [[0, shift]] + [[a + shift, b + shift] for a, b in segments]
        else:
            samples = samples + bed
            segments = [[0, len(samples) * 1000 // RATE]]
    return samples, segments


def echo_sound(corpus, scenario, far, far_segments, rng, extra):
    """The echo that comes back, at the level its return loss asks for."""
    count, delay = len(far), scenario["echo_delay_ms"]
    source = far.copy()
    if gaps := scenario.get("far_gaps"):
        source = line_effects.with_gaps(source, gaps, extra)
    if codec := scenario.get("far_codec"):
        source = low_rate_codecs.through(source, codec)
    if scenario["path"] == "room_nonlinear":
        source = overdriven(source, scenario["prompt_dbov"])
    if scenario.get("rattle"):
        source = rattling(source, extra)
    curve = np.full(count, delay * RATE / 1000.0)
    if scenario.get("delay_step_ms"):
        curve[int(count * rng.uniform(.3, .7)):] += (
            max(-delay + 5, scenario["delay_step_ms"]) * RATE / 1000)
    for place, step in scenario.get("delay_steps", []):
        curve[int(count * place):] += max(-delay + 5, step) * RATE / 1000
    if scenario.get("drift_ppm"):
        curve += np.arange(count) * scenario["drift_ppm"] * 1e-6
    if jitter := scenario.get("jitter"):
        curve += jittering(count, jitter, extra)
    source = delayed(source, curve)
    echo = signal.lfilter(corpus.response(scenario["ir"]), [1.0], source)
    if change := scenario.get("path_change"):
        other = signal.lfilter(corpus.response(change["ir"]), [1.0], source)
        echo = np.where(np.arange(count) < int(count * change["at"]), echo, other)
    if second := scenario.get("second_echo"):
        later = delayed(source, np.full(count, second["delay_ms"] * RATE / 1000.0))
        later = signal.lfilter(corpus.response(second["ir"]), [1.0], later)
        echo = echo + later * gain(-second["down_db"])
    segments = [[a + delay, b + delay] for a, b in far_segments]
    loss = active_level(far, far_segments) - active_level(echo, segments)
    echo *= 10 ** ((loss - scenario["erl_db"]) / 20)
    if scenario["path"] == "vocoder":
        echo = mnru(echo, scenario["vocoder_q_db"], rng)
    if scenario["path"] == "suppressed":
        echo = suppressed(echo, LEAD_MS, rng)
    if swing := scenario.get("swing"):
        echo = echo * swinging(count, swing, extra)
    return echo


def caller_sound(corpus, scenario, count, rng, extra):
    """What the caller does, and the truth about it."""
    sound = np.zeros(count)
    truth = {"onset_ms": None, "end_ms": None, "caller_speech_ms": []}
    if scenario["kind"] in ("bargein", "clear_bargein", "answer"):
        clip = corpus.samples(scenario["caller"])
        segments = corpus.labels[scenario["caller"]]["speech_ms"]
        clip *= 10 ** ((scenario["caller_dbov"] - active_level(clip, segments)) / 20)
        if scenario.get("caller_room"):
            clip = line_effects.reverberant(clip, corpus.response(scenario["caller_room"]), extra)
        spoken, at = [], scenario["onset_ms"] - segments[0][0]
        for repeat in range(2 if scenario.get("hesitation_ms") else 1):
            # A caller who hesitates says the first piece, waits, and begins again.
            shift = at + repeat * (segments[0][1] - segments[0][0] + scenario["hesitation_ms"]
                                   if repeat else 0)
            whole = repeat == 1 or not scenario.get("hesitation_ms")
            length = len(clip) if whole else min(
                len(clip), (segments[0][1] + 40) * RATE // 1000)
            start = shift * RATE // 1000
            skip = max(0, -start)
            taken = min(length, count - start)
            if taken > skip:
                sound[start + skip:start + taken] += clip[skip:taken]
            for a, b in segments if whole else segments[:1]:
                if a + shift < count * 1000 // RATE:
                    spoken.append([a + shift, min(b + shift, count * 1000 // RATE)])
        truth = {"onset_ms": spoken[0][0], "end_ms": spoken[-1][1], "caller_speech_ms": spoken}
    elif scenario["kind"] == "dtmf":
        tone = key_tone(scenario["digit"], scenario["tone_ms"], scenario["caller_dbov"])
        start = scenario["onset_ms"] * RATE // 1000
        sound[start:start + len(tone)] = tone
        truth = {"onset_ms": scenario["onset_ms"],
                 "end_ms": scenario["onset_ms"] + scenario["tone_ms"], "caller_speech_ms": []}
    elif scenario["kind"] == "noise_burst":
        if wide := scenario.get("bursts"):
            sound, truth["bursts"] = wide_bursts(extra, count, LEAD_MS, wide == "held")
        else:
            sound, truth["bursts"] = bursts(rng, count, LEAD_MS)
    return sound, truth


def noise_sound(corpus, scenario, count, rng, extra):
    noise = corpus.noise(scenario["noise"])
    start = int(rng.integers(len(noise)))
    noise = np.tile(noise, count // len(noise) + 2)[start:start + count]
    if change := scenario.get("noise_change"):
        noise = noise_variation.varied(corpus, noise, change, extra)
    noise *= 10 ** ((scenario["caller_dbov"] - scenario["snr_db"] - dbov(noise)) / 20)
    if behind := scenario.get("behind"):
        other = corpus.noise(behind["noise"])
        other = np.resize(np.roll(other, int(extra.integers(len(other)))), count)
        noise = noise + other * gain(scenario["caller_dbov"] - behind["down_db"] - dbov(other))
    return noise


def pauses(scenario, truth, far_segments, count):
    """Stretches in samples in which neither a caller speaks nor an echo may be heard."""
    delay = scenario["echo_delay_ms"]
    echo = [] if delay is None else [[a + delay - 100, b + delay + 300] for a, b in far_segments]
    keys = [[truth["onset_ms"], truth["end_ms"]]] if scenario["kind"] == "dtmf" else []
    heard = mask(echo + keys + [[a - 40, b + 120] for a, b in truth["caller_speech_ms"]]
                 + [[a - 20, b + 50] for a, b, *_ in truth.get("bursts", [])], count)
    edges = np.flatnonzero(np.diff(np.concatenate([[1], heard.astype(int), [1]])))
    return list(zip(edges[::2], edges[1::2]))


def returned(scenario, near, stretches, rng, extra):
    """The way back: the device, the network, the line."""
    if scenario.get("equaliser"):
        near = line_effects.equalised(near, extra)
    if agc := scenario.get("agc"):
        near = line_effects.pumped(near, agc)
    if gate := scenario.get("gate"):
        near = line_effects.gated(near, gate)
    if scenario.get("muted"):
        near = line_effects.muted(near, stretches, extra)
    if "clip_dbov" in scenario:
        near = line_effects.clipped(near, scenario["clip_dbov"])
    if codec := scenario.get("near_codec"):
        near = low_rate_codecs.through(near, codec)
    near = through_g711(near, scenario["codec"])
    if gaps := scenario.get("near_gaps"):
        near = line_effects.with_gaps(near, gaps, extra)
    if scenario.get("loss_pct"):
        lost = rng.random(len(near) // 160) < scenario["loss_pct"] / 100
        for index in np.where(lost)[0]:
            if index:
                # The simplest concealment: the last packet again, at half its level.
                near[index * 160:index * 160 + 160] = 0.5 * near[index * 160 - 160:index * 160]
    return near


def render(corpus, scenario, stems=False):
    """(far, near, truth, stems by name): all of equal length, on one clock."""
    rng = np.random.default_rng(scenario["seed"])
    extra = np.random.default_rng([scenario["seed"], 1])
    prompt, segments = prompt_sound(corpus, scenario, extra)
    tail = scenario.get("tail_ms", TAIL_MS)
    count = len(prompt) + (LEAD_MS + tail) * RATE // 1000
    count -= count % 160
    far = np.zeros(count)
    start = LEAD_MS * RATE // 1000
    far[start:start + len(prompt)] = prompt[:count - start]
    far = through_g711(far, scenario["codec"])
    far_segments = [[a + LEAD_MS, b + LEAD_MS] for a, b in segments]

    echo = np.zeros(count)
    if scenario["echo_delay_ms"] is not None:
        echo = echo_sound(corpus, scenario, far, far_segments, rng, extra)
    caller, truth = caller_sound(corpus, scenario, count, rng, extra)
    noise = noise_sound(corpus, scenario, count, rng, extra)
    near = returned(
        scenario, echo + caller + noise, pauses(scenario, truth, far_segments, count), rng, extra)

    both = mask(truth["caller_speech_ms"], count)
    ser = None
    if both.any() and scenario["echo_delay_ms"] is not None:
        ser = round(float(dbov(caller[both]) - dbov(echo[both])), 1)
    truth = {**{key: scenario[key] for key in PLAIN},
             **{key: scenario[key] for key in OPTIONAL if key in scenario}, **truth,
             "ser_db": ser, "caller_dbov": scenario["caller_dbov"],
             "prompt_dbov": scenario["prompt_dbov"], "duration_ms": count * 1000 // RATE,
             "prompt_speech_ms": far_segments}
    return far, near, truth, ({"echo": echo, "caller": caller, "noise": noise} if stems else {})

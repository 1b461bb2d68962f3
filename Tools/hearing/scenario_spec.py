# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Draws lists of barge-in scenarios: grid, folds of people and noises, conditions of the line."""

import itertools

import numpy as np

import noise_variation
import voices
from caller_sounds import DTMF
from scenario_render import LEAD_MS

ERL = [6, 10, 15, 20, 30, 40]
DELAY = [20, 60, 120, 200, 300, 450, 600]
SNR = [5, 10, 15, 20, 30]
# The kinds in which somebody speaks: into a prompt, with or without its echo, or right after it.
SPOKEN = ("bargein", "clear_bargein", "answer")
PATHS = ["hybrid", "handset", "room", "room_nonlinear", "vocoder", "suppressed"]
MIX = {
    "default": (["bargein"] * 11 + ["echo_only"] * 6 + ["noise_burst"] + ["clear_bargein"]
                + ["dtmf"]),
    "train": (["bargein"] * 9 + ["echo_only"] * 7 + ["noise_burst"] * 2 + ["clear_bargein"] * 2
              + ["answer"] * 2 + ["no_echo", "dtmf"]),
    "echo-only": ["echo_only"],
    "bargein": ["bargein"],
}
# Kinds of condition that training may use, and those that it never sees.
TRAINING = ("second_echo", "gsm", "opus", "agc", "music_prompt", "music_behind", "swing",
            "two_steps", "gaps", "far_voice", "caller_room", "wide_levels", "equaliser", "gate",
            "jitter", "path_change", "clipping", "jingle", "muted")
HELD = ("amr", "rattle", "far_gaps", "television", "third_step", "codec_chain")
CONDITIONS = {"none": (), "train": TRAINING, "held": HELD, "all": TRAINING + HELD}


class Deck:
    """Draws every item once, in shuffled order, before any comes again."""

    def __init__(self, items, rng):
        self.items, self.rng, self.left = list(items), rng, []

    def draw(self):
        if not self.left:
            self.left = [self.items[index] for index in self.rng.permutation(len(self.items))]
        return self.left.pop()


class KindDeck:
    """Draws a kind, then one of that kind."""

    def __init__(self, decks, rng):
        self.decks, self.kinds = decks, Deck(list(decks), rng)

    def draw(self):
        return self.decks[self.kinds.draw()].draw()


def number(rng, low, high):
    return round(float(rng.uniform(low, high)), 1)


def one(rng, items):
    return items[int(rng.integers(len(items)))]


def steps(rng, count):
    """Places within the call, as shares of it, and the steps of delay there in ms."""
    places = np.sort(rng.uniform(.2, .85, count))
    return [[round(float(place), 3), int(one(rng, [-60, -40, -20, 20, 40, 60, 100]))]
            for place in places]


def loss(rng):
    return {"share_pct": int(one(rng, [2, 4, 8])), "burst_ms": int(one(rng, [20, 40, 80, 160])),
            "conceal": one(rng, ["repeat", "silence", "noise"])}


class Conditions:
    """Turns the name of a condition into keys of a scenario."""

    def __init__(self, corpus, noise_folds, rng):
        self.rng = rng
        self.rooms = [name for name in corpus.responses if name.startswith("room")]
        self.responses = list(corpus.responses)
        self.music = corpus.noise_names(noise_folds, ["music"])
        self.behind = {
            kind: [name for name in corpus.noise_names(noise_folds, ["babble"])
                   if corpus.noises[name]["kind"] == kind] for kind in ("talker", "television")}

    def keys(self, name, scenario):
        """The keys, or None when the condition makes no sense for this scenario."""
        rng = self.rng
        voiced = scenario["kind"] in SPOKEN
        echo = scenario["echo_delay_ms"] is not None
        if name in ("second_echo", "swing", "two_steps", "third_step", "jitter", "rattle",
                    "path_change", "far_gaps") and not echo:
            return None
        if name == "caller_room" and not voiced:
            return None
        if name == "second_echo":
            delay = scenario["echo_delay_ms"]
            return {"second_echo": {
                "delay_ms": int(np.clip(rng.uniform(30, 420), 30, max(40, 650 - delay))),
                "down_db": number(rng, 2, 14), "ir": one(rng, self.responses)}}
        if name in ("gsm", "opus", "amr"):
            codec = {"gsm": lambda: "gsm",
                     "opus": lambda: one(rng, ["opus-6", "opus-8", "opus-12"]),
                     "amr": lambda: one(rng, ["amr-4.75", "amr-5.9-dtx", "amr-7.95", "amr-12.2",
                                              "amr-12.2-dtx"])}[name]()
            where = one(rng, ["both", "both", "near", "far"]) if echo else "near"
            return {key: codec for key in ("far_codec", "near_codec")
                    if where == "both" or key.startswith(where)}
        if name == "codec_chain":
            return {"near_codec": one(rng, ["amr-5.9", "opus-6"]),
                    **({"far_codec": one(rng, ["amr-7.95", "gsm"])} if echo else {}),
                    "near_gaps": loss(rng)}
        if name == "agc":
            return {"agc": {"target_dbov": number(rng, -28, -18), "range_db": number(rng, 6, 18),
                            "attack_ms": int(one(rng, [20, 60, 200])),
                            "release_ms": int(one(rng, [300, 1000, 3000]))}}
        if name == "music_prompt":
            return {"prompt_music": {"place": "bed", "noise": one(rng, self.music),
                                     "down_db": number(rng, -18, 0)}}
        if name == "jingle":
            return {"prompt_music": {"place": "jingle", "noise": one(rng, self.music),
                                     "down_db": number(rng, -8, 2),
                                     "jingle_ms": int(rng.uniform(1200, 4000))}}
        if name == "music_behind":
            return {"behind": {"noise": one(rng, self.music), "down_db": number(rng, 6, 30)}}
        if name in ("far_voice", "television"):
            kind = "talker" if name == "far_voice" else "television"
            return {"behind": {"noise": one(rng, self.behind[kind]),
                               "down_db": number(rng, 14, 32)}}
        if name == "swing":
            return {"swing": {"db": number(rng, 3, 9), "shape": one(rng, ["sine", "levels"]),
                              "period_ms": int(one(rng, [300, 800, 2000, 5000]))}}
        if name in ("two_steps", "third_step"):
            return {"delay_steps": steps(rng, 2 if name == "two_steps" else 3)}
        if name == "gaps":
            return {"near_gaps": loss(rng)}
        if name == "far_gaps":
            return {"far_gaps": loss(rng)}
        if name == "caller_room":
            return {"caller_room": one(rng, self.rooms)}
        if name == "wide_levels":
            return {"caller_dbov": number(rng, -40, -12), "prompt_dbov": number(rng, -33, -12)}
        if name in ("equaliser", "muted"):
            return {name: True}
        if name == "gate":
            return {"gate": {"threshold_dbov": number(rng, -48, -34),
                             "depth_db": number(rng, 12, 40),
                             "hold_ms": int(one(rng, [30, 80, 200]))}}
        if name == "jitter":
            return {"jitter": {"step_ms": int(one(rng, [6, 15, 30]))}}
        if name == "rattle":
            return {"rattle": True}
        if name == "path_change":
            return {"path_change": {"ir": one(rng, self.responses), "at": number(rng, .3, .7)}}
        if name == "clipping":
            return {"clip_dbov": number(rng, -26, -12)}
        raise ValueError(f"no condition is called '{name}'")


def noise_deck(corpus, folds, rng):
    """Half of the draws are the basic steady noises where a fold has them, half the others.

    Without them every kind comes as often as any other, however many of a kind there are.
    """
    named = [name for name in corpus.noise_names(folds)
             if corpus.noises[name]["kind"] not in ("talker", "television")]
    basic = [name for name in named if corpus.noises[name]["kind"] == name]
    if not basic:
        kinds = {}
        for name in named:
            kinds.setdefault(corpus.noises[name]["kind"], []).append(name)
        return KindDeck({kind: Deck(names, rng) for kind, names in kinds.items()}, rng)
    others = Deck([name for name in named if name not in basic] or basic, rng)
    steady = Deck(basic, rng)

    class Half:
        def draw(self):
            return (steady if rng.random() < .5 else others).draw()

    return Half()


def make_spec(corpus, count, seed, mix="default", folds=None, noise_folds=None, conditions="none",
              share=0.7):
    """A list of scenarios; `share` of them have one condition, and a quarter of those a second."""
    rng = np.random.default_rng(seed)
    prompts = corpus.fold(folds, "prompt")
    callers = corpus.fold(folds, "caller")
    if not prompts or not callers:
        raise SystemExit(f"scenarios: the corpus has no prompts or no callers in {folds}")
    kinds = MIX[mix]
    # Every voice as often as any other; the same person at another pitch is another voice.
    people = {}
    for clip in callers:
        people.setdefault(voices.voice(clip["speaker"]), []).append(clip)
    recorded = [name for name in people if not name.startswith("espeak")]
    synthetic = [name for name in people if name.startswith("espeak")]
    deck_kind, deck_prompt = Deck(kinds, rng), Deck(prompts, rng)
    deck_recorded = Deck(recorded or synthetic, rng)
    deck_synthetic = Deck(synthetic or recorded, rng)
    cells = list(itertools.product(ERL, DELAY))
    deck_cell = {kind: Deck(cells, rng) for kind in sorted(set(kinds))}
    deck_path = {kind: Deck(PATHS, rng) for kind in sorted(set(kinds))}
    deck_noise, deck_snr = noise_deck(corpus, noise_folds, rng), Deck(SNR, rng)
    changing = [name for name in corpus.noise_names(noise_folds)
                if corpus.noises[name]["kind"] not in ("talker", "television")]
    names = CONDITIONS[conditions]
    deck_condition = Deck(names, rng) if names else None
    maker = Conditions(corpus, noise_folds, rng)
    responses = list(corpus.responses)
    scenarios = []
    for index in range(count):
        kind, prompt = deck_kind.draw(), deck_prompt.draw()
        erl, delay = deck_cell[kind].draw()
        path, noise, snr = deck_path[kind].draw(), deck_noise.draw(), deck_snr.draw()
        wanted = ("hybrid" if path == "hybrid" else "handset" if path == "handset"
                  else "room" if path.startswith("room") else "")
        echo = kind not in ("clear_bargein", "no_echo") and not (
            kind == "answer" and rng.random() < .4)
        scenario = {
            "id": f"s{index:04d}_{kind}", "kind": kind, "seed": int(rng.integers(1 << 31)),
            "prompt": prompt["id"], "prompt_dbov": number(rng, -26, -18), "path": path,
            "ir": one(rng, [name for name in responses if name.startswith(wanted)]),
            "erl_db": erl if echo else None, "echo_delay_ms": delay if echo else None,
            "codec": "alaw" if rng.random() < 0.25 else "ulaw", "noise": noise, "snr_db": snr,
            "caller_dbov": number(rng, -34, -18), "noise_class": corpus.noises[noise]["class"]}
        if path == "vocoder":
            scenario["vocoder_q_db"] = int(rng.choice([12, 18, 24]))
        if rng.random() < 0.15:
            scenario["delay_step_ms"] = int(rng.choice([-15, 20, 40, 60]))
        if rng.random() < 0.15:
            scenario["drift_ppm"] = int(rng.choice([-60, -20, 20, 60]))
        if rng.random() < 0.15:
            scenario["loss_pct"] = int(rng.choice([1, 3, 5]))
        if kind in SPOKEN:
            deck = deck_recorded if rng.random() < .65 else deck_synthetic
            # Nobody talks over a prompt in the same voice, where there is a choice.
            for _ in range(20):
                who = deck.draw()
                if who != voices.voice(prompt["speaker"]):
                    break
                deck = deck_recorded if rng.random() < .5 else deck_synthetic
            scenario["caller"] = one(rng, people[who])["id"]
            segments = corpus.labels[scenario["caller"]]["speech_ms"]
            scenario["caller_type"] = "short" if segments[-1][1] - segments[0][0] < 600 else "usual"
            if conditions != "none" and rng.random() < .12:
                scenario["hesitation_ms"] = int(rng.uniform(250, 900))
                scenario["caller_type"] = "hesitant"
        if kind == "dtmf":
            scenario["digit"] = str(rng.choice(list(DTMF)))
            scenario["tone_ms"] = int(rng.choice([60, 80, 120, 200]))
        if kind == "noise_burst" and conditions != "none" and rng.random() < .7:
            scenario["bursts"] = "held" if conditions == "held" else "train"
        if kind in ("bargein", "clear_bargein", "dtmf"):
            length = corpus.labels[prompt["id"]]["duration_ms"]
            # The material of a training has callers who interrupt the first word, too.
            earliest = 300 if mix == "train" and rng.random() < .25 else 1200
            latest = max(earliest + 100, length - 2500) if earliest == 1200 else 1200
            scenario["onset_ms"] = int(LEAD_MS + rng.uniform(earliest, latest))
        if kind == "answer":
            end = corpus.labels[prompt["id"]]["speech_ms"][-1][1]
            scenario["onset_ms"] = int(LEAD_MS + end + rng.uniform(50, 800))
            scenario["tail_ms"] = 2500
        if mix == "train" and rng.random() < .6:
            scenario["noise_change"] = noise_variation.drawn(rng, changing)
        scenario["condition"], scenario["conditions"] = "plain", []
        if names and rng.random() < share:
            for _ in range(2 if rng.random() < .25 else 1):
                name = deck_condition.draw()
                keys = maker.keys(name, scenario)
                while keys is None or set(keys) & set(scenario) - {"caller_dbov", "prompt_dbov"}:
                    name = one(rng, names)
                    keys = maker.keys(name, scenario)
                scenario.update(keys)
                scenario["conditions"].append(name)
            scenario["condition"] = scenario["conditions"][0]
        scenarios.append(scenario)
    return {"mix": mix, "seed": seed, "folds": folds, "noise_folds": noise_folds,
            "conditions": conditions, "scenarios": scenarios}

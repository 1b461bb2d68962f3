# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The sets of an evaluation: what is rendered, from whom, and how large."""

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Set:
    """Scenarios or sequences under one name, and what they are there to show."""

    name: str
    kind: str
    title: str
    count: int
    arguments: tuple
    # Whether the other detectors hear it too: they take most of the time.
    peers: bool = True
    # A folder whose own list is rendered, instead of drawing one.
    folder: str = ""

    @property
    def is_voice(self):
        return self.kind == "voice"


HELD = ("--folds", "test", "--noise-folds", "test")
ECHO = ("--mix", "echo-only")
KNOWN = ("--conditions", "train", "--share", "1.0")
UNSEEN = ("--conditions", "held", "--share", "1.0")
SETS = (
    Set("held", "interruption", "People and noises that training never heard", 160,
        ("--seed", "701", *HELD)),
    Set("held-echo", "interruption", "Echo alone: people and noises never heard", 240,
        ("--seed", "702", *ECHO, *HELD)),
    Set("conditions", "interruption", "Conditions of the line that training has, on those people",
        160, ("--seed", "703", *KNOWN, *HELD), peers=False),
    Set("unseen", "interruption", "Conditions of the line that training never had", 160,
        ("--seed", "704", *UNSEEN, *HELD)),
    Set("voice", "voice", "Voice activity: people never heard, the eight plain noises", 0,
        ("--plan", "standard", "--seed", "711", "--folds", "test")),
    Set("voice-held", "voice", "Voice activity: people and noises never heard, drawn widely", 0,
        ("--plan", "wide", "--hours", "1", "--seed", "712", *HELD)),
    Set("voice-lines", "voice", "Voice activity: and through AMR, gates, clipping, two codecs", 0,
        ("--plan", "wide", "--hours", "0.6", "--seed", "713", *UNSEEN[:2], *HELD)),
)
# The size that a public claim needs: over 1000 interruptions, 10 hours of prompts with echo alone.
CLAIMS = (
    Set("held-full", "interruption", "People and noises never heard, at full size", 1750,
        ("--seed", "705", *HELD), peers=False),
    Set("held-echo-full", "interruption", "Echo alone, at full size", 2500,
        ("--seed", "706", *ECHO, *HELD), peers=False),
    Set("unseen-full", "interruption", "Conditions never met, at full size", 700,
        ("--seed", "707", *UNSEEN, *HELD), peers=False),
)
# Cannot be mistaken for an evaluation: a minute's check that nothing has broken.
CHECK = (
    Set("check", "interruption", "Forty scenarios of everybody", 40, ("--seed", "720")),
    Set("check-voice", "voice", "Eight sequences of everybody", 0,
        ("--plan", "wide", "--hours", "0.067", "--seconds", "30", "--seed", "721")),
)


def sets_of_folder(folder):
    """The lists that a folder of labelled speech brings along, rendered with that folder alone."""
    for path in sorted((pathlib.Path(folder) / "scenarios").glob("*.json")):
        yield Set(path.stem, "interruption", f"The list {path.stem} of the added speech", 0,
                  (str(path),), peers="echo" not in path.stem, folder=str(folder))
    if (pathlib.Path(folder) / "noise").is_dir():
        yield Set("voice-" + pathlib.Path(folder).name, "voice",
                  "Voice activity: the added speech, the eight plain noises", 0,
                  ("--plan", "standard", "--seed", "3"), folder=str(folder))


# What each ablation takes away, and the switches of sidetone hear that do so.
ABLATIONS = {
    "no canceller (stage 1 only)": ("--ablate", "levels-only"),
    "one delay instead of all plausible ones": ("--ablate", "single-delay"),
    "no learning of the return gain": ("--ablate", "fixed-gain"),
    "a linear score instead of the net": ("--ablate", "linear-score"),
}
SENSITIVITIES = ("eager", "strict")
# Profiles of the end of a turn: one fixed rule of 600 ms, and the one that listens for finality.
ENDPOINTS = ("patient", "adaptive")

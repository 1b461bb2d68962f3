# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A corpus on disk: speech with labels, noises and impulse responses, read once and kept."""

import functools
import pathlib

import numpy as np

from samples import load_json, read_wav

# The noises of a corpus that has no list of its own, as the development audio.
LISTED = ["white", "pink", "car", "hum", "street", "keyboard", "comfort", "babble"]


class Corpus:
    """Clips are kept as int16 after their first reading; samples come as fresh float arrays."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.list = load_json(self.folder / "manifest.json")["clips"]
        self.clips = {clip["id"]: clip for clip in self.list}
        self.labels = load_json(self.folder / "labels.json")["clips"]
        self.responses = load_json(self.folder / "irs" / "irs.json")["irs"]
        noises = self.folder / "noise" / "noises.json"
        self.noises = load_json(noises) if noises.exists() else {
            name: {"fold": "train", "kind": name,
                   "class": "babble" if name == "babble" else "steady"} for name in LISTED}
        self.stored = functools.lru_cache(maxsize=4096)(lambda path: read_wav(path)[0])

    def samples(self, clip_id):
        return self.stored(self.folder / self.clips[clip_id]["file"]).astype(float)

    def noise(self, name):
        return self.stored(self.folder / "noise" / f"{name}.wav").astype(float)

    @functools.lru_cache(maxsize=64)
    def response(self, name):
        return np.array(self.responses[name])

    def fold(self, folds, role):
        """The clips with speech of these folds (None: all) and role."""
        return [clip for clip in self.list
                if clip["role"] == role and self.labels[clip["id"]]["speech_ms"]
                and (folds is None or clip.get("fold", "train") in folds)]

    def noise_names(self, folds, classes=None):
        return [name for name, noise in self.noises.items()
                if (folds is None or noise["fold"] in folds)
                and (classes is None or noise["class"] in classes)]

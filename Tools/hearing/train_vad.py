#!/usr/bin/env python3
# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Trains the voice activity net and writes Sources/SpeechDetection/VoiceActivityWeights.swift.

usage: train_vad.py --out FILE [--held FOLDER ...] [--epochs 16] [--seed 1] FOLDER ...

Each FOLDER holds sequences as vad-sequences renders them, and in FOLDER.features what
`hearing-features vad FOLDER FOLDER.features` makes of them. Blocks nearer than 12 ms to a labelled
edge do not count. What is printed for the held folders (speakers, noises and conditions that the
training folders do not have) is the net alone; the scorers judge the detector.
"""

import argparse
import os
import pathlib
import time

# More threads than one lose more time waiting for one another than they save.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402

import weights_file
from recurrent_unit import RecurrentUnit, logistic, squashed
from samples import load_json

FEATURES, BANDS = 48, 21
HIDDEN = 24
BLOCK_MS = 8
# Windows of the truncated back-propagation, in blocks; sequences trained side by side.
WINDOW, BATCH = 100, 96
RATE = 5e-3
# The detector's units of weights: of inputs, of the state, of everything else.
SCALES = {"input": 4096, "state": 1024}
SCALE = 4096
# What a weight of an input may be, as the detector has room for it.
INPUT_LIMIT = 7.9


def load(folder):
    """(truth, features) of each sequence of a folder."""
    features = folder.with_name(folder.name + ".features")
    found = []
    for path in sorted(folder.glob("*.json")):
        rows = np.fromfile(features / (path.stem + ".f32"), "<f4").reshape(-1, FEATURES)
        found.append((load_json(path), rows))
    return found


def targets(truth, count):
    """Whether each block is speech, and whether it counts."""
    middle = np.arange(count) * BLOCK_MS + BLOCK_MS // 2
    speech, counts = np.zeros(count, np.float32), np.ones(count, np.float32)
    for start, end in truth["speech_ms"]:
        speech[(middle >= start) & (middle < end)] = 1
    for start, end in truth["speech_ms"]:
        counts[(abs(middle - start) < 12) | (abs(middle - end) < 12)] = 0
    return speech, counts


def other_lines(rng, batch):
    """What another line and another guess of the noise would add to the features of a sequence.

    A smooth equaliser over the bands, a gain, and errors of the noise floor: a net that has seen
    them leans less on how the training's lines sound.
    """
    place = np.arange(BANDS) / (BANDS - 1)
    bends = rng.normal(0, 3.0, (batch, 5)) / np.sqrt(2.5)
    curve = sum(bends[:, [n]] * np.cos(np.pi * (n + 1) * place) for n in range(5))
    added = np.zeros((batch, FEATURES))
    added[:, :BANDS] = rng.normal(0, 1.5, (batch, 1)) + rng.normal(0, 0.75, (batch, BANDS))
    added[:, BANDS:2 * BANDS] = curve - curve.mean(1, keepdims=True)
    added[:, :2 * BANDS] *= 0.1
    added[:, 2 * BANDS] = 0.05 * (curve.mean(1) + rng.normal(0, 6.0, batch))
    return added


def train(sequences, epochs, seed):
    rng = np.random.default_rng(seed)
    sample = np.concatenate([rows[::7] for _, rows in sequences])
    mean, deviation = sample.mean(0), sample.std(0) + 1e-2
    unit = RecurrentUnit(FEATURES, HIDDEN, rng)
    length = min(len(rows) for _, rows in sequences) // WINDOW * WINDOW
    inputs = np.stack([
        ((rows[:length] - mean) / deviation).astype(np.float32) for _, rows in sequences])
    pairs = [targets(truth, length) for truth, _ in sequences]
    speech, counts = (np.stack(part) for part in zip(*pairs))
    batch = min(BATCH, len(sequences))
    updates = epochs * (len(sequences) // batch) * (length // WINDOW)
    begun, done = time.monotonic(), 0
    for epoch in range(epochs):
        order = rng.permutation(len(sequences))
        loss = weight = 0.0
        for first in range(0, len(sequences) - batch + 1, batch):
            chosen = order[first:first + batch]
            shift = int(rng.integers(length))
            x = np.roll(inputs[chosen], -shift, 1).transpose(1, 0, 2)
            x = x + (other_lines(rng, batch) / deviation).astype(np.float32)
            y, w = (np.roll(part[chosen], -shift, 1).T for part in (speech, counts))
            state = np.zeros((batch, HIDDEN), np.float32)
            for start in range(0, length, WINDOW):
                span = slice(start, start + WINDOW)
                logits, state, memory = unit.run(np.ascontiguousarray(x[span]), state)
                likely = 1 / (1 + np.exp(-logits))
                errors = w[span] * (likely - y[span])
                loss -= float((w[span] * np.log(np.abs(1 - y[span] - likely) + 1e-7)).sum())
                weight += float(w[span].sum())
                pace = 0.02 + 0.49 * (1 + np.cos(np.pi * done / updates))
                done += 1
                unit.update(
                    unit.gradients((errors / w[span].sum()).astype(np.float32), memory),
                    RATE * pace * min(1, done / 100))
                limit = INPUT_LIMIT * deviation[:, None]
                np.clip(unit.parameters["input"], -limit, limit, out=unit.parameters["input"])
        print(f"epoch {epoch + 1} of {epochs}: loss {loss / weight:.4f}, "
              f"{time.monotonic() - begun:.0f} s", flush=True)
    return folded(unit, mean, deviation)


def folded(unit, mean, deviation):
    """The unit that takes features as they are, with weights rounded as the file has them."""
    p = unit.parameters
    p["bias"] = p["bias"] - (mean / deviation) @ p["input"]
    p["input"] = p["input"] / deviation[:, None]
    for name, value in p.items():
        scale = SCALES.get(name, SCALE)
        p[name] = (weights_file.rounded(value, scale) / scale).astype(np.float32)
    return unit


def report(unit, folder):
    """Prints area under ROC and F1 at one half over all counted blocks."""
    scores, truths = [], []
    for truth, rows in load(folder):
        logits, _, _ = unit.run(
            rows[:, None, :], np.zeros((1, HIDDEN), np.float32), tanh=squashed)
        speech, counts = targets(truth, len(rows))
        scores.append(logistic(logits[counts > 0, 0]))
        truths.append(speech[counts > 0] > 0)
    score, truth = np.concatenate(scores), np.concatenate(truths)
    ranks = np.empty(len(score))
    ranks[np.argsort(score, kind="stable")] = np.arange(len(score))
    positive = truth.sum()
    area = (ranks[truth].sum() - positive * (positive - 1) / 2) / (
        positive * (len(truth) - positive))
    said = score > 0.5
    f1 = 2 * (said & truth).sum() / (said.sum() + positive)
    print(f"{folder.name}: area under ROC {area:.4f}, F1 {f1:.4f}, "
          f"{len(truth) * BLOCK_MS / 3.6e6:.2f} h", flush=True)


def save(unit, path):
    p = unit.parameters
    weights_file.save(
        path, "The trained weights of the voice activity net, as Tools/hearing/train_vad.py "
        "wrote them.", "VoiceActivityWeights", [
            "    static let net = RecurrentNet(\n"
            "        inputWeights: input, stateWeights: state, bias: bias, output: output,\n"
            "        outputBias: outputBias[0])\n",
            weights_file.integer_table("input", p["input"], SCALES["input"]),
            weights_file.integer_table("state", p["state"], SCALES["state"]),
            weights_file.table("bias", np.concatenate([p["bias"], p["state_bias"]]), SCALE),
            weights_file.table("output", p["output"], SCALE),
            weights_file.table("outputBias", p["output_bias"], SCALE)])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--held", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    sequences = [pair for folder in arguments.folders for pair in load(folder)]
    unit = train(sequences, arguments.epochs, arguments.seed)
    save(unit, arguments.out)
    for folder in arguments.held:
        report(unit, folder)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Trains the barge-in net and writes its weights as a Swift file.

usage: train_bargein.py --out BargeInWeights.swift SCENARIOS=FEATURES ...

SCENARIOS is a folder that `scenarios render` made, FEATURES what `hearing-features bargein` made of
it. A block counts as the caller's from 40 ms after the onset of speech; blocks about which the
truth is unsure (just before an onset, just after speech, the call's first 600 ms) count for nothing.
The same material gives the same weights, in minutes on one core.
"""

import argparse
import json
import os
import pathlib

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # Sums of the same order on every machine.

import numpy as np  # noqa: E402
from scipy.signal import lfilter  # noqa: E402

import weights_file  # noqa: E402

BLOCK_MS = 8
FEATURES = 27
SHARES = (0.25, 0.07, 0.012, 0.003)
HIDDEN = 32
# Of the blocks that are not the caller's.
KEPT_SHARE = 0.4
# A cough is over in 200 ms: its few blocks count as many.
BURST_WEIGHT = 4
# Added to the logit: a block of the training is the caller's far more seldom than a block for which
# it matters.
SHIFT = -0.5
SCALE = 4096


def expanded(rows):
    """The net's inputs for the blocks that it judged: the numbers and their leaky means."""
    means = [lfilter([share], [1, share - 1], rows, axis=0) for share in SHARES]
    return np.concatenate([rows, *means], axis=1).astype(np.float32)


def read(scenarios, features):
    """(truth, rows of features, whether each block was judged) of each scenario."""
    columns = json.loads((features / "columns.json").read_text())["columns"]
    for path in sorted(scenarios.glob("*.json")):
        table = np.fromfile(features / f"{path.stem}.f32", np.float32).reshape(-1, len(columns))
        yield json.loads(path.read_text()), table[:, :FEATURES], table[:, FEATURES] > 0


def targets(truth, count):
    """1 where the caller speaks, and the weight of each block."""
    time = np.arange(count) * BLOCK_MS + BLOCK_MS
    target, weight = np.zeros(count), np.ones(count)
    weight[time < 600] = 0
    if truth["kind"] in ("bargein", "clear_bargein", "answer"):
        onset = truth["onset_ms"]
        for start, end in truth["caller_speech_ms"]:
            target[(time >= start + 40) & (time <= end)] = 1
            weight[(time > end) & (time < end + 200)] = 0
        weight[(time >= onset - 10) & (time < onset + 40)] = 0
        weight[(time > truth["end_ms"]) & (time < truth["end_ms"] + 250)] = 0
        # By then a caller has been heard and the prompt has ended; the next one may begin soon.
        weight[time > onset + 1200] *= 0.5
        # What decides on an interruption is its beginning.
        weight[(time >= onset + 40) & (time < onset + 400) & (target > 0)] *= 1.5
    if truth["kind"] == "dtmf":
        weight[(time >= truth["onset_ms"] - 10) & (time < truth["end_ms"] + 300)] = 0
    if truth["kind"] == "noise_burst":
        for start, end, *_ in truth.get("bursts", []):
            weight[(time >= start) & (time < end + 100)] *= BURST_WEIGHT
    return target, weight


class Net:
    """tanh units and one logit."""

    def __init__(self, inputs, hidden, rng):
        parts = [rng.normal(0, inputs ** -0.5, (inputs, hidden)), np.zeros(hidden),
                 rng.normal(0, hidden ** -0.5, hidden), np.zeros(1)]
        self.parts = [part.astype(np.float32) for part in parts]

    def forward(self, inputs):
        weights, bias, output, output_bias = self.parts
        self.inputs, self.hidden = inputs, np.tanh(inputs @ weights + bias)
        return self.hidden @ output + output_bias

    def gradients(self, slope):
        back = slope[:, None] * self.parts[2] * (1 - self.hidden * self.hidden)
        return [self.inputs.T @ back, back.sum(0), self.hidden.T @ slope,
                slope.sum(keepdims=True)]


class Line:
    """A weighted sum."""

    def __init__(self, inputs):
        self.parts = [np.zeros(inputs, np.float32), np.zeros(1, np.float32)]

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.parts[0] + self.parts[1]

    def gradients(self, slope):
        return [self.inputs.T @ slope, slope.sum(keepdims=True)]


def fit(model, inputs, target, weight, rng, epochs, rate=3e-3, batch=2048, decay=1e-4):
    """Adam on the weighted cross entropy, at a rate that falls to nothing."""
    first = [np.zeros_like(part) for part in model.parts]
    second = [np.zeros_like(part) for part in model.parts]
    count, step = len(inputs), 0
    steps = epochs * (count // batch)
    for epoch in range(epochs):
        order, total = rng.permutation(count), 0.0
        for start in range(0, count - batch + 1, batch):
            rows = order[start:start + batch]
            wanted, counts = target[rows], weight[rows]
            p = 1 / (1 + np.exp(-model.forward(inputs[rows])))
            total -= (counts * np.log(np.where(wanted > 0, p, 1 - p) + 1e-9)).sum()
            slope = (counts * (p - wanted) / batch).astype(np.float32)
            step += 1
            pace = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for part, gradient, mean, square in zip(
                    model.parts, model.gradients(slope), first, second):
                mean += 0.1 * (gradient + decay * part - mean)
                square += 0.001 * (gradient * gradient - square)
                part -= (pace * (mean / (1 - 0.9 ** step)) / (
                    np.sqrt(square / (1 - 0.999 ** step)) + 1e-8)).astype(np.float32)
        print(f"{type(model).__name__}, epoch {epoch}: {total / count:.5f}", flush=True)


def blocks(pairs, rng):
    """Inputs, targets and weights of the blocks to learn from: all of the caller's, and a share of
    the others, which are many and much alike."""
    inputs, target, weight = [], [], []
    for scenarios, features in pairs:
        for truth, rows, judged in read(scenarios, features):
            wanted, counts = targets(truth, len(rows))
            wanted, counts = wanted[judged], counts[judged]
            kept = (counts > 0) & ((wanted > 0) | (rng.random(len(wanted)) < KEPT_SHARE))
            inputs.append(expanded(rows[judged])[kept])
            target.append(wanted[kept])
            weight.append(np.where(wanted > 0, counts, counts / KEPT_SHARE)[kept])
    return (np.concatenate(inputs), np.concatenate(target).astype(np.float32),
            np.concatenate(weight).astype(np.float32))


def train(pairs, seed, epochs, out=None):
    """The net and, for comparison, the best weighted sum; both for inputs as they come."""
    rng = np.random.default_rng(seed)
    inputs, target, weight = blocks(pairs, rng)
    mean, scale = inputs.mean(0), inputs.std(0) + 1e-3
    inputs -= mean
    inputs /= scale
    print(f"{len(inputs)} blocks, {target.mean():.3f} of them the caller's", flush=True)
    line = Line(inputs.shape[1])
    fit(line, inputs, target, weight, rng, 2)
    net = Net(inputs.shape[1], HIDDEN, rng)
    fit(net, inputs, target, weight, rng, epochs)
    return folded(net.parts[0], net.parts[1], mean, scale) + net.parts[2:], folded(
        line.parts[0], line.parts[1], mean, scale)


def folded(weights, bias, mean, scale):
    """The first layer with the normalisation of the inputs taken into it."""
    weights = (weights.T.astype(np.float64) / scale).T
    return [weights, bias - mean @ weights]


def save(path, net, line):
    weights, bias, output, output_bias = net
    # The net takes its inputs in pairs: an odd one has a place beside it that stays zero.
    weights = np.pad(weights, ((0, len(weights) % 2), (0, 0)))
    line = [np.pad(line[0], (0, len(line[0]) % 2)), line[1]]
    public = [weights_file.table(name, values, SCALE).replace("private static", "static")
              for name, values in (("linear", line[0]), ("linearBias", line[1] + SHIFT))]
    weights_file.save(
        path, "The trained weights of the barge-in net, as Tools/hearing/train_bargein.py wrote "
        "them.", "BargeInWeights", [
            "    static let net = SmallNet(\n        weights: weights, bias: bias, output: output, "
            "outputBias: outputBias[0])\n",
            *public,
            weights_file.table("weights", weights, SCALE),
            weights_file.table("bias", bias, SCALE),
            weights_file.table("output", output, SCALE),
            weights_file.table("outputBias", output_bias + SHIFT, SCALE)])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="+", metavar="SCENARIOS=FEATURES")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    pairs = [tuple(map(pathlib.Path, pair.split("="))) for pair in arguments.pairs]
    save(arguments.out, *train(pairs, arguments.seed, arguments.epochs))


if __name__ == "__main__":
    main()

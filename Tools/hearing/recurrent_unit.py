# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A gated recurrent unit with one output, trained by Adam on windows of sequences.

Gates are made of tanh, as in the detector, whose tanh is a rational function within 0.0014 of it:
`squashed` is that function, for running a trained unit as the detector does.
"""

import numpy as np


def squashed(values):
    """tanh as the detector computes it, within 0.0014."""
    values = np.clip(values, -16, 16)
    square = values * values
    above = values * (square * (square + 105) + 945)
    return np.clip(above / (square * (square * 15 + 420) + 945), -1, 1)


def logistic(values):
    return 0.5 + 0.5 * squashed(0.5 * values)


class RecurrentUnit:
    """Parameters by name; gates in the order reset, update, candidate."""

    def __init__(self, inputs, hidden, rng):
        self.hidden = hidden
        self.parameters = {
            "input": rng.normal(0, inputs ** -0.5, (inputs, 3 * hidden)),
            "state": rng.normal(0, hidden ** -0.5, (hidden, 3 * hidden)),
            "bias": np.zeros(3 * hidden),
            "state_bias": np.zeros(hidden),
            "output": rng.normal(0, hidden ** -0.5, hidden),
            "output_bias": np.zeros(1),
        }
        # Slow at first: the unit should remember.
        self.parameters["bias"][hidden:2 * hidden] = 1
        for name, value in self.parameters.items():
            self.parameters[name] = value.astype(np.float32)
        self.moments = {name: (np.zeros_like(value), np.zeros_like(value))
                        for name, value in self.parameters.items()}
        self.updates = 0

    def run(self, inputs, state, tanh=np.tanh):
        """Logits of [time, batch, input], the state after them, and what `gradients` needs."""
        p, hidden = self.parameters, self.hidden
        steps, batch, _ = inputs.shape
        projected = (inputs.reshape(steps * batch, -1) @ p["input"] + p["bias"]).reshape(
            steps, batch, -1)
        states = np.empty((steps + 1, batch, hidden), np.float32)
        gates = np.empty((steps, batch, 2 * hidden), np.float32)
        candidates = np.empty((steps, batch, hidden), np.float32)
        recalled = np.empty((steps, batch, hidden), np.float32)
        states[0] = state
        for step in range(steps):
            before = states[step]
            product = before @ p["state"]
            gate = gates[step]
            np.add(projected[step, :, :2 * hidden], product[:, :2 * hidden], out=gate)
            gate *= 0.5
            gate[:] = tanh(gate)
            gate *= 0.5
            gate += 0.5
            recall = np.add(product[:, 2 * hidden:], p["state_bias"], out=recalled[step])
            candidate = tanh(projected[step, :, 2 * hidden:] + gate[:, :hidden] * recall)
            candidates[step] = candidate
            states[step + 1] = candidate + gate[:, hidden:] * (before - candidate)
        logits = states[1:] @ p["output"] + p["output_bias"][0]
        return logits, states[-1].copy(), (inputs, states, gates, candidates, recalled)

    def gradients(self, errors, memory):
        """Of the loss whose derivative by the logits is `errors`."""
        p, hidden = self.parameters, self.hidden
        inputs, states, gates, candidates, recalled = memory
        steps, batch, _ = inputs.shape
        deltas = np.empty((steps, batch, 3 * hidden), np.float32)
        state_deltas = np.empty((steps, batch, 3 * hidden), np.float32)
        transposed = np.ascontiguousarray(p["state"].T)
        reset, update = gates[:, :, :hidden], gates[:, :, hidden:]
        by_candidate = (1 - update) * (1 - candidates * candidates)
        by_reset = by_candidate * recalled * reset * (1 - reset)
        by_update = (states[:-1] - candidates) * update * (1 - update)
        by_recall = by_candidate * reset
        outputs = errors[:, :, None] * p["output"]
        later = np.zeros((batch, hidden), np.float32)
        for step in range(steps - 1, -1, -1):
            later = later + outputs[step]
            delta, state_delta = deltas[step], state_deltas[step]
            np.multiply(later, by_reset[step], out=state_delta[:, :hidden])
            np.multiply(later, by_update[step], out=state_delta[:, hidden:2 * hidden])
            np.multiply(later, by_recall[step], out=state_delta[:, 2 * hidden:])
            np.multiply(later, by_candidate[step], out=delta[:, 2 * hidden:])
            later = later * update[step]
            later += state_delta @ transposed
        deltas[:, :, :2 * hidden] = state_deltas[:, :, :2 * hidden]
        flat = deltas.reshape(steps * batch, -1)
        return {
            "input": inputs.reshape(steps * batch, -1).T @ flat,
            "state": states[:-1].reshape(steps * batch, -1).T @ state_deltas.reshape(
                steps * batch, -1),
            "bias": flat.sum(0),
            "state_bias": state_deltas[:, :, 2 * hidden:].sum((0, 1)),
            "output": states[1:].reshape(steps * batch, -1).T @ errors.ravel(),
            "output_bias": errors.sum(keepdims=True).reshape(1),
        }

    def update(self, gradients, rate, decay=1e-4):
        """One step of Adam with decoupled weight decay and a bound on the gradient's norm."""
        self.updates += 1
        norm = np.sqrt(sum(float((value * value).sum()) for value in gradients.values()))
        scale = min(1.0, 1.0 / (norm + 1e-9))
        for name, value in self.parameters.items():
            gradient = gradients[name] * scale
            mean, square = self.moments[name]
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient * gradient - square)
            step = mean / (1 - 0.9 ** self.updates) / (
                np.sqrt(square / (1 - 0.999 ** self.updates)) + 1e-8)
            if value.ndim > 1:
                value -= rate * decay * value
            value -= (rate * step).astype(np.float32)

#!/usr/bin/env python3
# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Scores voice activity and ends of utterance against the truth of rendered sequences.

usage: score_vad.py SEQUENCES DECISIONS.json [--by snr_db noise ...] [--json OUT]

DECISIONS.json, per sequence: hop_ms, active (a decision per hop, available when the hop ends, plus
lag_ms if given), and if there: probability per hop, paused_ms (eager ends), ended_ms (confirmed
ends).

Frame figures use 10 ms frames; frames within 30 ms of a labelled edge are left out, for labels are
no finer. onset: first active decision from 100 ms before a turn, minus its start; a turn without
one is missed. offset: first inactive decision after a turn, minus its end. false/min: active runs
that touch no speech (50 ms slack). eager and confirmed: the first such end in [end of turn, next
turn), minus the end; early: an end inside a turn (from 100 ms after its start to 50 ms before its
end), which for eager ends only means that the turn resumed. auc: area under the ROC curve of the
probability, and auc_active, of the decision.
"""

import argparse
import collections
import pathlib

import numpy as np

from samples import load_json, save_json
from score_bargein import group_of, percentile, share, truths_in
from speech_labels import runs


def frames(segments, count):
    inside = np.zeros(count, bool)
    for start, end in segments:
        inside[start // 10:max(start // 10 + 1, end // 10)] = True
    return inside


def area(scores, speech):
    """Area under the ROC curve: how often a speech frame scores above another, ties as halves."""
    values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2
    positive = int(speech.sum())
    negative = len(speech) - positive
    if not positive or not negative:
        return None
    total = rank[inverse][speech].sum() - positive * (positive + 1) / 2
    return round(float(total / positive / negative), 4)


def score(truths, decisions):
    count = collections.Counter()
    onsets, offsets, minutes = [], [], 0.0
    ends = {"eager": [], "confirmed": []}
    scores, labels, found = [], [], []
    for truth in truths:
        decision = decisions[truth["id"]]
        hop, lag = decision["hop_ms"], decision.get("lag_ms", 0)
        active = np.asarray(decision["active"], bool)
        length = truth["duration_ms"] // 10
        speech = frames(truth["speech_ms"], length)
        index = np.minimum((np.arange(length) * 10 / hop).astype(int), len(active) - 1)
        said = active[index]
        sure = np.ones(length, bool)
        for segment in truth["speech_ms"]:
            for edge in segment:
                sure[max(0, (edge - 30) // 10):(edge + 30) // 10] = False
        count["tp"] += int((said & speech & sure).sum())
        count["fp"] += int((said & ~speech & sure).sum())
        count["fn"] += int((~said & speech & sure).sum())
        count["tn"] += int((~said & ~speech & sure).sum())
        labels.append(speech[sure])
        found.append(said[sure])
        if decision.get("probability"):
            scores.append(np.asarray(decision["probability"], float)[index][sure])
        minutes += truth["duration_ms"] / 60000
        starts = [turn[0] for turn in truth["turns_ms"]] + [truth["duration_ms"]]
        begin = np.arange(len(active)) * hop
        for number, (start, end) in enumerate(truth["turns_ms"]):
            count["turns"] += 1
            following = starts[number + 1]
            first = np.where(active & (begin >= start - 100) & (begin < end))[0]
            if len(first):
                onsets.append((first[0] + 1) * hop + lag - start)
            else:
                count["missed"] += 1
            first = np.where(~active & (begin >= end - 10) & (begin < following))[0]
            offsets.append(
                (first[0] + 1) * hop + lag - end if len(first) else following - end)
            for name, key in (("eager", "paused_ms"), ("confirmed", "ended_ms")):
                if key not in decision:
                    continue
                count[name] += 1
                count[name + "_early"] += any(
                    start + 100 < time < end - 50 for time in decision[key])
                after = [time - end for time in decision[key] if end <= time < following]
                ends[name] += after[:1]
                count[name + "_missing"] += not after
        near = frames([[max(0, a - 50), b + 50] for a, b in truth["speech_ms"]], length)
        count["false_runs"] += sum(not near[a:b].any() for a, b in runs(said))
    precision = count["tp"] / max(1, count["tp"] + count["fp"])
    recall = count["tp"] / max(1, count["tp"] + count["fn"])
    figures = {
        "precision": round(precision, 4), "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        "false_alarm_rate": round(count["fp"] / max(1, count["fp"] + count["tn"]), 4),
        "auc": area(np.concatenate(scores), np.concatenate(labels))
            if len(scores) == len(truths) and scores else None,
        "auc_active": area(np.concatenate(found).astype(float), np.concatenate(labels))
            if found else None,
        "turns": count["turns"], "missed": count["missed"],
        "onset_p50_ms": percentile(onsets, 50), "onset_p95_ms": percentile(onsets, 95),
        "offset_p50_ms": percentile(offsets, 50), "offset_p95_ms": percentile(offsets, 95),
        "false_per_min": round(count["false_runs"] / minutes, 2) if minutes else None,
    }
    for name, times in ends.items():
        if count[name]:
            figures[f"{name}_p50_ms"] = percentile(times, 50)
            figures[f"{name}_p95_ms"] = percentile(times, 95)
            figures[f"{name}_early_pct"] = share(count[name + "_early"], count[name])
            figures[f"{name}_missing_pct"] = share(count[name + "_missing"], count[name])
    return figures


def grouped(truths, decisions, key):
    groups = collections.defaultdict(list)
    for truth in truths:
        groups[str(group_of(truth, key))].append(truth)
    return {group: score(groups[group], decisions)
            for group in sorted(groups, key=lambda value: (len(value), value))}


def is_loud(truth, limit=10):
    """Whether the speech stands at least so many dB above the noise."""
    return truth["snr_db"] == "clean" or float(truth["snr_db"]) >= limit


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sequences", type=pathlib.Path)
    parser.add_argument("decisions")
    parser.add_argument("--by", nargs="*", default=[], help="keys of the truth to group by")
    parser.add_argument("--no-babble", action="store_true",
                        help="leave out speech behind speech, which is no error of a detector")
    parser.add_argument("--json", help="write the figures there too")
    arguments = parser.parse_args()
    truths, decisions = truths_in(arguments.sequences), load_json(arguments.decisions)
    if arguments.no_babble:
        truths = [truth for truth in truths if truth.get("noise_class") != "babble"]
    result = {"all": score(truths, decisions)}
    for name, loud in (("snr >= 10 dB", True), ("snr < 10 dB", False)):
        chosen = [truth for truth in truths if is_loud(truth) == loud]
        if chosen:
            result[name] = score(chosen, decisions)
    for name, figures in result.items():
        print(f"{name}: {figures}")
    for key in arguments.by:
        result[key] = grouped(truths, decisions, key)
        for group, figures in result[key].items():
            print(f"  {key}={group}: {figures}")
    if arguments.json:
        save_json(arguments.json, result)


if __name__ == "__main__":
    main()

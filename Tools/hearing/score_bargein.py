#!/usr/bin/env python3
# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Scores interruptions against the truth of rendered scenarios.

usage: score_bargein.py SCENARIOS DECISIONS.json [--by erl_db path ...] [--misses] [--json OUT]

DECISIONS.json is what `sidetone hear --batch` and `peers` write: per scenario, fired_ms and digits;
both interrupt. A time is when the decision was available. Two nearer than 1000 ms count once.

detected: share of interruptions with a decision in [onset-30, onset+1000] ms. clean: the same, and
nothing fired before the onset: the prompt was still playing. prompts cut: share of echo-only
prompts with a decision. latency: decision minus onset. false/h: decisions outside the caller's
activity ([onset-30, end+300]; of keys too), per hour of prompt; coughs and knocks are counted
apart, per minute. dtmf: share of keys over the prompt that interrupted.
"""

import argparse
import collections
import pathlib

import numpy as np

from samples import load_json, save_json

VOICED = ("bargein", "clear_bargein")
SER_EDGES = (0, 6, 12, 20)
SER_GROUPS = ("< 0", "0 to 6", "6 to 12", "12 to 20", ">= 20")


def percentile(values, share):
    return round(float(np.percentile(values, share)), 1) if len(values) else None


def share(part, whole):
    return round(100 * part / whole, 1) if whole else None


def spaced(times, gap=1000):
    """Times without those that follow another too closely."""
    kept = []
    for time in sorted(times):
        if not kept or time - kept[-1] >= gap:
            kept.append(time)
    return kept


def times_of(decision):
    """All moments at which the prompt would have been interrupted."""
    if decision is None:
        return []
    return sorted(list(decision.get("fired_ms", [])) + [
        digit[0] for digit in decision.get("digits", [])])


def judged(truth, times, window=1000):
    """(latency or None, false decisions, whether clean, hours of prompt without caller)."""
    first = truth["prompt_speech_ms"][0][0]
    last = truth["prompt_speech_ms"][-1][1] + (truth["echo_delay_ms"] or 0) + 100
    onset, active = truth["onset_ms"], []
    hours = (last - first) / 3.6e6
    if onset is not None:
        active = [(onset - 30, truth["end_ms"] + 300)]
        hours -= sum(max(0, min(b, last) - max(a, first)) for a, b in active) / 3.6e6
    false = spaced([time for time in times if first <= time <= last
                    and not any(a <= time <= b for a, b in active)])
    hits = [time - onset for time in times
            if onset is not None and onset - 30 <= time <= onset + window]
    latency = hits[0] if hits else None
    clean = latency is not None and not any(time < onset - 30 for time in false)
    return latency, false, clean, hours


def score(truths, decisions, window=1000):
    """All figures over these scenarios, and per scenario (truth, latency, false, clean)."""
    rows, latencies = [], []
    count = collections.Counter()
    hours = collections.Counter()
    for truth in truths:
        kind = truth["kind"]
        latency, false, clean, length = judged(
            truth, times_of(decisions.get(truth["id"])), window)
        rows.append((truth, latency, false, clean))
        group = "burst" if kind == "noise_burst" else "false"
        count[group] += len(false)
        hours[group] += length
        count[kind] += 1
        if kind in VOICED:
            count["bargeins"] += 1
            count["clean"] += clean
            if latency is not None:
                latencies.append(latency)
        elif kind == "dtmf":
            count["keys"] += latency is not None
        elif kind == "echo_only":
            count["cut"] += bool(false)
            count["echo_false"] += len(false)
            hours["echo"] += length
    voiced = count["bargeins"]
    return {
        "bargeins": voiced, "detected_pct": share(len(latencies), voiced),
        "clean_pct": share(count["clean"], voiced),
        "latency_p50_ms": percentile(latencies, 50), "latency_p95_ms": percentile(latencies, 95),
        "within_300_pct": share(sum(value <= 300 for value in latencies), voiced),
        "false": count["false"], "hours": round(hours["false"], 3),
        "false_per_h": round(count["false"] / hours["false"], 1) if hours["false"] else None,
        "prompts": count["echo_only"], "prompts_cut_pct": share(count["cut"], count["echo_only"]),
        "echo_only_false_per_h":
            round(count["echo_false"] / hours["echo"], 1) if hours["echo"] else None,
        "bursts_false_per_min":
            round(count["burst"] / hours["burst"] / 60, 2) if hours["burst"] else None,
        "keys": count["dtmf"], "dtmf_pct": share(count["keys"], count["dtmf"]),
    }, rows


def group_of(truth, key):
    """The group a scenario belongs to; the echo ratio in steps, noises by kind."""
    value = truth.get(key)
    if key == "ser_db":
        if value is None:
            return "none"
        return SER_GROUPS[sum(value >= limit for limit in SER_EDGES)]
    if key == "noise" and isinstance(value, str):
        head, _, tail = value.rpartition("_")
        return head if tail.isdigit() else value
    return value


def grouped(truths, decisions, key):
    """{group: figures}, in order of the groups."""
    groups = collections.defaultdict(list)
    for truth in truths:
        groups[group_of(truth, key)].append(truth)

    def place(value):
        if isinstance(value, (int, float)):
            return 0, value, ""
        return 1, SER_GROUPS.index(value) if value in SER_GROUPS else len(SER_GROUPS), str(value)

    return {value: score(groups[value], decisions)[0] for value in sorted(groups, key=place)}


def truths_in(folder):
    return [load_json(path) for path in sorted(pathlib.Path(folder).glob("*.json"))]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios")
    parser.add_argument("decisions")
    parser.add_argument("--by", nargs="*", default=[], help="keys of the truth to group by")
    parser.add_argument("--misses", action="store_true", help="also list what went wrong")
    parser.add_argument("--json", help="write the figures there too")
    arguments = parser.parse_args()
    truths, decisions = truths_in(arguments.scenarios), load_json(arguments.decisions)
    figures, rows = score(truths, decisions)
    print(figures)
    result = {"all": figures}
    for key in arguments.by:
        result[key] = {str(group): value
                       for group, value in grouped(truths, decisions, key).items()}
        for group, value in result[key].items():
            print(f"  {key}={group}: {value}")
    if arguments.misses:
        for truth, latency, false, clean in rows:
            if false or (truth["kind"] in VOICED and latency is None):
                facts = {key: truth.get(key) for key in (
                    "erl_db", "echo_delay_ms", "path", "noise", "snr_db", "ser_db", "caller_dbov",
                    "conditions")}
                print(f"  {truth['id']} latency {latency} false {false} {facts}")
    if arguments.json:
        save_json(arguments.json, result)


if __name__ == "__main__":
    main()

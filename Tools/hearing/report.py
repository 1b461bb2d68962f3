# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/hearing.md from the decisions of an evaluation: goals, tables, peers, ablations."""

import score_bargein
import score_vad

# Figure asked: how it reads, its key, the set that counts, the bound, and whose decisions count.
PATIENT, ADAPTIVE = "endpoints patient", "endpoints adaptive"
GOALS = (
    ("clean interruptions, known list %", "clean_pct", "dev-120", ">=", 93),
    ("clean interruptions, held-out %", "clean_pct", "held", ">=", 92),
    ("clean interruptions, conditions never seen %", "clean_pct", "unseen", ">=", 85),
    ("false per hour of prompt, held-out", "false_per_h", "held", "<=", 4),
    ("false per hour of prompt, echo alone", "false_per_h", "held-echo", "<=", 4),
    ("false per hour, conditions never seen", "false_per_h", "unseen", "<=", 20),
    ("prompts cut by echo alone %", "prompts_cut_pct", "held-echo", "<=", 0.8),
    ("latency p50, ms", "latency_p50_ms", "held", "<=", 150),
    ("latency p95, ms", "latency_p95_ms", "held", "<=", 500),
    ("within 300 ms %", "within_300_pct", "held", ">=", 80),
    ("coughs, knocks, breaths: false per minute", "bursts_false_per_min", "held", "<=", 0.5),
    ("keys over the prompt %", "dtmf_pct", "held", ">=", 100),
    ("voice activity F1, SNR >= 10 dB", "f1", "voice loud", ">=", 0.96),
    ("voice activity F1, SNR < 10 dB", "f1", "voice faint", ">=", 0.93),
    ("voice onset p50, ms", "onset_p50_ms", "voice loud", "<=", 30),
    ("voice onset p95, ms", "onset_p95_ms", "voice loud", "<=", 110),
    ("voice offset p50, ms", "offset_p50_ms", "voice loud", "<=", 60),
    ("false voice runs per minute", "false_per_min", "voice loud", "<=", 1),
    ("eager end p50, ms", "eager_p50_ms", "voice loud", "<=", 330),
    ("end by a 600 ms rule p50, ms", "confirmed_p50_ms", "voice loud", "<=", 640, PATIENT),
    ("end by a 600 ms rule p95, ms", "confirmed_p95_ms", "voice loud", "<=", 700, PATIENT),
    ("end by a 600 ms rule early %", "confirmed_early_pct", "voice loud", "<=", 2, PATIENT),
    ("two-speed end p50, ms", "confirmed_p50_ms", "voice loud", "<=", 450, ADAPTIVE),
    ("two-speed end early %", "confirmed_early_pct", "voice loud", "<=", 3, ADAPTIVE),
)
INTERRUPTION_COLUMNS = {
    "detected %": "detected_pct", "**clean %**": "clean_pct", "< 300 ms %": "within_300_pct",
    "p50 ms": "latency_p50_ms", "p95 ms": "latency_p95_ms", "false/h": "false_per_h",
    "false/h, echo alone": "echo_only_false_per_h", "prompts cut %": "prompts_cut_pct",
    "bursts, false/min": "bursts_false_per_min", "keys %": "dtmf_pct"}
VOICE_COLUMNS = {
    "P": "precision", "R": "recall", "**F1**": "f1", "AUC": "auc", "onset p50": "onset_p50_ms",
    "p95": "onset_p95_ms", "offset p50": "offset_p50_ms", "p95 ms": "offset_p95_ms",
    "false/min": "false_per_min", "missed": "missed"}
END_COLUMNS = {
    "eager p50": "eager_p50_ms", "p95": "eager_p95_ms", "resumed %": "eager_early_pct",
    "confirmed p50": "confirmed_p50_ms", "p95 ms": "confirmed_p95_ms",
    "early %": "confirmed_early_pct", "missing %": "confirmed_missing_pct"}
GROUP_COLUMNS = {
    "interruptions": "bargeins", "clean %": "clean_pct", "detected %": "detected_pct",
    "p50 ms": "latency_p50_ms", "p95 ms": "latency_p95_ms", "hours": "hours",
    "false/h": "false_per_h", "prompts": "prompts", "cut %": "prompts_cut_pct"}
KEYS = {
    "erl_db": "Echo return loss, dB", "echo_delay_ms": "Echo delay, ms",
    "ser_db": "Caller to echo, dB", "snr_db": "Caller to noise, dB", "path": "Echo path",
    "noise": "Noise", "codec": "Law of the line", "near_codec": "Low-rate codec on the way back",
    "condition": "Condition"}
PEERS = {
    "silero": "Silero, 200 ms", "pipecat": "Pipecat's rule (Silero 0.7, 200 ms, loud enough)",
    "livekit": "LiveKit's rule (Silero, 500 ms)", "webrtc": "WebRTC VAD 3, 200 ms",
    "energy": "energy, 200 ms", "aecm+silero": "AECM, then Silero 200 ms",
    "aecm+pipecat": "AECM, then Pipecat's rule", "aec+pipecat": "WebRTC AEC, then Pipecat's rule",
    "aec+webrtc": "WebRTC AEC, then WebRTC VAD 3",
    "speex+pipecat": "speexdsp MDF 750 ms, then Pipecat's rule"}


def cell(value):
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def figure_rows(named, columns):
    return [[name, *(cell(figures.get(key)) for key in columns.values())]
            for name, figures in named]


def best(named, key, high):
    """The peer that does best by one figure, for the goals."""
    values = [(figures[key], name) for name, figures in named if figures.get(key) is not None]
    if not values:
        return ""
    value, name = max(values) if high else min(values)
    return f"{value:g} ({PEERS.get(name, name)})"


def split(one, truths):
    """A set of sequences apart by how far the voice stands above the noise; babble left out."""
    plain = [truth for truth in truths if truth.get("noise_class") != "babble"]
    yield f"{one.name} loud", "SNR >= 10 dB", [t for t in plain if score_vad.is_loud(t)]
    yield f"{one.name} faint", "SNR < 10 dB", [t for t in plain if not score_vad.is_loud(t)]


def figures(results):
    """{set: {who: figures}}: what the tables are made of."""
    found = {}
    for one, truths, decisions, variants in results:
        if one.is_voice:
            for name, _, chosen in split(one, truths):
                if chosen:
                    found[name] = {who: score_vad.score(chosen, decided)
                                   for who, decided in (decisions | variants).items()}
        else:
            found[one.name] = {who: score_bargein.score(truths, decided)[0]
                               for who, decided in (decisions | variants).items()}
    return found


def goals(found):
    rows = []
    for name, key, where, relation, asked, *variant in GOALS:
        if where not in found:
            continue
        # The full size counts where it was run; a build without a variant is judged as it is.
        ours = found.get(where + "-full", found[where])
        value = ours.get(*variant, ours["sidetone"]).get(key) if variant else ours[
            "sidetone"].get(key)
        peers = [(who, one) for who, one in found[where].items() if who in PEERS]
        met = value is not None and (value >= asked if relation == ">=" else value <= asked)
        rows.append([name, f"{relation} {asked:g}", f"**{cell(value)}**" if value is not None
                     else "not decided", "yes" if met else "no",
                     best(peers, key, relation == ">=")])
    return table(["figure", "goal", "ours", "met", "best other, by this figure alone"], rows)


def interruption_section(one, truths, decisions, variants, found):
    hours = sum(truth["duration_ms"] for truth in truths) / 3.6e6
    out = [f"### {one.title} (`{one.name}`)\n",
           f"{len(truths)} scenarios, {hours:.1f} h, of which "
           f"{found['sidetone']['bargeins']} interruptions and {found['sidetone']['prompts']} "
           "prompts with echo alone.\n"]
    named = [("**Sidetone**", found["sidetone"])]
    named += [(PEERS.get(who, who), found[who]) for who in PEERS if who in found]
    out.append(table(["", *INTERRUPTION_COLUMNS], figure_rows(named, INTERRUPTION_COLUMNS)))
    if variants:
        named = [("as shipped", found["sidetone"])] + [(who, found[who]) for who in variants]
        columns = dict(list(INTERRUPTION_COLUMNS.items())[:8])
        out.append("Ours with a part taken away, or with another sensitivity:\n")
        out.append(table(["", *columns], figure_rows(named, columns)))
    return out


def by_key_sections(interruptions):
    """Our figures over all sets that no training saw, by each key of the truth."""
    truths, decided = [], {}
    for one, some, decisions, _ in interruptions:
        if not one.folder:
            truths += [{**truth, "id": f"{one.name}/{truth['id']}"} for truth in some]
            decided |= {f"{one.name}/{name}": value
                        for name, value in decisions["sidetone"].items()}
    for key, title in KEYS.items():
        rows = figure_rows(
            [("none" if group is None else cell(group), value)
             for group, value in score_bargein.grouped(truths, decided, key).items()],
            GROUP_COLUMNS)
        if len(rows) > 1:
            yield table([title, *GROUP_COLUMNS], rows)


def voice_section(one, truths, decisions, found):
    hours = sum(truth["duration_ms"] for truth in truths) / 3.6e6
    yield f"### {one.title} (`{one.name}`)\n"
    yield (f"{len(truths)} sequences, {hours:.1f} h; speech behind speech (babble) is left out of "
           "the first two tables.\n")
    for name, title, chosen in split(one, truths):
        if chosen:
            named = [("**Sidetone**" if who == "sidetone" else who, value)
                     for who, value in found[name].items() if who in decisions]
            yield table([title, *VOICE_COLUMNS], figure_rows(named, VOICE_COLUMNS))
    named = [(f"**Sidetone**{who.removeprefix('sidetone').replace('endpoints', ',')}"
              if who not in PEERS else who + ", 600 ms rule", value)
             for who, value in found.get(f"{one.name} loud", {}).items()]
    yield "Ends of utterance, ms after the last word, SNR >= 10 dB:\n"
    yield table(["", *END_COLUMNS], figure_rows(named, END_COLUMNS))
    for key, title in (("snr_db", "SNR, dB"), ("noise_class", "Class of noise"),
                       ("condition", "Condition")):
        rows = figure_rows(
            score_vad.grouped(truths, decisions["sidetone"], key).items(), VOICE_COLUMNS)
        if len(rows) > 1:
            yield table([title + ", ours", *VOICE_COLUMNS], rows)


INTRODUCTION = """\
# Hearing, measured

Written by `make hearing` (`Tools/hearing/report.py`); do not edit. Ours and the others heard the
same rendered material in the same run. Echo, noise and lines are made by program, over recorded and
synthetic voices: a recorded set over real handsets and carriers would be worth more.

**clean**: the interruption was found within a second and nothing fired before the caller spoke.
**false/h**: decisions per hour of prompt without the caller. **prompts cut**: share of prompts that
echo alone interrupted. A detector that keeps firing is not armed when the caller speaks, so its
"detected" looks low; "clean" is the fair column. Voice activity counts 10 ms frames, 30 ms around
labelled edges left out.
"""
AGAIN = """\
## To make this again

```sh
make hearing                                  # what is above, without added speech
make hearing ADD="FOLDER ..." FULL=1          # more speech; over 1000 interruptions, 2500 prompts
Tools/hearing/run score_bargein.py out/hearing/material/held \\
    out/hearing/decisions/held/sidetone.json --by erl_db condition --misses
```

Seeds and sizes are in `Tools/hearing/evaluation.py`, how to train in `Tools/hearing/README.md`.
"""


def text(results, full):
    found = figures(results)
    interruptions = [item for item in results if not item[0].is_voice]
    size = "Full size" if full else "Everyday size; claims need `FULL=1`"
    out = [INTRODUCTION, "## Goals\n", f"{size}. Time and memory: `make bench`.\n", goals(found),
           "## Interruptions\n"]
    for one, truths, decisions, variants in interruptions:
        out += interruption_section(one, truths, decisions, variants, found[one.name])
    out.append("### Ours, by what the call was like\n")
    out.append("Over all sets above whose people training never heard.\n")
    out += by_key_sections(interruptions)
    out.append("## Voice activity and ends of utterance\n")
    for one, truths, decisions, _ in results:
        if one.is_voice:
            out += voice_section(one, truths, decisions, found)
    return "\n".join(out + [AGAIN])

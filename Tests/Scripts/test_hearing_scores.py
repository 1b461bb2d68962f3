# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The scorers of interruptions and of voice activity, on truths small enough to count by hand."""

import unittest

import hearing

hearing.require()

import score_bargein  # noqa: E402
import score_vad  # noqa: E402


def call(kind="bargein", name="a", **changes):
    truth = {"id": name, "kind": kind, "prompt_speech_ms": [[500, 10500]], "echo_delay_ms": 100,
             "onset_ms": 4000, "end_ms": 5000, "caller_speech_ms": [[4000, 5000]],
             "erl_db": 10, "ser_db": 3.0, "noise": "fan_1"}
    if kind in ("echo_only", "noise_burst"):
        truth |= {"onset_ms": None, "end_ms": None, "caller_speech_ms": [], "ser_db": None}
    return truth | changes


def fired(*times, **others):
    return {"fired_ms": list(times), **others}


class Interruptions(unittest.TestCase):
    def score(self, *pairs):
        truths = [dict(truth, id=str(index)) for index, (truth, _) in enumerate(pairs)]
        decisions = {str(index): decision for index, (_, decision) in enumerate(pairs)}
        return score_bargein.score(truths, decisions)[0]

    def test_latency_is_from_the_onset(self):
        figures = self.score((call(), fired(4120)), (call(), fired(4300)), (call(), fired(4400)))
        self.assertEqual(figures["detected_pct"], 100)
        self.assertEqual(figures["clean_pct"], 100)
        self.assertEqual(figures["latency_p50_ms"], 300)
        self.assertEqual(figures["within_300_pct"], 66.7)

    def test_a_decision_before_the_onset_is_false_and_not_clean(self):
        figures = self.score((call(), fired(2000, 4100)))
        self.assertEqual(figures["detected_pct"], 100)
        self.assertEqual(figures["clean_pct"], 0)
        self.assertEqual(figures["false"], 1)

    def test_too_late_is_missed(self):
        figures = self.score((call(), fired(5001)))
        self.assertEqual((figures["detected_pct"], figures["clean_pct"]), (0, 0))
        self.assertEqual(figures["false"], 0, "within the caller's activity")

    def test_false_decisions_are_per_hour_of_prompt(self):
        # 10 s of prompt and its echo's 200 ms; two decisions close together count once.
        figures = self.score((call("echo_only"), fired(1000, 1500, 8000)))
        self.assertEqual(figures["false"], 2)
        self.assertEqual(figures["false_per_h"], round(2 / (10.2 / 3600), 1))
        self.assertEqual(figures["prompts_cut_pct"], 100)

    def test_bursts_are_counted_apart(self):
        figures = self.score((call("noise_burst"), fired(3000)), (call("echo_only"), fired()))
        self.assertEqual(figures["false"], 0)
        self.assertEqual(figures["bursts_false_per_min"], round(1 / (10.2 / 60), 2))

    def test_a_digit_interrupts(self):
        truth = call("dtmf", onset_ms=4000, end_ms=4080, caller_speech_ms=[])
        self.assertEqual(self.score((truth, fired(digits=[[4060, "5"]])))["dtmf_pct"], 100)
        self.assertEqual(self.score((truth, fired()))["dtmf_pct"], 0)

    def test_no_decision_counts_as_none(self):
        truth = call()
        self.assertEqual(score_bargein.score([truth], {})[0]["detected_pct"], 0)

    def test_groups_have_an_order(self):
        truths = [call(name=str(index), erl_db=erl) for index, erl in enumerate([20, 6, None, 10])]
        self.assertEqual(list(score_bargein.grouped(truths, {}, "erl_db")), [6, 10, 20, None])
        self.assertEqual(list(score_bargein.grouped(truths, {}, "noise")), ["fan"])
        self.assertEqual(list(score_bargein.grouped(truths, {}, "ser_db")), ["0 to 6"])


class Voices(unittest.TestCase):
    TRUTH = {"id": "a", "duration_ms": 4000, "speech_ms": [[1000, 2000]],
             "turns_ms": [[1000, 2000]], "snr_db": "10", "noise": "white"}

    def score(self, first, last, **more):
        active = [int(first <= index * 10 < last) for index in range(400)]
        return score_vad.score([self.TRUTH], {"a": {"hop_ms": 10, "active": active, **more}})

    def test_exact_decisions_are_perfect(self):
        figures = self.score(1000, 2000)
        self.assertEqual((figures["f1"], figures["false_per_min"], figures["missed"]), (1, 0, 0))
        self.assertEqual((figures["onset_p50_ms"], figures["offset_p50_ms"]), (10, 10))

    def test_late_decisions_cost_recall_and_latency(self):
        figures = self.score(1200, 2000)
        self.assertEqual(figures["precision"], 1)
        # 940 ms count, 30 ms at each edge do not; 170 of them are missed.
        self.assertEqual(figures["recall"], round(77 / 94, 4))
        self.assertEqual(figures["onset_p50_ms"], 210)

    def test_never_active_misses_the_turn(self):
        self.assertEqual(self.score(0, 0)["missed"], 1)

    def test_a_run_far_from_speech_is_false(self):
        self.assertEqual(self.score(3000, 3100)["false_per_min"], 15)

    def test_ends_of_utterance(self):
        figures = self.score(1000, 2000, paused_ms=[1500, 2300], ended_ms=[2650])
        self.assertEqual(figures["confirmed_p50_ms"], 650)
        self.assertEqual(figures["confirmed_early_pct"], 0)
        self.assertEqual((figures["eager_p50_ms"], figures["eager_early_pct"]), (300, 100))

    def test_area_under_the_curve(self):
        import numpy as np
        speech = np.array([True, True, False, False])
        self.assertEqual(score_vad.area(np.array([.9, .8, .2, .1]), speech), 1)
        self.assertEqual(score_vad.area(np.array([.5, .5, .5, .5]), speech), .5)
        self.assertEqual(score_vad.area(np.array([.9, .3, .5, .1]), speech), .75)


if __name__ == "__main__":
    unittest.main()

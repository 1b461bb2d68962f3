# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The rules of the peers, and the report that is made of everybody's decisions."""

import unittest

import hearing

hearing.require()

import evaluation  # noqa: E402
import peer_rules  # noqa: E402
import report  # noqa: E402
from test_hearing_scores import call, fired  # noqa: E402


class Rules(unittest.TestCase):
    def test_fires_once_voice_has_lasted_and_again_after_silence(self):
        active = [0] * 5 + [1] * 30 + [0] * 9 + [1] * 30 + [0] * 10 + [1] * 30
        self.assertEqual(peer_rules.fired(active, 20, 200, 200), [300, 1880])

    def test_ends_when_silence_has_lasted(self):
        active = [1] * 10 + [0] * 29 + [1] * 10 + [0] * 60
        self.assertEqual(peer_rules.ended(active, 20), [980 + 600])
        self.assertEqual(peer_rules.ended([0] * 100, 20), [])


class Report(unittest.TestCase):
    def results(self):
        held = next(one for one in evaluation.SETS if one.name == "held")
        calls = [call(name=str(index), duration_ms=12000, snr_db=10, path="room", codec="ulaw",
                      condition="plain", erl_db=erl) for index, erl in enumerate((6, 10))]
        ours = {"0": fired(4100), "1": fired(4140)}
        theirs = {"0": fired(1000, 4500), "1": fired()}
        voice = next(one for one in evaluation.SETS if one.name == "voice")
        sequence = {"id": "v", "duration_ms": 2000, "speech_ms": [[500, 1500]], "snr_db": "10",
                    "turns_ms": [[500, 1500]], "noise": "white", "noise_class": "steady",
                    "condition": "plain"}
        active = {"v": {"hop_ms": 10, "active": [int(50 <= k < 150) for k in range(200)],
                        "probability": [float(50 <= k < 150) for k in range(200)]}}
        return [(held, calls, {"sidetone": ours, "silero": theirs}, {"a switch": theirs}),
                (voice, [sequence], {"sidetone": active, "webrtc": active}, {})]

    def test_goals_are_met_or_not(self):
        rows = {row.split(" | ")[0].strip("| "): row
                for row in report.goals(report.figures(self.results())).split("\n") if row}
        self.assertIn("| **100** | yes | 0 (Silero", rows["clean interruptions, held-out %"])
        self.assertIn("| **120** | yes |", rows["latency p50, ms"])
        self.assertIn("not decided | no", rows["keys over the prompt %"])
        self.assertIn("**1** | yes", rows["voice activity F1, SNR >= 10 dB"])

    def test_every_table_is_whole(self):
        text = report.text(self.results(), full=False)
        self.assertIn("| **Sidetone** | 100 | 100 |", text)
        self.assertIn("| a switch | 50 | 0 |", text)
        self.assertIn("| Echo return loss, dB |", text)
        for block in text.split("\n\n"):
            rows = [row for row in block.split("\n") if row.startswith("|")]
            self.assertEqual(len({row.count("|") for row in rows}) if rows else 1, 1, block)

    def test_a_variant_counts_by_its_own_decisions(self):
        found = report.figures(self.results())["held"]
        self.assertEqual(found["a switch"]["clean_pct"], 0)
        self.assertEqual(found["sidetone"]["clean_pct"], 100)

    def test_seeds_of_the_sets_differ(self):
        seeds = [one.arguments[one.arguments.index("--seed") + 1]
                 for one in evaluation.SETS + evaluation.CLAIMS + evaluation.CHECK]
        self.assertEqual(len(seeds), len(set(seeds)))
        self.assertTrue(all("train" not in one.arguments for one in evaluation.SETS + evaluation.CLAIMS
                            if "--folds" in one.arguments and one.name != "conditions"))


if __name__ == "__main__":
    unittest.main()

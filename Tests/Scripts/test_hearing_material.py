# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The material of the evaluation: laws, labels, noises, codecs, scenarios that do not change."""

import hashlib
import pathlib
import tempfile
import unittest

import hearing

hearing.require()

import numpy as np  # noqa: E402

import caller_sounds  # noqa: E402
import g711  # noqa: E402
import impulse_responses  # noqa: E402
import levels  # noqa: E402
import line_effects  # noqa: E402
import low_rate_codecs  # noqa: E402
import music  # noqa: E402
import noises  # noqa: E402
import samples  # noqa: E402
import scenario_render  # noqa: E402
import scenario_spec  # noqa: E402
import speech_labels  # noqa: E402
import textures  # noqa: E402
import voices  # noqa: E402
from corpus_folder import Corpus  # noqa: E402


def voice(rng, seconds=1.0, pitch=140):
    """A buzz with the beat of syllables: enough of a voice for levels and labels."""
    time = np.arange(int(seconds * samples.RATE)) / samples.RATE
    buzz = sum(np.sin(2 * np.pi * pitch * k * time + rng.uniform(0, 6)) for k in range(1, 20))
    return 1500 * buzz * (.6 + .4 * np.sin(2 * np.pi * 4 * time))


def small_corpus(folder):
    """Two callers and two prompts made of buzzes, two noises, the real impulse responses."""
    root = pathlib.Path(folder)
    rng = np.random.default_rng(1)
    for name in ("speech", "noise", "irs"):
        (root / name).mkdir()
    manifest, labels = [], {}
    for index, (role, seconds) in enumerate(
            [("prompt", 6), ("prompt", 7), ("caller", 1), ("caller", 2)]):
        name = f"{role}{index}"
        sound = np.pad(voice(rng, seconds, 110 + 30 * index), (800, 800))
        samples.write_wav(root / "speech" / f"{name}.wav", sound)
        labels[name] = speech_labels.label(sound)
        manifest.append({"id": name, "speaker": name, "role": role, "lang": "none",
                         "file": f"speech/{name}.wav", "fold": "train"})
    samples.save_json(root / "manifest.json", {"rate": 8000, "clips": manifest})
    samples.save_json(root / "labels.json", {"clips": labels})
    listed = {}
    for name, group in (("white", "steady"), ("music_pop_0", "music"), ("talker_0", "babble"),
                        ("television_0", "babble")):
        sound = noises.white(rng, 8000)
        samples.write_wav(root / "noise" / f"{name}.wav", 1000 * sound)
        kind = name.removesuffix("_0")
        listed[name] = {"kind": kind, "class": group, "fold": "train"}
    samples.save_json(root / "noise" / "noises.json", listed)
    (root / "irs" / "irs.json").write_text(
        impulse_responses.irs_text(impulse_responses.impulse_responses(drawn=0)))
    return Corpus(root)


class Laws(unittest.TestCase):
    def test_every_code_comes_back(self):
        codes = np.arange(256)
        alaw = g711.alaw_encode(g711.alaw_decode(codes))
        ulaw = g711.ulaw_encode(g711.ulaw_decode(codes))
        np.testing.assert_array_equal(alaw, codes)
        # The one code that does not: negative zero.
        np.testing.assert_array_equal(np.where(ulaw != codes)[0], [0x7F])

    def test_reference_values(self):
        np.testing.assert_array_equal(
            g711.ulaw_encode([0, -1, 32767, -32768, 1000]), [0xFF, 0x7F, 0x80, 0x00, 0xCE])
        np.testing.assert_array_equal(g711.alaw_encode([0, -1, 32767]), [0xD5, 0x55, 0xAA])


class Labels(unittest.TestCase):
    def test_speech_is_found_within_a_frame_or_two(self):
        rng = np.random.default_rng(2)
        sound = np.concatenate([np.zeros(4000), voice(rng), np.zeros(4000)])
        record = speech_labels.label(sound + rng.normal(0, 2, len(sound)))
        self.assertEqual(len(record["speech_ms"]), 1)
        np.testing.assert_allclose(record["speech_ms"][0], [500, 1500], atol=25)

    def test_a_clip_that_starts_within_a_sound_has_no_onset(self):
        rng = np.random.default_rng(3)
        sound = voice(rng)
        padded = np.pad(sound, (800, 800))
        self.assertTrue(speech_labels.has_real_onset(padded, speech_labels.label(padded)))
        self.assertFalse(speech_labels.has_real_onset(sound, speech_labels.label(sound)))


class Sounds(unittest.TestCase):
    def test_every_noise_is_finite_and_repeatable(self):
        count = 4 * samples.RATE
        makers = [*noises.BASIC.values(), *noises.TRAINING.values(), *noises.HELD.values(),
                  lambda rng, count: textures.texture(rng, count),
                  lambda rng, count: textures.texture(rng, count, held=True),
                  lambda rng, count: music.music(rng, count, "pop")]
        for maker in makers:
            first, again = (maker(np.random.default_rng(7), count) for _ in range(2))
            self.assertEqual(len(first), count)
            self.assertTrue(np.isfinite(first).all() and first.std() > 0, maker)
            np.testing.assert_array_equal(first, again)

    def test_resonances_are_stable_at_the_edge_of_the_band(self):
        for centre in (300, 2000, 3500):
            _, denominator = samples.resonance(centre, 0.5)
            self.assertLess(np.abs(np.roots(denominator)).max(), 1)

    def test_held_out_kinds_are_not_trained(self):
        self.assertFalse(set(noises.HELD) & set(noises.TRAINING) | set(noises.HELD) & set(
            noises.BASIC))
        self.assertFalse(set(music.HELD) & set(music.TRAINING))
        self.assertFalse(set(scenario_spec.HELD) & set(scenario_spec.TRAINING))

    def test_a_person_is_in_one_fold_in_every_language_and_at_every_pitch(self):
        self.assertEqual(voices.person("allison_es~86"), voices.person("allison_en"))
        self.assertEqual(voices.fold("june_fr~122"), "test")
        self.assertEqual(voices.fold("espeak_en-us+f5_12"), "test")
        self.assertEqual(voices.fold("espeak_en-us+m1_3"), "train")


class Effects(unittest.TestCase):
    def test_gaps_take_the_share_that_is_asked(self):
        sound = np.full(80000, 1000.0)
        out = line_effects.with_gaps(
            sound, {"share_pct": 8, "burst_ms": 40, "conceal": "silence"},
            np.random.default_rng(4))
        self.assertAlmostEqual((out == 0).mean(), .08, delta=.03)

    def test_a_gate_mutes_what_is_quiet(self):
        rng = np.random.default_rng(5)
        quiet, loud = rng.normal(0, 30, 8000), rng.normal(0, 3000, 8000)
        gate = {"threshold_dbov": -40, "hold_ms": 50, "depth_db": 30}
        out = line_effects.gated(np.concatenate([quiet, loud]), gate)
        self.assertLess(levels.dbov(out[1000:7500]), levels.dbov(quiet) - 25)
        self.assertAlmostEqual(levels.dbov(out[9000:]), levels.dbov(loud[1000:]), delta=.5)

    def test_low_rate_codecs_keep_time_and_most_of_the_signal(self):
        sound = voice(np.random.default_rng(6), 1.0)
        for codec in ("gsm", "amr-12.2", "opus-12"):
            try:
                out = low_rate_codecs.through(sound, codec)
            except RuntimeError as error:
                self.skipTest(str(error))
            self.assertEqual(len(out), len(sound))
            middle = slice(2000, 7000)
            self.assertAlmostEqual(
                levels.dbov(out[middle]), levels.dbov(sound[middle]), delta=3)
            shifts = range(-20, 21)
            best = max(shifts, key=lambda shift: np.dot(
                sound[middle], np.roll(out, -shift)[middle]))
            self.assertLessEqual(abs(best), 2, codec)

    def test_bursts_are_where_the_truth_says(self):
        sound, spans = caller_sounds.wide_bursts(np.random.default_rng(8), 80000, 500, held=False)
        inside = levels.mask([span[:2] for span in spans], len(sound))
        inside |= np.roll(inside, 16)
        self.assertTrue(spans)
        self.assertEqual(np.abs(sound[~inside]).max(), 0)


class Scenarios(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.corpus = small_corpus(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def plain(self, **changes):
        return {"id": "s0", "kind": "bargein", "seed": 9, "prompt": "prompt0",
                "prompt_dbov": -20.0, "path": "hybrid", "ir": "hybrid_D4", "erl_db": 15,
                "echo_delay_ms": 120, "codec": "ulaw", "noise": "white", "snr_db": 20,
                "caller_dbov": -24.0, "caller": "caller2", "onset_ms": 3000, **changes}

    def test_levels_are_what_the_truth_says(self):
        far, near, truth, stems = scenario_render.render(self.corpus, self.plain(), stems=True)
        self.assertEqual(len(far), len(near))
        prompt = [[a, b] for a, b in truth["prompt_speech_ms"]]
        echo = [[a + 120, b + 120] for a, b in prompt]
        loss = levels.active_level(far, prompt) - levels.active_level(stems["echo"], echo)
        self.assertAlmostEqual(loss, 15, delta=.1)
        self.assertEqual(truth["onset_ms"], 3000)
        caller = levels.active_level(stems["caller"], truth["caller_speech_ms"])
        self.assertAlmostEqual(caller, -24, delta=.1)
        self.assertAlmostEqual(caller - levels.dbov(stems["noise"]), 20, delta=.2)
        before = np.abs(stems["caller"][: 2950 * 8]).max()
        self.assertLess(before, np.abs(stems["caller"]).max() / 100)

    def test_the_same_list_makes_the_same_samples(self):
        first, again = (scenario_render.render(self.corpus, self.plain(path="suppressed"))
                        for _ in range(2))
        for one, other in zip(first[:2], again[:2]):
            self.assertEqual(hashlib.sha256(one.tobytes()).digest(),
                             hashlib.sha256(other.tobytes()).digest())

    def test_a_condition_changes_only_what_it_is_about(self):
        far, near, _, _ = scenario_render.render(self.corpus, self.plain())
        other = self.plain(second_echo={"delay_ms": 200, "down_db": 6.0, "ir": "room_desk"})
        far_other, near_other, _, _ = scenario_render.render(self.corpus, other)
        np.testing.assert_array_equal(far, far_other)
        self.assertGreater(np.abs(near - near_other).max(), 0)

    def test_every_condition_renders(self):
        for name in scenario_spec.TRAINING + scenario_spec.HELD:
            maker = scenario_spec.Conditions(self.corpus, None, np.random.default_rng(10))
            scenario = self.plain()
            scenario.update(maker.keys(name, scenario))
            try:
                far, near, truth, _ = scenario_render.render(self.corpus, scenario)
            except RuntimeError as error:
                if "install-dependencies" in str(error):
                    continue
                raise
            self.assertTrue(np.isfinite(near).all() and np.abs(near).max() > 0, name)
            self.assertEqual(truth["onset_ms"], 3000, name)

    def test_held_out_kinds_of_noise_are_equally_frequent(self):
        class Noises:
            noises = {name: {"kind": name.partition("_")[0]} for name in
                      ("wind_0", "wind_1", "wind_2", "bark_0")}

            def noise_names(self, folds):
                return list(self.noises)

        deck = scenario_spec.noise_deck(Noises(), ["test"], np.random.default_rng(11))
        drawn = [deck.draw().partition("_")[0] for _ in range(40)]
        self.assertEqual(drawn.count("bark"), 20)

    def test_a_list_covers_the_grid_and_keeps_to_its_folds(self):
        spec = scenario_spec.make_spec(
            self.corpus, 84, 1, "echo-only", ["train"], ["train"], "train")
        scenarios = spec["scenarios"]
        cells = {(one["erl_db"], one["echo_delay_ms"]) for one in scenarios}
        self.assertEqual(len(cells), len(scenario_spec.ERL) * len(scenario_spec.DELAY))
        self.assertEqual(spec, scenario_spec.make_spec(
            self.corpus, 84, 1, "echo-only", ["train"], ["train"], "train"))
        with self.assertRaises(SystemExit):
            scenario_spec.make_spec(self.corpus, 1, 1, folds=["test"])


if __name__ == "__main__":
    unittest.main()

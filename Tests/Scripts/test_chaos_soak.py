# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Growth of memory as a straight line through noise, and what a run is held to."""

import random
import unittest

import chaos  # noqa: F401
from soak import growth, problems, slope


class GrowthTest(unittest.TestCase):
    def test_a_line_is_found_under_noise(self):
        source = random.Random(1)
        samples = [(second, 1e8 + 5000 * second + source.uniform(-2e6, 2e6))
                   for second in range(0, 1200, 2)]
        self.assertAlmostEqual(slope(samples), 5000, delta=500)
        self.assertAlmostEqual(growth(samples), 5000 * 1198, delta=600_000)

    def test_what_only_swings_does_not_grow(self):
        samples = [(second, 1e8 + (3e6 if second % 20 < 10 else 0)) for second in range(1200)]
        self.assertLess(abs(growth(samples)), 100_000)

    def test_one_instant_has_no_slope(self):
        self.assertEqual(slope([(1, 5), (1, 9)]), 0.0)


class ProblemsTest(unittest.TestCase):
    FLAT = [(second, 60e6) for second in range(45, 245, 2)]

    def test_calls_that_take_what_they_declare_and_give_it_back_are_none(self):
        self.assertEqual(problems(self.FLAT, 40e6, 24e6, 0, 0), [])

    def test_each_has_its_sentence(self):
        rising = [(second, 50e6 + 40_000 * second) for second, _ in self.FLAT]
        for arguments, sentence in (
                ((rising, 40e6, 24e6, 0, 0), "memory grew by 7.9 MB"),
                ((self.FLAT, 40e6, 16e6, 0, 0), "calls took 20.0 MB and declared 16.0 MB"),
                ((self.FLAT, 40e6, 24e6, 2, 3), "2 calls and 3 files were left"),
                ((self.FLAT, 40e6, 24e6, 0, 0, 4), "4 calls broke off"),
                ((self.FLAT[:19], 40e6, 24e6, 0, 0), "too short to say anything of memory")):
            with self.subTest(sentence):
                self.assertEqual(problems(*arguments), [sentence])


if __name__ == "__main__":
    unittest.main()

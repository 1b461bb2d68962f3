# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Growth of memory as a straight line through noise."""

import random
import unittest

import chaos  # noqa: F401
from soak import growth, slope


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


if __name__ == "__main__":
    unittest.main()

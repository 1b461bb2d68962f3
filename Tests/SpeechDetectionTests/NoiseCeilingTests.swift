// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SpeechDetection

@Suite struct NoiseCeilingTests {
    private let quiet = BandValues(repeating: -20)

    private func ceiling(spread: Float, echo: Float = -20) -> Float {
        var random = SeededRandom(seed: 3)
        var ceiling = NoiseCeiling()
        for _ in 0..<1500 {
            var levels = BandValues(repeating: 0)
            for band in levels.indices {
                levels[band] = 30 + spread * abs(random.sample())
            }
            ceiling.observe(
                levels, floor: BandValues(repeating: 30), echo: BandValues(repeating: echo),
                gain: BandValues(repeating: 0), meanExcess: 0)
        }
        return ceiling.mean
    }

    @Test func followsHowFarTheNoiseReaches() {
        #expect(abs(ceiling(spread: 10) - 9) < 1.2)
        #expect(ceiling(spread: 1) <= 2.1)
    }

    @Test func learnsNothingFromEcho() {
        #expect(ceiling(spread: 10, echo: 50) == 3)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SpeechDetection

@Suite struct ReturnGainTests {
    private let floor = BandValues(repeating: 20)

    /// Levels that fluctuate as speech does, 45...65 dB.
    private func power(_ random: inout SeededRandom) -> BandValues {
        var values = BandValues(repeating: 0)
        for band in values.indices {
            values[band] = 55 + 10 * random.sample()
        }
        return values
    }

    private func returned(
        _ power: BandValues, gain: Float, spread: Float, _ random: inout SeededRandom
    )
        -> BandValues
    {
        var values = power
        for band in values.indices {
            values[band] += gain + spread * random.sample()
        }
        return values
    }

    private let trusting = ReturnGain.Caution(
        isLocked: true, meanExcess: 0, shortCorrelation: 0.6, margin: 30)

    @Test(arguments: [-6, -10, -20, -30] as [Float])
    func convergesToTheUpperEndOfAKnownGain(gain: Float) {
        var random = SeededRandom(seed: 7)
        var learned = ReturnGain()
        for _ in 0..<1500 {
            let power = power(&random)
            let returned = returned(power, gain: gain, spread: 4, &random)
            learned.observe(returned, power: power, floor: floor, caution: trusting)
            learned.countBlock()
        }
        for band in 0..<BandSpectrum.bandCount {
            // The 0.9 quantile of a uniform spread of 4 dB either way is 3.2 dB up.
            #expect(learned.level[band] > gain + 1)
            #expect(learned.level[band] < gain + 5)
        }
    }

    @Test func aCallerOnTopIsHardlyLearned() {
        var random = SeededRandom(seed: 8)
        var learned = ReturnGain()
        for _ in 0..<1000 {
            let power = power(&random)
            learned.observe(
                returned(power, gain: -25, spread: 3, &random), power: power, floor: floor,
                caution: trusting)
            learned.countBlock()
        }
        let before = learned.level[10]
        var talking = trusting
        talking.meanExcess = 10
        talking.shortCorrelation = 0.1
        for _ in 0..<50 {
            let power = power(&random)
            learned.observe(
                returned(power, gain: -5, spread: 3, &random), power: power, floor: floor,
                caution: talking)
            learned.countBlock()
        }
        #expect(learned.level[10] - before < 3)
    }

    @Test func aLineThatReturnsNothingIsKnownForThatWithinASecond() {
        var random = SeededRandom(seed: 9)
        var learned = ReturnGain()
        let caution = ReturnGain.Caution(
            isLocked: false, meanExcess: 0, shortCorrelation: 0, margin: 35,
            returnsNothing: true)
        for _ in 0..<125 {
            learned.observe(
                BandValues(repeating: 19), power: power(&random), floor: floor, caution: caution)
        }
        #expect(learned.level[5] < -30)
    }

    @Test func nothingIsLearnedFromSilence() {
        var learned = ReturnGain()
        let before = learned.level[3]
        var silent = trusting
        silent.margin = -8
        for _ in 0..<200 {
            learned.observe(
                BandValues(repeating: 20), power: BandValues(repeating: 5), floor: floor,
                caution: silent)
        }
        #expect(learned.level[3] == before)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SpeechDetection

@Suite struct EchoPowerTests {
    private func only(_ lags: [Int]) -> InlineArray<96, UInt8> {
        var wanted = InlineArray<96, UInt8>(repeating: 0)
        for lag in lags { wanted[lag] = 0xFF }
        return wanted
    }

    /// A burst of 60 dB in one block, and silence after.
    private func levels(after blocks: Int, lags: [Int], isLocked: Bool = true) -> EchoPower {
        var power = EchoPower()
        for index in 0...blocks {
            power.observeFar(BandValues(repeating: index == 0 ? 60 : -30))
            power.predict(plausible: only(lags), isLocked: isLocked)
        }
        return power
    }

    @Test func anEchoIsExpectedAtThePlausibleLagsOnly() {
        #expect(levels(after: 9, lags: [10]).level[4] <= 0)
        #expect(levels(after: 10, lags: [10]).level[4] == 60)
        #expect(levels(after: 30, lags: [10, 30]).level[4] == 60)
    }

    @Test func beforeTheLockItIsExpectedAtAnyLag() {
        #expect(levels(after: 70, lags: [], isLocked: false).level[4] == 60)
        #expect(levels(after: 70, lags: [10]).highest[4] == 60)
    }

    @Test func itDiesAwayAsARoomDoes() {
        let tail = levels(after: 20, lags: [10]).level[4]
        #expect(abs(tail - (60 - 10 * 1.4)) < 0.01)
    }

    @Test func silenceIsForgottenAltogether() {
        var power = levels(after: 10, lags: [10])
        power.clearHistory()
        power.predict(plausible: only([10, 11, 12]), isLocked: true)
        #expect(power.level[4] <= 0)
    }

    /// Maxima of groups of blocks stand for the blocks: wherever the window begins in a group, none
    /// may be missed and none outlive the window.
    @Test func theHighestLevelIsThatOfTheLagsAndNoOther() {
        var random = SeededRandom(seed: 5)
        var power = EchoPower()
        var past: [Float] = []
        var highest: Float = -20
        var level: Float = -20
        for _ in 0..<500 {
            let now = random.sample() > 0.9 ? Float(60) : (random.sample() * 40).rounded()
            past.insert(now, at: 0)
            let lags = [past.count % 7, 20, 40 + past.count % 44]
            power.observeFar(BandValues(repeating: now))
            power.predict(plausible: only(lags), isLocked: true)
            let window = past.prefix(EchoDelay.lagCount)
            let wanted = lags.map { $0 < past.count ? past[$0] : 0 }
            highest = max(max(0, window.max() ?? 0), highest - 1.4)
            level = max(max(0, wanted.max() ?? 0), level - 1.4)
            #expect(power.highest[7] == highest)
            #expect(power.level[7] == level)
        }
    }
}

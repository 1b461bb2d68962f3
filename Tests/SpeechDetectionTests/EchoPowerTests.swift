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
}

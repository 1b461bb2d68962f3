// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SpeechDetection
import Testing

@Suite struct SpeechProbabilityTests {
    @Test func aLogitIsTheLogarithmOfOdds() {
        for logit in stride(from: Float(-12), through: 12, by: 0.1) {
            let exact = 1 / (1 + exp(-Double(logit)))
            #expect(abs(Double(SpeechProbability(logit: logit).value) - exact) < 0.0007)
        }
        #expect(SpeechProbability(logit: 0).value == 0.5)
        #expect(SpeechProbability(logit: 1e30).value == 1)
        #expect(SpeechProbability(logit: -1e30).value == 0)
    }

    @Test func onlyZeroToOneIsAProbability() {
        #expect(SpeechProbability(1.5).value == 1)
        #expect(SpeechProbability(-0.5) == .none)
        #expect(SpeechProbability(.nan) == .none)
        #expect(SpeechProbability(0.4) < SpeechProbability(0.6))
    }
}

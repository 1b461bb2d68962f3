// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SpeechDetection

@Suite struct BargeInScoreTests {
    private func verdicts(_ logits: [Float], sensitivity: BargeInSensitivity = .standard)
        -> [Int: BargeInEvidence.Verdict]
    {
        var score = BargeInScore(sensitivity: sensitivity)
        var found: [Int: BargeInEvidence.Verdict] = [:]
        for (index, logit) in logits.enumerated() {
            if let verdict = score.observe(logit: logit) { found[index] = verdict }
        }
        return found
    }

    @Test func solidEvidenceFiresOnceAtTheThreshold() {
        // Blocks add 2.5 at most: the fourth reaches 8.
        #expect(verdicts(Array(repeating: 9, count: 60)) == [3: .fired])
        #expect(
            verdicts(Array(repeating: 9, count: 60), sensitivity: .eager) == [1: .fired])
    }

    @Test func itIsArmedAgainAfterQuiet() {
        let voice = Array(repeating: Float(5), count: 20)
        let short = Array(repeating: Float(-3), count: 20)
        let long = Array(repeating: Float(-3), count: 40)
        #expect(verdicts(voice + short + voice).count == 1)
        #expect(verdicts(voice + long + voice).filter { $0.value == .fired }.count == 2)
    }

    @Test func evidenceThatFadesIsHeldOnce() {
        let logits: [Float] = [3, 3, 3] + Array(repeating: -3, count: 30)
        #expect(verdicts(logits).values.sorted { $0.rawValue < $1.rawValue } == [.held])
        #expect(verdicts([3, -3, -3, -3]).isEmpty)
    }

    @Test func oneWildBlockIsNotMoreThanThree() {
        #expect(verdicts([1000, -3, -3]).isEmpty)
    }
}

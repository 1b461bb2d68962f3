// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SpeechDetection
import Testing

@Suite struct EndpointerTests {
    @Test func aVoiceThatHadToProveItselfBeganWithItsProof() {
        var endpointer = Endpointer(profile: .responsive, rate: .hz8000)
        let start = SamplePosition(8000)
        let change = endpointer.observe(
            EndpointCue(
                start: start, end: start.advanced(by: 64), isVoiced: true, precedingVoice: 1600))
        // 200 ms of proof and the look-back of 30 ms; 60 ms of voice are proof enough of a turn.
        #expect(change == .started(onset: SamplePosition(8000 - 1600 - 240)))
    }

    /// Feeds blocks of 10 ms, `v` voiced and anything else not, and returns the changes by block.
    private func run(
        _ pattern: String, profile: EndpointProfile = .responsive
    ) -> [(block: Int, change: SpeechChange)] {
        var endpointer = Endpointer(profile: profile, rate: .hz8000)
        return pattern.enumerated().compactMap { index, character in
            let start = SamplePosition(Int64(index) * 80)
            return endpointer.observe(
                isVoiced: character == "v", start: start, end: start.advanced(by: 80)
            ).map { (index, $0) }
        }
    }

    private func blocks(_ character: Character, _ count: Int) -> String {
        String(repeating: character, count: count)
    }

    @Test func aTurnHasItsTwoStages() {
        let changes = run(blocks("-", 50) + blocks("v", 40) + blocks("-", 40))
        #expect(
            changes.map(\.change) == [
                .started(onset: SamplePosition(50 * 80 - 240)),
                .paused(lastVoiced: SamplePosition(90 * 80)),
                .ended(lastVoiced: SamplePosition(90 * 80)),
            ])
        // Onset after 60 ms of voice, eager after 160 ms and confirmed after 320 ms of silence.
        #expect(changes.map(\.block) == [55, 105, 121])
    }

    @Test func clicksAndGapsInNoiseAreNoOnset() {
        #expect(
            run(blocks("-", 20) + "vvvvv" + blocks("-", 30) + "vv-vv" + blocks("-", 30)).isEmpty)
    }

    @Test func aWeakSyllableCountsTowardsTheOnset() {
        let changes = run(blocks("-", 20) + "vv--vv-vv" + blocks("v", 10))
        #expect(changes.first?.change == .started(onset: SamplePosition(20 * 80 - 240)))
    }

    @Test func aPauseInsideATurnIsTakenBack() {
        let changes = run(blocks("v", 30) + blocks("-", 20) + blocks("v", 20) + blocks("-", 40))
        #expect(
            changes.map(\.change) == [
                .started(onset: .start),
                .paused(lastVoiced: SamplePosition(30 * 80)),
                .resumed(at: SamplePosition(50 * 80)),
                .paused(lastVoiced: SamplePosition(70 * 80)),
                .ended(lastVoiced: SamplePosition(70 * 80)),
            ])
    }

    @Test func oneStrayBlockDoesNotHoldUpTheEnd() {
        let changes = run(blocks("v", 30) + blocks("-", 25) + "v" + blocks("-", 10))
        #expect(changes.last?.change == .ended(lastVoiced: SamplePosition(30 * 80)))
        #expect(changes.last?.block == 61)
    }

    @Test func aPatientProfileWaitsLonger() {
        let pattern = blocks("v", 30) + blocks("-", 50) + blocks("v", 30) + blocks("-", 70)
        let ends = run(pattern, profile: .patient).filter {
            if case .ended = $0.change { true } else { false }
        }
        #expect(ends.map(\.change) == [.ended(lastVoiced: SamplePosition(110 * 80))])
    }

    @Test func silenceByTheClockEndsATurn() {
        var endpointer = Endpointer(profile: .responsive, rate: .hz8000)
        for index in 0..<20 {
            let start = SamplePosition(Int64(index) * 80)
            _ = endpointer.observe(isVoiced: true, start: start, end: start.advanced(by: 80))
        }
        #expect(
            endpointer.passSilence(until: SamplePosition(1600 + 1279))
                == .paused(lastVoiced: SamplePosition(1600)) || endpointer.isInTurn)
        #expect(
            endpointer.passSilence(until: SamplePosition(1600 + 2560))
                == .ended(lastVoiced: SamplePosition(1600)))
        #expect(!endpointer.isInTurn)
        #expect(endpointer.passSilence(until: SamplePosition(99_999)) == nil)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import SpeechDetection

@Suite struct FarEndSearchTests {
    /// What a platform that buffers does: the prompt is heard `offset` samples after it was given.
    /// The far end is delayed as the detector asks.
    private func run(offset: Int, seconds: Float, limit: MediaDuration)
        -> (offset: Int, fires: Int)
    {
        var voice = SyntheticVoice(seed: 3)
        let prompt = voice.samples(seconds: seconds)
        let line = EchoLine(
            prompt: prompt, delays: [(0, offset + 480)], gain: 0.2)
        var detector = SpeechDetector(
            rate: .hz8000, profile: HearingProfile(farEndOffsetLimit: limit))
        var fires = 0
        let silence = [Int16](repeating: 0, count: 64)
        for index in 0..<line.blockCount {
            let start = index * 64
            let farStart = start - detector.farEndOffset
            let far =
                farStart < 0
                ? silence.span : line.far.span.extracting(farStart..<farStart + 64)
            let decision = detector.consume(
                line.near.span.extracting(start..<start + 64), far: far, mayInterrupt: true
            ).decision
            if decision?.bargeIn?.verdict == .fired { fires += 1 }
        }
        return (detector.farEndOffset, fires)
    }

    @Test(arguments: [1.5, 2.5])
    func findsAnOffsetOfSeconds(seconds: Double) {
        let found = run(offset: Int(seconds * 8000), seconds: 7, limit: .seconds(4))
        // Within what the fine search then covers, and not after the echo.
        let left = Int(seconds * 8000) + 480 - found.offset
        #expect(left > 0)
        #expect(left < 60 * 64)
        #expect(found.fires == 0)
    }

    @Test func leavesAPromptThatIsHeardAtOnceWhereItIs() {
        #expect(run(offset: 0, seconds: 5, limit: .seconds(4)).offset == 0)
    }

    @Test func doesNotSearchWhereNothingIsHeldBack() {
        #expect(run(offset: 20_000, seconds: 5, limit: .zero).offset == 0)
    }
}

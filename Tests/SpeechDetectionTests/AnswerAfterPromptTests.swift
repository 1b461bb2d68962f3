// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SpeechDetection
import Testing

/// A caller who answers as soon as the prompt is over, while its echo may still be on the line.
@Suite struct AnswerAfterPromptTests {
    private func speech(_ seed: UInt64, seconds: Float) -> [Int16] {
        var voice = SyntheticVoice(seed: seed)
        return voice.samples(seconds: seconds).map { Int16($0) }
    }

    /// - Parameters:
    ///   - gap: samples from the prompt's end to the answer.
    ///   - mayInterrupt: whether the prompt may be interrupted; nothing may be after it.
    @Test(arguments: [640, 1600, 3200], [true, false])
    func theAnswerIsHeardAtOnce(gap: Int, mayInterrupt: Bool) throws {
        let prompt = speech(1, seconds: 3)
        let answer = speech(6, seconds: 1)
        var near = [Int16](repeating: 0, count: prompt.count + gap) + answer
        var random = SeededRandom(seed: 3)
        for index in near.indices { near[index] &+= Int16(6 * random.sample()) }
        var detector = SpeechDetector(rate: .hz8000, profile: HearingProfile())
        var onset: Int?
        for start in stride(from: 0, to: near.count - 63, by: 64) {
            let isHeard = start + 64 <= prompt.count
            let far = isHeard ? prompt.span.extracting(start..<(start + 64)) : Span()
            let (_, decision) = detector.consume(
                near.span.extracting(start..<(start + 64)), far: far,
                mayInterrupt: isHeard && mayInterrupt)
            if case .started(let position)? = decision?.change, onset == nil {
                onset = Int(position.index) - prompt.count - gap
            }
        }
        #expect(abs(try #require(onset)) < 800)
    }

    @Test func aSilentLineInterruptsNothing() {
        let prompt = speech(2, seconds: 3)
        let silence = [Int16](repeating: 0, count: 64)
        var detector = SpeechDetector(rate: .hz8000, profile: HearingProfile())
        for start in stride(from: 0, to: prompt.count - 63, by: 64) {
            let (_, decision) = detector.consume(
                silence.span, far: prompt.span.extracting(start..<(start + 64)),
                mayInterrupt: true)
            #expect(decision?.bargeIn == nil)
        }
    }
}

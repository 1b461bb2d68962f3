// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import SpeechDetection
import Testing

@Suite struct SpeechDetectorTests {
    /// Something like speech between `from` and `to` seconds, faint noise everywhere.
    private func line(seconds: Double, voice from: Double, to end: Double) -> [Int16] {
        var voice = SyntheticVoice(seed: 1)
        let speech = voice.samples(seconds: Float(max(0, min(end, seconds) - from)))
        let start = Int(from * 8000)
        var noise = SeededRandom(seed: 2)
        return (0..<Int(seconds * 8000)).map { index in
            let inside = speech.indices.contains(index - start)
            let sample = 6 * noise.sample() + (inside ? speech[index - start] : 0)
            return Int16(max(-32_768, min(32_767, sample)).rounded())
        }
    }

    private func decisions(
        _ samples: [Int16], chunk: Int, rate: SampleRate = .hz8000, mayInterrupt: Bool = false
    ) -> [SpeechDecision] {
        var detector = SpeechDetector(rate: rate, profile: HearingProfile())
        let far: [Int16] = []
        var found: [SpeechDecision] = []
        var offset = 0
        while offset < samples.count {
            let end = min(offset + chunk, samples.count)
            while offset < end {
                let (count, decision) = detector.consume(
                    samples.span.extracting(offset..<end), far: far.span,
                    mayInterrupt: mayInterrupt)
                offset += count
                if let decision { found.append(decision) }
            }
        }
        return found
    }

    @Test func aTalkspurtIsOneTurnWithItsEdgesInPlace() throws {
        let found = decisions(line(seconds: 3, voice: 1, to: 1.8), chunk: 160)
        let changes = found.compactMap(\.change)
        guard case .started(let onset)? = changes.first, case .ended(let end)? = changes.last else {
            Issue.record("No turn was found")
            return
        }
        #expect(abs(onset.index - 8000) <= 480)
        #expect(abs(end.index - 14_400) <= 800)
    }

    @Test(arguments: [1, 3, 63, 64, 65, 160, 1600, 24_000])
    func anyChunkingGivesTheSameDecisions(chunk: Int) {
        let samples = line(seconds: 3, voice: 0.7, to: 1.9)
        #expect(
            decisions(samples, chunk: chunk, mayInterrupt: true)
                == decisions(samples, chunk: 160, mayInterrupt: true))
    }

    @Test func blocksFollowOneAnotherOnTheIngressTimeline() {
        for rate in [SampleRate.hz8000, .hz16000, .hz48000] {
            let length = rate.hertz / 125
            let found = decisions([Int16](repeating: 0, count: 10 * length), chunk: 77, rate: rate)
            #expect(found.map(\.start.index) == (0..<10).map { Int64($0 * length) })
            #expect(found.map(\.end.index) == (1...10).map { Int64($0 * length) })
        }
    }

    @Test func aLineWithFaintNoiseIsSilent() {
        let found = decisions(line(seconds: 5, voice: 9, to: 9), chunk: 160)
        #expect(found.allSatisfy { !$0.isVoiced })
    }

    @Test func aJumpOfTheTimelineEndsATurn() {
        let samples = line(seconds: 2, voice: 0.5, to: 2)
        var detector = SpeechDetector(rate: .hz8000, profile: HearingProfile())
        let far: [Int16] = []
        var offset = 0
        while offset < samples.count {
            offset +=
                detector.consume(
                    samples.span.extracting(offset..<samples.count), far: far.span,
                    mayInterrupt: false
                ).count
        }
        let wasInTurn = detector.isInTurn
        let change = detector.skip(to: SamplePosition(80_000))
        guard case .ended? = change else {
            Issue.record("The turn went on through a gap of eight seconds")
            return
        }
        let isInTurn = detector.isInTurn
        #expect(wasInTurn && !isInTurn)
    }

    @Test func decidingAllocatesNothing() {
        guard allocation_counter_available() else { return }
        let samples = line(seconds: 1, voice: 0.3, to: 0.8)
        let far = [Int16](repeating: 0, count: 64)
        var detector = SpeechDetector(rate: .hz8000, profile: HearingProfile())
        var probable = 0
        allocation_counter_start()
        var offset = 0
        while offset < samples.count {
            let (count, decision) = detector.consume(
                samples.span.extracting(offset..<samples.count), far: far.span,
                mayInterrupt: true)
            offset += count
            if let decision, decision.probability > .none { probable += 1 }
        }
        let count = allocation_counter_stop()
        #expect(count == 0)
        #expect(probable > 20)
    }

    @Test func aCallsStateStaysSmall() {
        // Two thousand calls are to stay in a cache of 32 MB.
        #expect(MemoryLayout<SpeechDetector>.size <= 16 * 1024)
    }
}

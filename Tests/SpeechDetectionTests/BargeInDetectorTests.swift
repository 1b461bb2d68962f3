// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Testing

@testable import SpeechDetection

@Suite struct BargeInDetectorTests {
    /// A prompt whose echo returns, from a second on with the caller over it where wanted.
    private func line(
        seconds: Float = 4, delay: Int = 960, gain: Float = 0.15, caller: Bool = false
    ) -> EchoLine {
        var prompt = SyntheticVoice(seed: 3)
        var voice = SyntheticVoice(seed: 12)
        return EchoLine(
            prompt: prompt.samples(seconds: seconds), delays: [(0, delay)], gain: gain, noise: 12,
            caller: caller ? voice.samples(seconds: 1.5, peak: 7000) : [], callerStart: 16_000)
    }

    private func evidence(
        _ line: EchoLine, cancellers: EchoCancellerPool? = nil, mayInterrupt: Bool = true,
        isFarGiven: Bool = true, profile: HearingProfile = HearingProfile()
    ) -> [BargeInEvidence] {
        var detector = SpeechDetector(
            rate: .hz8000, profile: profile, cancellers: cancellers)
        let silence: [Int16] = []
        var found: [BargeInEvidence] = []
        for index in 0..<line.blockCount {
            let start = index * 64
            let far = line.far.span.extracting(start..<start + 64)
            let decision = detector.consume(
                line.near.span.extracting(start..<start + 64),
                far: isFarGiven ? far : silence.span, mayInterrupt: mayInterrupt
            ).decision
            if let record = decision?.bargeIn { found.append(record) }
        }
        return found
    }

    private func fired(_ evidence: [BargeInEvidence]) -> [BargeInEvidence] {
        evidence.filter { $0.verdict == .fired }
    }

    @Test(arguments: [(0.02, 160), (0.15, 960), (0.4, 2400)] as [(Float, Int)])
    func aPromptIsNotInterruptedByItsEcho(gain: Float, delay: Int) {
        #expect(fired(evidence(line(delay: delay, gain: gain))).isEmpty)
        let pool = EchoCancellerPool(capacity: 1)
        #expect(fired(evidence(line(delay: delay, gain: gain), cancellers: pool)).isEmpty)
        #expect(pool.available == 1)
    }

    @Test func aCallerOverTheEchoFiresOnceWithItsEvidence() throws {
        let pool = EchoCancellerPool(capacity: 1)
        let all = fired(evidence(line(caller: true), cancellers: pool))
        let record = try #require(all.first)
        #expect(all.count == 1)
        #expect(record.decided.index > 16_000)
        #expect(record.decided.index < 16_000 + 8 * 400)
        #expect(record.onset.index >= 16_000 - 8 * 60)
        #expect(record.onset < record.decided)
        #expect(record.score >= record.threshold)
        let delay = try #require(record.delay)
        #expect(abs(delay - 120) <= 24)
        #expect(record.near > record.floor + 10)
    }

    @Test func anEmptyPoolCostsACallItsCancellerAndNothingElse() {
        let pool = EchoCancellerPool(capacity: 0)
        #expect(fired(evidence(line(caller: true), cancellers: pool)).count == 1)
    }

    @Test func nothingFiresThatMayNotInterrupt() {
        #expect(evidence(line(caller: true), mayInterrupt: false).isEmpty)
    }

    @Test func withoutAFarEndVoiceIsTheCallers() {
        #expect(!fired(evidence(line(gain: 0, caller: true), isFarGiven: false)).isEmpty)
    }

    @Test func aStricterProfileFiresLater() throws {
        let eager = fired(
            evidence(line(caller: true), profile: HearingProfile(sensitivity: .eager)))
        let strict = fired(
            evidence(line(caller: true), profile: HearingProfile(sensitivity: .strict)))
        let early = try #require(eager.last)
        let late = try #require(strict.last)
        #expect(early.decided < late.decided)
    }

    @Test(arguments: [1, 63, 160, 1000])
    func anyChunkingGivesTheSameDecisions(chunk: Int) {
        let line = line(seconds: 3, caller: true)
        var detector = SpeechDetector(
            rate: .hz8000, profile: HearingProfile(), cancellers: EchoCancellerPool(capacity: 1))
        var found: [BargeInEvidence] = []
        var offset = 0
        while offset < line.blockCount * 64 {
            let end = min(offset + chunk, line.blockCount * 64)
            while offset < end {
                let start = offset / 64 * 64
                let (count, decision) = detector.consume(
                    line.near.span.extracting(offset..<end),
                    far: line.far.span.extracting(start..<start + 64), mayInterrupt: true)
                offset += count
                if let record = decision?.bargeIn { found.append(record) }
            }
        }
        #expect(found == evidence(line, cancellers: EchoCancellerPool(capacity: 1)))
        #expect(!found.isEmpty)
    }

    @Test func aBlockAllocatesNothing() {
        guard allocation_counter_available() else { return }
        let line = line(caller: true)
        let pool = EchoCancellerPool(capacity: 1)
        var detector = SpeechDetector(
            rate: .hz8000, profile: HearingProfile(), cancellers: pool)
        var fires = 0
        allocation_counter_start()
        for index in 0..<line.blockCount {
            let start = index * 64
            let decision = detector.consume(
                line.near.span.extracting(start..<start + 64),
                far: line.far.span.extracting(start..<start + 64), mayInterrupt: true
            ).decision
            if decision?.bargeIn?.verdict == .fired { fires += 1 }
        }
        let count = allocation_counter_stop()
        #expect(count == 0)
        #expect(fires == 1)
    }
}

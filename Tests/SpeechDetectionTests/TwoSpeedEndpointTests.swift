// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import SpeechDetection
import Testing

@Suite struct TwoSpeedEndpointTests {
    private static let profile = EndpointProfile(
        eager: .milliseconds(200), earliest: .milliseconds(300), confirmed: .milliseconds(700))

    /// A turn of `seconds`, then silence: pitch in samples and level by the share that has passed.
    /// - Returns: milliseconds from the last voiced sample to the end of the turn.
    private func delay(
        seconds: Double = 1.5, expecting speech: ExpectedSpeech = .freeSpeech, block: Int = 64,
        profile: EndpointProfile = profile, period: (Double) -> Float, level: (Double) -> Float
    ) throws -> Double {
        var endpointer = Endpointer(profile: profile, rate: .hz8000)
        endpointer.expect(speech)
        let voiced = Int(seconds * 8000) / block * block
        for start in stride(from: 0, to: voiced + 16_000, by: block) {
            let share = Double(start) / Double(voiced)
            let cue = EndpointCue(
                start: SamplePosition(Int64(start)), end: SamplePosition(Int64(start + block)),
                isVoiced: start < voiced, level: share < 1 ? level(share) : 0,
                period: share < 1 ? period(share) : 0)
            if case .ended(let last)? = endpointer.observe(cue) {
                #expect(last == SamplePosition(Int64(voiced)))
                return Double(last.distance(to: cue.end)) / 8
            }
        }
        throw MissingEnd()
    }

    private struct MissingEnd: Error {}

    /// A voice that falls at its end: lower, quieter, drawn out.
    private func fallen(_ speech: ExpectedSpeech = .freeSpeech) throws -> Double {
        try delay(
            expecting: speech, period: { $0 < 0.7 ? 60 : 90 },
            level: { $0 < 0.8 ? 60 : 45 })
    }

    /// A voice that stops in the middle of a word: high, loud, short.
    private func suspended(_ speech: ExpectedSpeech = .freeSpeech) throws -> Double {
        try delay(
            expecting: speech,
            period: { $0 < 0.7 ? 70 : ($0 < 0.93 ? 0 : 60) }, level: { $0 < 0.8 ? 60 : 63 })
    }

    @Test func whatSoundsFinalEndsEarlier() throws {
        #expect(try fallen() <= 360)
        #expect(try suspended() >= 560)
    }

    @Test func aYesOrNoEndsAtTheEarliest() throws {
        #expect(try suspended(.yesNo) <= 308)
        #expect(try fallen(.yesNo) <= 308)
    }

    @Test func aDigitEndsAtTheConfirmedHoweverItSounds() throws {
        #expect(try fallen(.digits) >= 700)
    }

    @Test func withoutCuesTheMiddleIsTaken() throws {
        let end = try delay(period: { _ in 0 }, level: { _ in 0 })
        #expect(end > 400 && end < 650)
    }

    @Test(arguments: [16, 40, 64, 80, 160]) func framingMovesTheEndByOneBlockAtMost(block: Int)
        throws
    {
        let coarse = try delay(block: block, period: { _ in 0 }, level: { _ in 0 })
        let fine = try delay(block: 8, period: { _ in 0 }, level: { _ in 0 })
        #expect(abs(coarse - fine) <= Double(block) / 8)
    }

    @Test func noTurnEndsOutsideTheProfile() throws {
        var seed: UInt32 = 5
        func random(_ range: ClosedRange<Float>) -> Float {
            seed = seed &* 1_664_525 &+ 1_013_904_223
            return range.lowerBound
                + Float(seed >> 8) / 16_777_216 * (range.upperBound - range.lowerBound)
        }
        for turn in 0..<200 {
            let period = random(0...160)
            let hostile: [Float] = [.nan, .infinity, -.infinity, 0, .greatestFiniteMagnitude]
            let end = try delay(
                seconds: Double(random(0.1...4)), expecting: ExpectedSpeech.allCases[turn % 3],
                period: { _ in turn % 7 == 0 ? hostile[turn % 5] : period + random(-20...20) },
                level: { _ in turn % 11 == 0 ? hostile[turn % 5] : random(20...70) })
            #expect(end >= 300 && end <= 708, "\(turn)")
        }
    }

    @Test func responsiveConfirmsAfterThreeHundredAndTwenty() throws {
        for speech in ExpectedSpeech.allCases {
            let end = try delay(
                expecting: speech, profile: .responsive, period: { _ in 60 }, level: { _ in 60 })
            #expect(end == 320)
        }
    }

    /// Blocks of 8 ms: `v` voiced, `-` not; the blocks at which a turn ended.
    private func ends(_ pattern: String, _ speech: ExpectedSpeech) -> [Int] {
        var endpointer = Endpointer(profile: Self.profile, rate: .hz8000)
        endpointer.expect(speech)
        return pattern.enumerated().compactMap { index, character in
            let start = SamplePosition(Int64(index * 64))
            let change = endpointer.observe(
                isVoiced: character == "v", start: start, end: start.advanced(by: 64))
            if case .ended? = change { return index }
            return nil
        }
    }

    @Test func digitsEndByTheRhythmTheyAreReadIn() {
        let digit = String(repeating: "v", count: 40)
        let pause = String(repeating: "-", count: 20)
        let silence = String(repeating: "-", count: 100)
        // Pauses of 160 ms: 400 ms end the number. A single pause is no rhythm.
        let four = [digit, digit, digit, digit].joined(separator: pause)
        #expect(ends(four + silence, .digits) == [four.count + 49])
        let two = digit + pause + digit
        #expect(ends(two + silence, .digits) == [two.count + 87])
        // A rhythm is that of one turn.
        #expect(
            ends(four + silence + digit + silence, .digits)
                == [four.count + 49, four.count + 100 + 40 + 87])
    }

    @Test func whatIsExpectedMayChangeDuringAPause() {
        var endpointer = Endpointer(profile: Self.profile, rate: .hz8000)
        endpointer.expect(.digits)
        for index in 0..<30 {
            let start = SamplePosition(Int64(index * 64))
            _ = endpointer.observe(isVoiced: true, start: start, end: start.advanced(by: 64))
        }
        let last = SamplePosition(30 * 64)
        #expect(endpointer.passSilence(until: last.advanced(by: 3000)) == .paused(lastVoiced: last))
        endpointer.expect(.yesNo)
        #expect(endpointer.passSilence(until: last.advanced(by: 3200)) == .ended(lastVoiced: last))
    }

    @Test func observingAllocatesNothing() {
        guard allocation_counter_available() else { return }
        var endpointer = Endpointer(profile: .adaptive, rate: .hz8000)
        var ended = 0
        allocation_counter_start()
        for index in 0..<2000 {
            let start = SamplePosition(Int64(index * 64))
            let cue = EndpointCue(
                start: start, end: start.advanced(by: 64), isVoiced: index % 200 < 100, level: 50,
                period: 60)
            if case .ended? = endpointer.observe(cue) { ended += 1 }
        }
        let count = allocation_counter_stop()
        #expect(count == 0)
        #expect(ended == 10)
    }
}

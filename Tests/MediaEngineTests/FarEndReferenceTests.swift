// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import MediaEngine

/// What was laid down comes back at the places at which it was heard.
@Suite struct FarEndReferenceTests {
    private static let start = MediaInstant(nanoseconds: 1_000_000_000)

    private func instant(_ milliseconds: Int64) -> MediaInstant {
        Self.start + .milliseconds(milliseconds)
    }

    private func code(_ count: Int, from first: Int = 0) -> [UInt8] {
        // Every 251 bytes the same, never the code of silence.
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 + first) % 251) }
    }

    private func decoded(_ bytes: [UInt8]) -> [Int16] {
        var samples = [Int16](repeating: 0, count: bytes.count)
        var room = samples.mutableSpan
        AudioCodec.decode(EncodedAudio(bytes.span, format: .pcmu8000), into: &room)
        return samples
    }

    /// What was heard in the milliseconds given; nil when nothing was.
    private func heard(
        _ reference: borrowing FarEndReference, _ range: Range<Int64>
    ) -> [Int16]? {
        var samples = [Int16](repeating: 1, count: Int(range.upperBound - range.lowerBound) * 8)
        var room = samples.mutableSpan
        return reference.read(
            from: FarEndReference.place(of: instant(range.lowerBound)), into: &room)
            ? samples : nil
    }

    private func reference(limit: MediaDuration = .zero) -> FarEndReference {
        FarEndReference(pool: AudioBlockPool(byteLimit: 1_000_000), offsetLimit: limit)
    }

    @Test func audioIsHeardWhereItWasLaidDown() {
        var reference = reference()
        let audio = code(9000)
        reference.append(
            audio.span, heardAt: instant(100), follows: false, allowsBargeIn: true)
        #expect(heard(reference, 0..<100) == nil)
        #expect(heard(reference, 100..<1225) == decoded(audio))
        #expect(heard(reference, 1225..<1300) == nil)
        // The edges of a read are silence.
        let edge = heard(reference, 96..<104)
        #expect(edge == [Int16](repeating: 0, count: 32) + decoded(Array(audio[0..<32])))
        #expect(reference.allowsBargeIn(at: FarEndReference.place(of: instant(99))) == nil)
        #expect(reference.allowsBargeIn(at: FarEndReference.place(of: instant(100))) == true)
    }

    @Test(arguments: [(5, true), (19, true), (21, false)])
    func aGapOfLessThan20MillisecondsIsNone(gap: Int64, isJoined: Bool) {
        var reference = reference()
        reference.append(
            code(800).span, heardAt: instant(0), follows: false, allowsBargeIn: true)
        reference.append(
            code(800, from: 800).span, heardAt: instant(100 + gap), follows: false,
            allowsBargeIn: true)
        #expect((heard(reference, 0..<200) == decoded(code(1600))) == isJoined)
        #expect(heard(reference, 100 + gap..<200 + gap)?.isEmpty == false)
    }

    @Test func aClearDropsWhatIsToCome() {
        var reference = reference()
        reference.append(
            code(8000).span, heardAt: instant(0), follows: false, allowsBargeIn: true)
        reference.clear(at: instant(300))
        #expect(heard(reference, 0..<300) == decoded(code(2400)))
        #expect(heard(reference, 300..<1000) == nil)
        // What comes next is heard when it is heard, close as it may be.
        reference.append(
            code(800).span, heardAt: instant(304), follows: false, allowsBargeIn: false)
        #expect(heard(reference, 300..<304) == nil)
        #expect(heard(reference, 304..<404) == decoded(code(800)))
        #expect(reference.allowsBargeIn(at: FarEndReference.place(of: instant(310))) == false)
    }

    @Test func aCompletedPlaybackLeavesWhatWasHeardInPlace() {
        var reference = reference()
        reference.append(
            code(1600).span, heardAt: instant(0), follows: false, allowsBargeIn: true)
        reference.complete()
        #expect(heard(reference, 0..<200) == decoded(code(1600)))
        reference.append(
            code(800).span, heardAt: instant(150), follows: false, allowsBargeIn: true)
        #expect(heard(reference, 0..<250) == decoded(code(1200) + code(800)))
    }

    @Test(arguments: [(60, 0), (2000, 2000)])
    func aStartThatComesLateMovesAllOfIt(late: Int64, shift: Int64) {
        var reference = reference(limit: .milliseconds(4000))
        reference.append(
            code(24_000).span, heardAt: instant(0), follows: false, allowsBargeIn: true)
        reference.restart(at: instant(late))
        #expect(heard(reference, shift..<3000 + shift) == decoded(code(24_000)))
        // Once for a stretch of audio: what follows is behind it.
        reference.restart(at: instant(late + 300))
        reference.append(
            code(800).span, heardAt: instant(3000), follows: true, allowsBargeIn: true)
        #expect(heard(reference, 3000 + shift..<3100 + shift) == decoded(code(800)))
    }

    @Test func whatNobodyAsksForIsGivenBack() {
        let pool = AudioBlockPool(byteLimit: 1_000_000)
        var reference = FarEndReference(pool: pool, offsetLimit: .milliseconds(1000))
        reference.append(
            code(80_000).span, heardAt: instant(0), follows: false, allowsBargeIn: true)
        #expect(pool.usedCount == 20)
        // The limit and a second.
        reference.release(before: FarEndReference.place(of: instant(8000)))
        #expect(pool.usedCount == 9)
        #expect(heard(reference, 6000..<10_000) == decoded(code(32_000, from: 48_000)))
        reference.release(before: FarEndReference.place(of: instant(12_100)))
        #expect(pool.usedCount == 0)
    }

    @Test func anExhaustedPoolLeavesAGap() {
        let pool = AudioBlockPool(byteLimit: 8192)
        var reference = FarEndReference(pool: pool, offsetLimit: .zero)
        reference.append(
            code(16_000).span, heardAt: instant(0), follows: false, allowsBargeIn: true)
        #expect(reference.lostCount == 16_000 - 8192)
        #expect(heard(reference, 0..<1024) == decoded(code(8192)))
        reference.release(before: FarEndReference.place(of: instant(2100)))
        reference.append(
            code(800).span, heardAt: instant(2000), follows: true, allowsBargeIn: true)
        #expect(heard(reference, 2000..<2100) == decoded(code(800)))
    }

    @Test func manyShortAnswersKeepTheNewest() {
        var reference = reference()
        for index in 0..<200 {
            reference.append(
                code(80).span, heardAt: instant(Int64(index) * 100), follows: false,
                allowsBargeIn: true)
        }
        #expect(heard(reference, 19_900..<19_910) == decoded(code(80)))
        #expect(heard(reference, 0..<10) == nil)
    }

    @Test func anchorsHoldWhileSomethingIsHeard() {
        var anchor = FarEndAnchor(rate: .hz16000)
        let position = SamplePosition(16_000)
        #expect(anchor.place(of: position) == nil)
        anchor.observe(instant(0), at: position)
        #expect(anchor.place(of: position) == FarEndReference.place(of: instant(1000)))
        anchor.noteHeard(at: position)
        anchor.observe(instant(19), at: position)
        #expect(anchor.place(of: position) == FarEndReference.place(of: instant(1000)))
        anchor.observe(instant(21), at: position)
        #expect(anchor.place(of: position) == FarEndReference.place(of: instant(1021)))
        // After a second without anything the estimate is taken as it is.
        let later = position.advanced(by: 16_000)
        anchor.observe(instant(25), at: later)
        #expect(anchor.place(of: later) == FarEndReference.place(of: instant(2025)))
    }
}

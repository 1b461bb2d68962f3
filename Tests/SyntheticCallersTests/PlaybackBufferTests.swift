// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import SyntheticCallers
import Testing

@Suite struct PlaybackBufferTests {
    private func instant(_ milliseconds: Int64) -> MediaInstant {
        MediaInstant(nanoseconds: milliseconds * 1_000_000)
    }

    private func buffer() -> PlaybackBuffer {
        PlaybackBuffer(origin: instant(0), keepsAudio: true)
    }

    @Test func audioPlaysWithoutABreakFromItsArrival() {
        var buffer = buffer()
        let first = buffer.receive(TestVoices.botAudio(1600), at: instant(50))
        let second = buffer.receive(TestVoices.botAudio(800), at: instant(60))
        #expect(first)
        #expect(!second)
        #expect(buffer.end == 400 + 2400)
        #expect(buffer.emptyAt == instant(350))
        #expect(buffer.responses.count == 1)
        #expect(buffer.highWater == 2320)
        #expect(buffer.heard.prefix(400).allSatisfy { $0 == 0xFF })
        #expect(buffer.heard.count == 2800)
    }

    @Test func aShortGapIsAnUnderrunAndALongOneANewAnswer() {
        var buffer = buffer()
        _ = buffer.receive(TestVoices.botAudio(800), at: instant(0))
        _ = buffer.receive(TestVoices.botAudio(800), at: instant(130))
        #expect(buffer.underruns.map(\.start) == [800])
        #expect(buffer.underruns.map(\.length) == [240])
        #expect(buffer.responses.count == 1)
        _ = buffer.receive(TestVoices.botAudio(800), at: instant(1230))
        #expect(buffer.underruns.count == 1)
        #expect(buffer.responses.count == 2)
    }

    @Test func aGapAfterTheCallerHasSpokenIsANewAnswer() {
        var buffer = buffer()
        _ = buffer.receive(TestVoices.botAudio(800), at: instant(0))
        buffer.expectResponse()
        _ = buffer.receive(TestVoices.botAudio(800), at: instant(90))
        // No gap yet: it is still the same answer.
        #expect(buffer.responses.count == 1)
        _ = buffer.receive(TestVoices.botAudio(800), at: instant(400))
        #expect(buffer.responses.count == 2)
        #expect(buffer.underruns.isEmpty)
    }

    @Test func flushKeepsWhatWasHeardAndNothingElse() {
        var buffer = buffer()
        let audio = TestVoices.botAudio(8000)
        _ = buffer.receive(audio, at: instant(100))
        let dropped = buffer.flush(at: instant(350))
        #expect(dropped == 6000)
        #expect(buffer.heard.count == 2800)
        #expect(Array(buffer.heard[800...]) == Array(audio.readableBytesView.prefix(2000)))
        #expect(buffer.responses[0].end == 2800)
        #expect(buffer.responses[0].lastSound == 2800)
        #expect(buffer.responses[0].flushed == 6000)
        #expect(buffer.emptyAt == nil)
        let again = buffer.flush(at: instant(400))
        #expect(again == 0)
        #expect(buffer.heard.count == 2800)
    }

    @Test func theFirstSoundOfAnAnswerIsAfterItsSilence() {
        var buffer = buffer()
        _ = buffer.receive(TestVoices.silence(800), at: instant(0))
        _ = buffer.receive(TestVoices.botAudio(800), at: instant(10))
        _ = buffer.receive(TestVoices.silence(800), at: instant(20))
        #expect(buffer.responses.count == 1)
        #expect(buffer.responses[0].start == 0)
        #expect(buffer.responses[0].firstSound == 800)
        #expect(buffer.responses[0].lastSound == 1600)
        #expect(!buffer.isSpeaking(at: 700))
        #expect(buffer.isSpeaking(at: 800))
        #expect(buffer.isSpeaking(at: 2000))
        #expect(!buffer.isSpeaking(at: 2400))
    }

    @Test func itRunsEmptyOnce() {
        var buffer = buffer()
        _ = buffer.receive(TestVoices.botAudio(800), at: instant(0))
        let early = buffer.ranEmpty(by: instant(99))
        let due = buffer.ranEmpty(by: instant(100))
        let again = buffer.ranEmpty(by: instant(200))
        #expect(!early)
        #expect(due)
        #expect(!again)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func everySampleIsHeardOrFlushed(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var buffer = buffer()
        var now: Int64 = 0
        var received = 0
        var flushed = 0
        for _ in 0..<100 {
            now += Int64.random(in: 0...150, using: &generator)
            if Int.random(in: 0..<10, using: &generator) == 0 {
                flushed += buffer.flush(at: instant(now))
            } else {
                let count = Int.random(in: 1...1600, using: &generator)
                received += count
                _ = buffer.receive(
                    TestVoices.botAudio(count), at: instant(now))
            }
        }
        #expect(buffer.heard.count == buffer.end)
        let played = buffer.responses.reduce(0) { $0 + $1.end - $1.start }
        let missing = buffer.underruns.reduce(0) { $0 + $1.length }
        #expect(played - missing == received - flushed, "seed \(seed)")
        #expect(buffer.heard.filter { $0 != 0xFF }.count == received - flushed, "seed \(seed)")
    }
}

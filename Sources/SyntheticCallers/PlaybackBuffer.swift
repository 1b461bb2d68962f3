// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
package import NIOCore

/// A platform's buffer of the bot's audio, and so what the caller hears at each instant.
///
/// The platform plays whatever it has at 8 kHz without a break, so the place of every sample on
/// the timeline is known when its message arrives; nothing needs a tick. Positions count samples
/// from `origin`, the start of the call's media. What the caller heard is kept as mu-law when
/// asked for; 8000 bytes a second.
package struct PlaybackBuffer: Sendable {
    /// One answer of the bot, as heard.
    package struct Response: Hashable, Sendable {
        /// Its first message came in.
        package var arrived: MediaInstant
        /// Played from `start` up to `end`.
        package var start: Int
        package var end: Int
        /// Heard above the noise: first sample, and one past the last.
        package var firstSound: Int?
        package var lastSound: Int?
        package var messages: Int
        /// Samples that were in the buffer when it was flushed, so never heard.
        package var flushed: Int
    }

    /// The buffer ran dry while an answer was not finished.
    package struct Underrun: Hashable, Sendable {
        /// First missing sample.
        package var start: Int
        /// Missing samples.
        package var length: Int
    }

    package let origin: MediaInstant
    package private(set) var responses: [Response] = []
    package private(set) var underruns: [Underrun] = []
    /// One past the last sample that will be played.
    package private(set) var end = 0
    package private(set) var isPlaying = false
    /// Most samples waiting at once.
    package private(set) var highWater = 0
    /// Sum of squares and count of the samples looked at for the level, of messages with sound.
    package private(set) var energy = 0.0
    package private(set) var sounding = 0

    private let keepsAudio: Bool
    private var audible = ByteBuffer()
    private var nextBeginsResponse = true
    private var gapEndsResponse = false
    private let linear = MuLaw.linear

    /// What was heard, from `origin` on; empty when not kept. Copies it.
    package var heard: [UInt8] { Array(audible.readableBytesView) }

    /// Gaps of that length or longer end an answer, shorter ones are underruns.
    package static let responseGap = SampleRate.hz8000.samples(in: .milliseconds(1000))

    /// The mu-law code that was heard as `sample`; silence where nothing was, or nothing is kept.
    package func code(at sample: Int) -> UInt8 {
        guard sample >= 0, sample < audible.readableBytes else { return MuLaw.silence }
        return audible.getInteger(at: audible.readerIndex + sample) ?? MuLaw.silence
    }

    package init(origin: MediaInstant, keepsAudio: Bool) {
        self.origin = origin
        self.keepsAudio = keepsAudio
    }

    /// The sample that plays at `instant`, the next one between two.
    package func sample(at instant: MediaInstant) -> Int {
        let nanoseconds = (instant - origin).nanoseconds
        return Int((nanoseconds * 8 + 999_999) / 1_000_000)
    }

    package func instant(of sample: Int) -> MediaInstant {
        origin + SampleRate.hz8000.duration(of: sample)
    }

    /// When the buffer runs empty, nil while it is.
    package var emptyAt: MediaInstant? { isPlaying ? instant(of: end) : nil }

    /// Samples waiting at `instant`.
    package func level(at instant: MediaInstant) -> Int { max(0, end - sample(at: instant)) }

    /// Whether somebody listening at `sample` hears the bot, with half a second for its pauses.
    package func isSpeaking(at sample: Int) -> Bool {
        responses.contains { response in
            guard let first = response.firstSound, let last = response.lastSound else {
                return false
            }
            return first <= sample && sample < min(last + 4000, response.end)
        }
    }

    /// Takes one binary message. Returns whether playing starts with it.
    package mutating func receive(_ audio: ByteBuffer, at now: MediaInstant) -> Bool {
        let here = sample(at: now)
        let gap = here - end
        if nextBeginsResponse || gap >= (gapEndsResponse ? 1 : Self.responseGap) {
            begin(at: max(here, end), arrived: now)
        } else if gap > 0 {
            underruns.append(Underrun(start: end, length: gap))
        }
        let starts = !isPlaying
        isPlaying = true
        append(audio, at: max(here, end))
        highWater = max(highWater, end - here)
        return starts
    }

    private mutating func begin(at start: Int, arrived: MediaInstant) {
        nextBeginsResponse = false
        gapEndsResponse = false
        responses.append(
            Response(
                arrived: arrived, start: start, end: start, firstSound: nil, lastSound: nil,
                messages: 0, flushed: 0))
    }

    private mutating func append(_ audio: ByteBuffer, at start: Int) {
        let current = responses.count - 1
        let codes = audio.readableBytesUInt8Span
        var first = 0
        while first < codes.count, MuLaw.magnitude(codes[first]) < MuLaw.soundMagnitude {
            first += 1
        }
        if first < codes.count {
            var last = codes.count - 1
            while MuLaw.magnitude(codes[last]) < MuLaw.soundMagnitude { last -= 1 }
            if responses[current].firstSound == nil {
                responses[current].firstSound = start + first
            }
            responses[current].lastSound = start + last + 1
            measure(codes)
        }
        responses[current].messages += 1
        if keepsAudio {
            audible.writeRepeatingByte(MuLaw.silence, count: start - audible.readableBytes)
            audible.writeImmutableBuffer(audio)
        }
        end = start + codes.count
        responses[current].end = end
    }

    /// A quarter of the samples gives the level as well as all of them.
    private mutating func measure(_ codes: Span<UInt8>) {
        var sum: Int64 = 0
        for index in stride(from: 0, to: codes.count, by: 4) {
            let sample = Int64(linear[Int(codes[index])])
            sum &+= sample &* sample
            sounding &+= 1
        }
        energy += Double(sum)
    }

    /// Drops what has not been played. Returns how many samples that were.
    package mutating func flush(at now: MediaInstant) -> Int {
        nextBeginsResponse = true
        let here = min(max(sample(at: now), 0), end)
        let dropped = end - here
        isPlaying = false
        guard dropped > 0 else { return 0 }
        end = here
        if keepsAudio { audible.moveWriterIndex(to: here) }
        // Answers may have been queued behind one another: every one loses what lies after here.
        for index in responses.indices.reversed() {
            guard responses[index].end > here else { break }
            let kept = max(here, responses[index].start)
            responses[index].flushed += responses[index].end - kept
            responses[index].end = kept
            if let first = responses[index].firstSound, first >= kept {
                responses[index].firstSound = nil
                responses[index].lastSound = nil
            } else if let last = responses[index].lastSound {
                responses[index].lastSound = min(last, kept)
            }
        }
        return dropped
    }

    /// Tells whether the buffer has run empty by `now`; true once for each time it does.
    package mutating func ranEmpty(by now: MediaInstant) -> Bool {
        guard let emptyAt, emptyAt <= now else { return false }
        isPlaying = false
        return true
    }

    /// Forgets the answers that were over well before `sample`, and all underruns.
    package mutating func forget(before sample: Int) {
        let open = responses.count - 1
        let first = responses.indices.first {
            $0 == open || responses[$0].end > sample - Self.responseGap
        }
        responses.removeFirst(first ?? 0)
        underruns = []
        highWater = 0
    }

    /// The next message begins an answer, even behind one that still plays.
    package mutating func beginResponse() {
        nextBeginsResponse = true
    }

    /// The next gap ends the answer however short it is: the bot said so, or the caller has spoken.
    package mutating func expectResponse() {
        gapEndsResponse = true
    }
}

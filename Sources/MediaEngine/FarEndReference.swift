// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// What the caller heard of the bot, and when: the far end that an echo is looked for in.
///
/// Audio is laid down when it is handed to the platform, at the time at which the caller is
/// estimated to hear it, as mu-law at 8 kHz. Time is counted in samples of 8 kHz here ("places").
/// What follows on without a gap stays without a gap: an estimate that wanders by less than 20 ms
/// moves nothing, because a detector that has found the echo's delay wants it to stay.
///
/// Owned by its ``Playout``. A second takes two blocks of the pool; nothing else is allocated after
/// `init`. What no longer can be asked for is given back.
struct FarEndReference: ~Copyable {
    /// Samples of a detector's block.
    static let blockLength = 64
    static let rate = SampleRate.hz8000
    /// Estimates that differ by less are taken for the same.
    static let tolerance = 160
    /// The platform's word that it began to play moves what was laid down only when it differs by
    /// more: up to here a detector finds the delay as well.
    private static let startTolerance = 2000
    /// Kept beyond the limit: the estimate of what belongs together may move back, and an echo
    /// canceller looks further back.
    private static let slack = 8000
    private static let capacity = 64

    /// Audio without a gap, of responses that may all be interrupted, or none of them.
    private struct Stretch {
        var start: Int64
        var count: Int
        /// Index of its first byte.
        var first: Int
        let allowsBargeIn: Bool
        /// The platform has said that it plays.
        var isConfirmed = false

        var end: Int64 { start + Int64(count) }
    }

    private let limit: Int
    private var bytes: AudioBlockQueue
    private var stretches: [Stretch] = []
    /// Samples that were heard but not laid down, because the pool was exhausted.
    private(set) var lostCount = 0
    /// What follows is placed by its time, whatever was before.
    private var isInterrupted = false

    /// - Parameter offsetLimit: how much later than estimated the far end may be asked for.
    init(pool: AudioBlockPool, offsetLimit: MediaDuration) {
        bytes = AudioBlockQueue(pool: pool)
        limit = Self.rate.samples(in: offsetLimit)
        stretches.reserveCapacity(Self.capacity)
    }

    static func place(of instant: MediaInstant) -> Int64 {
        let length = 1_000_000_000 / Int64(rate.hertz)
        let (quotient, rest) = instant.nanoseconds.quotientAndRemainder(dividingBy: length)
        return rest < 0 ? quotient - 1 : quotient
    }

    // MARK: What is played

    /// Lays down audio that the caller will hear from `instant` on.
    /// - Parameters:
    ///   - audio: mu-law at 8 kHz.
    ///   - follows: whether the platform still had audio to play before it.
    mutating func append(
        _ audio: Span<UInt8>, heardAt instant: MediaInstant, follows: Bool, allowsBargeIn: Bool
    ) {
        guard audio.count > 0 else { return }
        let start = placeOfNext(Self.place(of: instant), follows: follows)
        var offset = 0
        while offset < audio.count {
            let length = min(AudioBlock.byteCount, audio.count - offset)
            guard bytes.append(audio.extracting(offset..<(offset + length))) else {
                lostCount += audio.count - offset
                isInterrupted = true
                break
            }
            extend(from: start + Int64(offset), by: length, allowsBargeIn: allowsBargeIn)
            offset += length
        }
    }

    /// Where the next sample belongs: behind the last one unless there is a gap.
    private mutating func placeOfNext(_ place: Int64, follows: Bool) -> Int64 {
        defer { isInterrupted = false }
        guard stretches.count > 0 else { return place }
        if isInterrupted {
            truncate(at: place)
            return place
        }
        let end = stretches[stretches.count - 1].end
        return follows || place - end < Int64(Self.tolerance) ? end : place
    }

    private mutating func extend(from start: Int64, by length: Int, allowsBargeIn: Bool) {
        let last = stretches.count - 1
        if last >= 0, stretches[last].end == start, stretches[last].allowsBargeIn == allowsBargeIn {
            stretches[last].count += length
            return
        }
        if stretches.count == Self.capacity {
            let oldest = stretches.remove(at: 0)
            bytes.release(before: oldest.first + oldest.count)
        }
        let newest = stretches.count - 1
        let isConfirmed =
            newest >= 0 && stretches[newest].end == start && stretches[newest].isConfirmed
        stretches.append(
            Stretch(
                start: start, count: length, first: bytes.end - length,
                allowsBargeIn: allowsBargeIn, isConfirmed: isConfirmed))
    }

    /// What would be heard from `now` on is not heard: the platform was told to drop it.
    mutating func clear(at now: MediaInstant) {
        truncate(at: Self.place(of: now))
        isInterrupted = true
    }

    /// The platform says that it began to play: what it was sent is heard from now on.
    mutating func restart(at now: MediaInstant) {
        let place = Self.place(of: now)
        var begin = 0
        while begin < stretches.count, stretches[begin].end <= place { begin += 1 }
        guard begin < stretches.count, !stretches[begin].isConfirmed,
            stretches[begin].start <= place
        else { return }
        // Back to where the platform had nothing.
        while begin > 0, stretches[begin - 1].end == stretches[begin].start { begin -= 1 }
        let shift = place - stretches[begin].start
        for index in begin..<stretches.count {
            stretches[index].isConfirmed = true
            if shift >= Int64(Self.startTolerance) { stretches[index].start += shift }
        }
    }

    /// The platform says that it has played everything: what comes next is placed by its time.
    ///
    /// What was laid down stays where it is, so that its echo is still known.
    mutating func complete() {
        isInterrupted = true
    }

    private mutating func truncate(at place: Int64) {
        while stretches.count > 0 {
            let last = stretches.count - 1
            guard stretches[last].end > place else { return }
            let kept = max(0, Int(place - stretches[last].start))
            bytes.truncate(at: stretches[last].first + kept)
            guard kept == 0 else {
                stretches[last].count = kept
                return
            }
            stretches.remove(at: last)
        }
    }

    // MARK: What is heard

    /// Whether what is heard at `place` may be interrupted; nil when nothing is.
    func allowsBargeIn(at place: Int64) -> Bool? {
        for index in 0..<stretches.count
        where stretches[index].start <= place && place < stretches[index].end {
            return stretches[index].allowsBargeIn
        }
        return nil
    }

    /// Makes ready for reading from `place` on.
    mutating func seek(to place: Int64) {
        for index in 0..<stretches.count
        where stretches[index].start <= place && place < stretches[index].end {
            bytes.seek(to: stretches[index].first + Int(place - stretches[index].start))
        }
    }

    /// Decodes what was heard from `place` on over all of `samples`.
    /// - Returns: false when nothing was; `samples` is silence then.
    func read(from place: Int64, into samples: inout MutableSpan<Int16>) -> Bool {
        let end = place + Int64(samples.count)
        for index in 0..<stretches.count
        where stretches[index].start <= place && end <= stretches[index].end {
            let first = stretches[index].first + Int(place - stretches[index].start)
            if bytes.decode(samples.count, from: first, into: &samples) { return true }
        }
        var isHeard = false
        for index in 0..<stretches.count
        where stretches[index].start < end && place < stretches[index].end {
            if !isHeard {
                isHeard = true
                for sample in samples.indices { samples[sample] = 0 }
            }
            let stretch = stretches[index]
            let from = max(place, stretch.start)
            let count = Int(min(end, stretch.end) - from)
            decode(
                count, from: stretch.first + Int(from - stretch.start), into: &samples,
                at: Int(from - place))
        }
        return isHeard
    }

    private func decode(
        _ count: Int, from index: Int, into samples: inout MutableSpan<Int16>, at offset: Int
    ) {
        var code = InlineArray<64, UInt8>(repeating: 0)
        var linear = InlineArray<64, Int16>(repeating: 0)
        var done = 0
        while done < count {
            let part = min(code.count, count - done)
            var room = code.mutableSpan
            bytes.copy(part, from: index + done, into: &room, at: 0)
            var decoded = linear.mutableSpan
            AudioCodec.decode(
                EncodedAudio(code.span.extracting(0..<part), format: .pcmu8000), into: &decoded)
            for sample in 0..<part {
                samples[offset + done + sample] = linear[sample]
            }
            done += part
        }
    }

    /// Gives up what was heard so long before `place` that nobody asks for it.
    mutating func release(before place: Int64) {
        let needed = place - Int64(limit + Self.slack)
        while stretches.count > 0, stretches[0].start < needed {
            let passed = min(stretches[0].count, Int(needed - stretches[0].start))
            bytes.release(before: stretches[0].first + passed)
            if passed == stretches[0].count {
                stretches.remove(at: 0)
            } else {
                stretches[0].start += Int64(passed)
                stretches[0].first += passed
                stretches[0].count -= passed
            }
        }
    }
}

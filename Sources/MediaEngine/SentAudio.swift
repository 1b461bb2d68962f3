// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Audio that the platform has and the caller has yet to hear, with when each part will play.
///
/// An estimate: the platform plays what it gets at once, in order and in real time.
struct SentAudio {
    struct Segment {
        var response: ResponseID
        var startsAt: MediaInstant
        var count: Int
    }

    private let rate: SampleRate
    private var segments: [Segment] = []
    private var first = 0
    /// When the caller will have heard everything sent.
    private(set) var playheadEnd: MediaInstant

    init(rate: SampleRate, now: MediaInstant) {
        self.rate = rate
        playheadEnd = now
        segments.reserveCapacity(Self.capacity)
    }

    /// Distinct stretches kept apart: more are joined to the last, which only blurs the estimate.
    private static let capacity = 64

    /// Samples not heard yet, in whole segments.
    var count: Int {
        var sum = 0
        for index in first..<segments.count { sum += segments[index].count }
        return sum
    }

    /// The response that is being heard; nil when none is.
    func response(heardAt now: MediaInstant) -> ResponseID? {
        for index in first..<segments.count
        where segments[index].startsAt + rate.duration(of: segments[index].count) > now {
            return segments[index].response
        }
        return nil
    }

    var isEmpty: Bool { first == segments.count }

    /// When the caller will have heard the oldest segment; nil when there is none.
    var nextEnd: MediaInstant? {
        guard first < segments.count else { return nil }
        return segments[first].startsAt + rate.duration(of: segments[first].count)
    }

    /// Time left until the playhead reaches the end; zero when it has.
    func lead(at now: MediaInstant) -> MediaDuration {
        max(.zero, playheadEnd - now)
    }

    /// - Returns: when the caller will hear it, and whether there was audio left to play before it.
    @discardableResult
    mutating func append(
        response: ResponseID, count: Int, now: MediaInstant
    ) -> (startsAt: MediaInstant, follows: Bool) {
        let follows = playheadEnd > now
        let startsAt = max(playheadEnd, now)
        playheadEnd = startsAt + rate.duration(of: count)
        if !isEmpty {
            let last = segments.count - 1
            let isContiguous =
                segments[last].startsAt + rate.duration(of: segments[last].count) >= startsAt
            if segments[last].response == response,
                isContiguous || segments.count - first == Self.capacity
            {
                segments[last].count += count
                return (startsAt, follows)
            }
        }
        compact()
        segments.append(Segment(response: response, startsAt: startsAt, count: count))
        return (startsAt, follows)
    }

    /// Removes and returns what has been heard by `now`, a stretch of one response at a time.
    mutating func popHeard(by now: MediaInstant) -> (response: ResponseID, count: Int)? {
        guard first < segments.count else { return nil }
        let segment = segments[first]
        let heard = min(segment.count, rate.samples(in: max(.zero, now - segment.startsAt)))
        guard heard > 0 else { return nil }
        if heard == segment.count {
            first += 1
            if isEmpty { removeSegments() }
        } else {
            segments[first].count -= heard
            segments[first].startsAt = segment.startsAt + rate.duration(of: heard)
        }
        return (segment.response, heard)
    }

    /// Removes and returns a stretch that the platform dropped.
    mutating func popFlushed(now: MediaInstant) -> (response: ResponseID, count: Int)? {
        playheadEnd = min(playheadEnd, now)
        guard first < segments.count else { return nil }
        let segment = segments[first]
        first += 1
        if isEmpty { removeSegments() }
        return (segment.response, segment.count)
    }

    /// The platform says that playing began now: everything shifts to start from here.
    mutating func restart(at now: MediaInstant) {
        guard first < segments.count, segments[first].startsAt < now else { return }
        let shift = now - segments[first].startsAt
        for index in first..<segments.count {
            segments[index].startsAt = segments[index].startsAt + shift
        }
        playheadEnd = playheadEnd + shift
    }

    /// The platform says that its buffer has run empty.
    mutating func complete(at now: MediaInstant) {
        playheadEnd = min(playheadEnd, now)
        for index in first..<segments.count {
            segments[index].startsAt =
                min(segments[index].startsAt, now - rate.duration(of: segments[index].count))
        }
    }

    private mutating func removeSegments() {
        segments.removeAll(keepingCapacity: true)
        first = 0
    }

    private mutating func compact() {
        guard first > 0, segments.count == Self.capacity else { return }
        segments.removeSubrange(0..<first)
        first = 0
    }
}

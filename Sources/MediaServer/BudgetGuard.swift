// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import MediaEngine

/// What the caller hears while the bot takes long to answer.
public struct Filler: Sendable {
    /// A short word, such as "one moment".
    public var clip: AudioClip
    /// How long after the caller's last voiced sample it begins.
    public var after: MediaDuration

    public init(clip: AudioClip, after: MediaDuration) {
        self.clip = clip
        self.after = after
    }
}

/// Watches over the wait for an answer: says when the filler begins, feeds it a little ahead of the
/// caller's ear, and fades it where the answer cuts it off. Reads no clock.
struct BudgetGuard {
    private enum Phase {
        case resting
        /// The caller's turn is over, and nothing has answered it.
        case waiting(until: MediaInstant)
        /// Samples of the filler were queued, up to this one.
        case filling(ResponseID, next: Int)
    }

    /// The filler is queued so far ahead: a packet of any platform, and a few ticks.
    private static let lead = MediaDuration.milliseconds(320)
    private static let fade = MediaDuration.milliseconds(10)

    private let filler: Filler
    private var phase = Phase.resting
    /// The filler that was begun last: what becomes of it is no news for the bot.
    private(set) var response: ResponseID?

    init(_ filler: Filler) {
        self.filler = filler
    }

    /// When there is something to do; nil while nothing is awaited.
    func deadline(at now: MediaInstant) -> MediaInstant? {
        switch phase {
        case .resting: nil
        case .waiting(let until): until
        case .filling: now
        }
    }

    mutating func turnEnded(_ turn: Turn) {
        phase = .waiting(until: turn.spokenEnd + filler.after)
    }

    /// Whether the filler is to begin now; ``began(_:)`` or ``rest()`` must follow.
    func isDue(at now: MediaInstant) -> Bool {
        guard case .waiting(let until) = phase else { return false }
        return until <= now
    }

    mutating func began(_ id: ResponseID) {
        response = id
        phase = .filling(id, next: 0)
    }

    /// Nothing is awaited any more, and nothing is fed.
    mutating func rest() { phase = .resting }

    /// What is to be queued now, where `remainder` is still to be heard.
    /// - Returns: the response, its next samples, and whether they are the last.
    mutating func feed(remainder: MediaDuration) -> (ResponseID, AudioClip, isLast: Bool)? {
        guard case .filling(let id, let next) = phase else { return nil }
        let count = filler.clip.rate.samples(in: Self.lead - remainder)
        guard count > 0 else { return nil }
        let end = min(next + count, filler.clip.samples.count)
        let isLast = end == filler.clip.samples.count
        phase = isLast ? .resting : .filling(id, next: end)
        return (id, clip(filler.clip.samples[next..<end]), isLast)
    }

    /// The answer begins: the filler ends where it is.
    /// - Returns: the response and what fades it out; nil when none is being fed.
    mutating func cut() -> (ResponseID, AudioClip)? {
        defer { phase = .resting }
        guard case .filling(let id, let next) = phase else { return nil }
        let length = filler.clip.rate.samples(in: Self.fade)
        let rest = filler.clip.samples[next...].prefix(length)
        let faded = rest.enumerated().map { index, sample in
            Int16(clamping: Int(sample) * (length - index) / (length + 1))
        }
        return (id, clip(faded[...]))
    }

    private func clip(_ samples: ArraySlice<Int16>) -> AudioClip {
        AudioClip(rate: filler.clip.rate, samples: Array(samples))
    }
}

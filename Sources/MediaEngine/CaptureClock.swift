// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Tells when a sample was spoken, from when packets arrive.
///
/// Arrival is never early, only late, so the least delayed packet of the last second fixes the
/// relation between the stream's positions and our clock. A lasting change of delay, or the
/// sender's clock running slower than ours, moves it at the next window's end.
struct CaptureClock {
    private let rate: SampleRate
    private let window: Int
    /// Instant at which position zero was spoken.
    private(set) var origin: MediaInstant?
    private var leastLateness = MediaDuration(nanoseconds: .max)
    private var windowStart = SamplePosition.start

    init(rate: SampleRate) {
        self.rate = rate
        window = rate.hertz
    }

    /// Takes note that everything before `end` had arrived at `now`.
    /// - Returns: how late this packet was against the least delayed ones.
    @discardableResult
    mutating func observe(end: SamplePosition, now: MediaInstant) -> MediaDuration {
        let candidate = now - rate.duration(of: Int(end.index))
        guard let current = origin, candidate > current else {
            origin = candidate
            leastLateness = .zero
            return .zero
        }
        let lateness = candidate - current
        leastLateness = min(leastLateness, lateness)
        if windowStart.distance(to: end) >= window {
            origin = current + leastLateness
            leastLateness = MediaDuration(nanoseconds: .max)
            windowStart = end
        }
        return lateness
    }

    /// When the sample before `position` was spoken; `fallback` before anything has arrived.
    func instant(of position: SamplePosition, fallback: MediaInstant) -> MediaInstant {
        guard let origin else { return fallback }
        return origin + rate.duration(of: Int(position.index))
    }

    /// Forgets the relation: the stream stopped and starts anew.
    mutating func reset() {
        origin = nil
        leastLateness = MediaDuration(nanoseconds: .max)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Keeps `event` messages below the platform's rate limit: a token bucket with a short queue.
///
/// The queue is bounded and drops the newest, because what was said first explains the rest.
struct GenesysEventPacer {
    enum Admission: Equatable {
        case now
        case later
        case dropped
    }

    private var interval = GenesysPolicy.eventInterval
    /// Time saved up for messages; one costs ``interval``.
    private var credit: MediaDuration
    private var updatedAt: MediaInstant
    private(set) var pending: [GenesysEvent] = []

    init(at now: MediaInstant) {
        updatedAt = now
        credit = Self.ceiling(interval)
    }

    private static func ceiling(_ interval: MediaDuration) -> MediaDuration {
        MediaDuration(nanoseconds: interval.nanoseconds * Int64(GenesysPolicy.eventBurst))
    }

    private mutating func refill(_ now: MediaInstant) {
        guard now > updatedAt else { return }
        credit = min(credit + (now - updatedAt), Self.ceiling(interval))
        updatedAt = now
    }

    /// Whether `event` may leave now; it is kept when it may leave later.
    mutating func admit(_ event: GenesysEvent, at now: MediaInstant) -> Admission {
        refill(now)
        if event.isBargeIn {
            // Never waits: until it arrives the caller hears the old answer.
            credit = max(credit - interval, .zero)
            return .now
        }
        if pending.isEmpty, credit >= interval {
            credit = credit - interval
            return .now
        }
        guard pending.count < GenesysPolicy.eventQueueCapacity else { return .dropped }
        pending.append(event)
        return .later
    }

    /// When the next waiting event may leave; nil when none waits.
    var dueAt: MediaInstant? {
        pending.isEmpty ? nil : updatedAt + max(.zero, interval - credit)
    }

    /// The next waiting event whose turn has come.
    mutating func nextDue(at now: MediaInstant) -> GenesysEvent? {
        guard !pending.isEmpty else { return nil }
        refill(now)
        guard credit >= interval else { return nil }
        credit = credit - interval
        return pending.removeFirst()
    }

    /// Everything that waits, regardless of the pace: the session ends.
    mutating func takePending() -> [GenesysEvent] {
        defer { pending = [] }
        return pending
    }

    /// The client complained: nothing for `pause`, then at half the pace.
    mutating func slowDown(for pause: MediaDuration, at now: MediaInstant) {
        let doubled = MediaDuration(nanoseconds: interval.nanoseconds * 2)
        interval = min(doubled, GenesysPolicy.slowestEventInterval)
        // The credit reaches the price of one message when the pause is over.
        credit = interval - pause
        updatedAt = now
    }
}

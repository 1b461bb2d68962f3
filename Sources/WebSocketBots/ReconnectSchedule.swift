// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// When a lost or refused connection to a bot is tried again, and when it is given up.
struct ReconnectSchedule {
    private static let firstDelay = MediaDuration.milliseconds(200)
    private static let longestDelay = MediaDuration.milliseconds(3000)
    /// A connection that held for so long begins the count anew.
    private static let sound = MediaDuration.milliseconds(10_000)

    private let limit: Int
    /// Failures in a row.
    private var failures = 0
    private var establishedAt: MediaInstant?
    /// When the next attempt is due; nil while none waits.
    private(set) var due: MediaInstant?

    /// - Parameter limit: attempts in a row after the first one; zero tries once.
    init(limit: Int) {
        self.limit = limit
    }

    /// The bot has answered on a new connection.
    mutating func established(at now: MediaInstant) {
        establishedAt = now
    }

    /// An attempt failed, or the connection was lost.
    /// - Returns: false when the bot is given up.
    mutating func failed(at now: MediaInstant) -> Bool {
        if let establishedAt, now - establishedAt >= Self.sound { failures = 0 }
        establishedAt = nil
        guard failures < limit else { return false }
        let delay = MediaDuration(nanoseconds: Self.firstDelay.nanoseconds << min(failures, 8))
        failures += 1
        due = now + min(delay, Self.longestDelay)
        return true
    }

    /// Whether an attempt is due now; it is then under way.
    mutating func takeDue(at now: MediaInstant) -> Bool {
        guard let due, due <= now else { return false }
        self.due = nil
        return true
    }
}

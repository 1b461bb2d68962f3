// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import Foundation
internal import MediaServer

/// The time that tokens and keys are judged by: a value, so that tests have their own.
public struct WebexTokenClock: Sendable {
    /// Wall-clock seconds since 1970: what tokens carry.
    public var unixSeconds: @Sendable () -> Int64
    /// What ages of keys are measured with.
    public var now: @Sendable () -> MediaInstant
    /// Waits between the tries of a fetch.
    public var sleep: @Sendable (MediaDuration) async -> Void

    public init(
        unixSeconds: @escaping @Sendable () -> Int64, now: @escaping @Sendable () -> MediaInstant,
        sleep: @escaping @Sendable (MediaDuration) async -> Void
    ) {
        self.unixSeconds = unixSeconds
        self.now = now
        self.sleep = sleep
    }

    /// The operating system's clocks.
    public static let system = WebexTokenClock(
        unixSeconds: { Int64(Date().timeIntervalSince1970) },
        now: { MonotonicClock.now() },
        sleep: { try? await Task.sleep(nanoseconds: UInt64(max(0, $0.nanoseconds))) })
}

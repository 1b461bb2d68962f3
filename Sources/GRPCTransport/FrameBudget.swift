// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// How much useless work a peer may cause: a bucket that time and useful octets refill.
///
/// Floods of frames that cost their sender nothing (CVE-2019-9511 to 9518, CVE-2023-44487,
/// CVE-2024-27316, CVE-2025-8671) empty it; no honest client comes near.
struct FrameBudget {
    private static let refillPerSecond: Int64 = 2_000

    private let capacity: Int64
    private var tokens: Int64
    private var refilled: NIODeadline

    /// - Parameter streams: the most streams at a time; all of them may be cancelled at once.
    init(streams: Int, now: NIODeadline) {
        capacity = 10_000 + 20 * Int64(streams)
        tokens = capacity
        refilled = now
    }

    /// - Parameter useful: frames with something in them, either way, since the last charge.
    /// - Returns: false when the budget is overdrawn.
    mutating func charge(
        _ charge: HTTP2Charge, useful: Int64, now: @autoclosure () -> NIODeadline
    ) -> Bool {
        tokens = min(capacity, tokens + 2 * useful) - Self.cost(of: charge)
        guard tokens < 0 else { return true }
        let now = now()
        let passed = now - refilled
        refilled = now
        tokens = min(
            capacity, tokens + passed.nanoseconds / 1_000 * Self.refillPerSecond / 1_000_000)
        return tokens >= 0
    }

    private static func cost(of charge: HTTP2Charge) -> Int64 {
        switch charge {
        case .settings, .resetByUs, .invalidFrame: 20
        case .resetByPeer: 10
        case .ping: 5
        case .priority, .emptyData: 2
        case .windowUpdate: 1
        case .hugeHeaders, .unreadAnswers: 1_000_000_000
        }
    }
}

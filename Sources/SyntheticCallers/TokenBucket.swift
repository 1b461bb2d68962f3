// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// How many messages a platform takes: a sustained rate with a burst on top.
public struct MessageRate: Hashable, Sendable {
    /// Messages per second in the long run.
    public var sustained: Double
    /// Messages that may come at once after a quiet time.
    public var burst: Int

    public init(sustained: Double, burst: Int) {
        precondition(sustained > 0 && burst >= 1, "A message rate lets something through")
        self.sustained = sustained
        self.burst = burst
    }
}

/// The meter behind a ``MessageRate``: full at first, one token a message, refilled by time.
package struct TokenBucket: Sendable {
    private let rate: MessageRate
    private var tokens: Double
    private var last: MediaInstant?

    package init(_ rate: MessageRate) {
        self.rate = rate
        tokens = Double(rate.burst)
    }

    /// Whether a message at `now` is within the rate. One that is not takes no token.
    package mutating func take(at now: MediaInstant) -> Bool {
        if let last {
            tokens = min(Double(rate.burst), tokens + (now - last).seconds * rate.sustained)
        }
        last = now
        // Refilling sums binary fractions: a message exactly on the rate must not fail by rounding.
        guard tokens >= 1 - 1e-6 else { return false }
        tokens -= 1
        return true
    }
}

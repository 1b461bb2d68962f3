// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// How likely a block is to hold speech, from 0 to 1.
///
/// It is an estimate of a trained net: over many blocks given 0.8, about four in five hold speech
/// where the line is like those it was trained on.
public struct SpeechProbability: Hashable, Sendable, Comparable {
    /// 0 to 1.
    public let value: Float

    /// Values outside 0...1 are taken as the nearer end; what is no number as 0.
    public init(_ value: Float) {
        self.value = value >= 0 ? min(value, 1) : 0
    }

    /// The probability whose logarithm of odds is `logit`, within 0.0007: a rational function, so
    /// that it is the same on every machine.
    package init(logit: Float) {
        let x = max(-16, min(16, logit * 0.5))
        let square = x * x
        let above = x * (square * (square + 105) + 945)
        let below = square * (square * 15 + 420) + 945
        self.init(0.5 + 0.5 * max(-1, min(1, above / below)))
    }

    public static let none = SpeechProbability(0)

    @inlinable
    public static func < (left: SpeechProbability, right: SpeechProbability) -> Bool {
        left.value < right.value
    }
}

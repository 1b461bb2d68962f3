// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Two tones, and what says whether a key makes them. Durations are in windows of 8 ms.
struct TonePair: Hashable, Sendable {
    /// Lanes of the tones.
    var low: Int
    var high: Int
    /// How long both have held until now.
    var duration: Float
    /// Mean squares while they hold.
    var lowPower: Float
    var highPower: Float
    /// Their share of the line's power.
    var share: Float
    /// Agreement of each window with the next, 0...1: one steady tone or something that moves.
    var purity: Float
    /// Their shares of the power of their groups of four.
    var lowShare: Float
    var highShare: Float

    /// The stronger tone's power over the weaker one's.
    private var twist: Float { max(lowPower / highPower, highPower / lowPower) }

    /// Nothing else is on the line: the tolerances of Q.24 hold.
    private var isClean: Bool { share >= 0.93 && purity >= 0.95 }

    /// How much more this is like a key under an echo than like the echo alone: weights of a
    /// logistic regression over keys, prompts and callers, rounded, with the threshold taken off.
    var score: Float {
        0.7 * min(duration, 7) + 12 * min(share, 1).squareRoot() + 8.8 * purity
            - 2.9 * min(twist, 10) + 12 * lowShare + 4.6 * highShare - 31.2
    }

    /// 31 ms are a digit where nothing else is heard: more than the 23 ms to be refused by as much
    /// as less than the 40 ms to be taken. Under other sound it takes 38 ms.
    var isDigit: Bool {
        isClean ? duration >= 3.9 : duration >= 4.8 && score >= 0
    }
}

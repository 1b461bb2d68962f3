// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

/// The gain of the echo path in each band: the 0.9 quantile of how far the returned level lies
/// above the predicted one, learned while the prompt plays.
///
/// A quantile and not a mean, because the question is how loud the echo *may* be. A caller on top
/// of it would raise the estimate: while there is excess that does not follow the prompt, learning
/// slows to an eighth. A line that stays at its floor while the far end is loud, for longer than any
/// echo is late, returns nothing: there the gain falls fast, so that callers on lines without echo
/// are believed from the first prompt on. A value with no allocation, 100 octets.
package struct ReturnGain: Sendable {
    private static let initial: Float = -10
    private static let lowest: Float = -60
    private static let quickBlocks = 40
    /// In dB per block, where nothing returns: from the initial gain to an echo nobody hears in 0.7 s.
    private static let fallInSilence: Float = 0.4

    /// In dB, 0 at most.
    package private(set) var level = BandValues(repeating: initial)
    /// Blocks learned from since the path last changed.
    private(set) var age = 0
    private let isFixed: Bool

    /// - Parameter isFixed: keeps the initial gain, to measure what learning is worth.
    init(isFixed: Bool = false) {
        self.isFixed = isFixed
    }

    /// How the learning of one block is slowed.
    struct Caution {
        var isLocked: Bool
        var meanExcess: Float
        var shortCorrelation: Float
        /// Mean of the predicted level over the floor, in dB.
        var margin: Float
        /// Whether the line is at its floor although echo of the far end should be on it by now.
        var returnsNothing = false

        fileprivate var share: Float {
            if margin < -4 { return 0 }
            if returnsNothing { return 1 }
            if !isLocked { return 0.15 }
            if meanExcess < 2 { return 1 }
            return shortCorrelation > 0.4 ? 0.8 : 0.12
        }
    }

    /// Learns from one block.
    mutating func observe(
        _ returned: BandValues, power: BandValues, floor: BandValues, caution: Caution
    ) {
        let share = isFixed ? 0 : caution.share
        guard share > 0 else { return }
        let isQuick = age < Self.quickBlocks
        let fall: Float =
            caution.returnsNothing ? Self.fallInSilence : (isQuick ? 0.12 : 0.04)
        let pace = sk_gain_pace(
            up: (isQuick ? 0.9 : 0.35) * share, down: fall,
            initial: Self.initial, lowest: Self.lowest)
        SpectralKernels.followGain(
            returned, power: power, floor: floor, pace: pace, gain: &level)
    }

    mutating func countBlock() {
        age &+= 1
    }

    /// Starts again: the echo has another path now.
    mutating func restart() {
        level = BandValues(repeating: Self.initial)
        age = 0
    }
}

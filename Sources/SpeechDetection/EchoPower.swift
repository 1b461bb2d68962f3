// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Predicts from the far end how loud its echo can be now, before the path's gain.
///
/// In each band the highest level that the far end had at any plausible lag, falling by 11 dB per
/// 64 ms at most: the reverberant tail. Levels are kept in half decibels for 96 blocks. Owned by
/// one call, 2.5 KB; allocates in `init` only.
package struct EchoPower: Sendable {
    /// How fast a tail may fall: a reverberation time of 340 ms, in dB per block.
    private static let decay: Float = 1.4
    private static let silence: Float = -20

    /// The level of the echo at a gain of 0 dB, by the plausible lags.
    package private(set) var level = BandValues(repeating: silence)
    /// The same if echo were possible at every lag.
    package private(set) var highest = BandValues(repeating: silence)

    private var levels = [UInt8](repeating: 0, count: SpectralKernels.levelOctets)
    private var head = 0

    mutating func observeFar(_ far: BandValues) {
        head = (head == 0 ? EchoDelay.slotCount : head) - 1
        SpectralKernels.insert(far, into: &levels, head: head)
    }

    /// - Parameters:
    ///   - isLocked: before the delay has been found, every lag is taken for plausible.
    ///   - holds: whether levels are held, because echo may come later than any lag.
    mutating func predict(
        plausible: InlineArray<96, UInt8>, isLocked: Bool, holds: Bool = false
    ) {
        SpectralKernels.followFar(
            &levels, head: head, wanted: isLocked ? plausible : nil,
            decay: holds ? 0 : Self.decay, level: &level, highest: &highest)
    }

    /// Asks for the far end's past to be brought near.
    mutating func fetch() { SpectralKernels.fetch(elementsOf: &levels) }

    /// Forgets the far end's past.
    mutating func clearHistory() {
        for index in levels.indices {
            levels[index] = 0
        }
        level = BandValues(repeating: Self.silence)
        highest = level
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

/// How far the near end's noise reaches above its floor in each band: the 0.9 quantile, learned
/// where no echo is to be expected.
///
/// Steady noise stays within a few decibels of its floor; babble, streets and music do not, and
/// their peaks are no interruption. Learned slowly, so that a word of the caller's changes little,
/// and slower still while something stands out. A value with no allocation, owned by one call.
struct NoiseCeiling: Sendable {
    private static let initial: Float = 3
    private static let lowest: Float = 2
    private static let highest: Float = 12
    private static let quickBlocks = 100

    /// Of each band, in dB above the floor.
    private(set) var height = BandValues(repeating: initial)
    private var age = 0

    /// The mean over the bands.
    var mean: Float {
        SpectralKernels.meanMargin(
            height, over: BandValues(repeating: 0), limitedTo: 0...Self.highest)
    }

    /// Learns from the bands of one block in which `echo`, the level predicted for it, lies under
    /// the floor.
    mutating func observe(
        _ levels: BandValues, floor: BandValues, echo: BandValues, gain: BandValues,
        meanExcess: Float
    ) {
        let pace: Float = (age < Self.quickBlocks ? 4 : 1) * (meanExcess > 2 ? 0.25 : 1)
        age = min(age &+ 1, Self.quickBlocks)
        SpectralKernels.followHeight(
            levels, floor: floor, echo: echo, gain: gain,
            pace: sk_height_pace(
                up: 0.05 * pace, down: 0.0055 * pace, lowest: Self.lowest, highest: Self.highest),
            height: &height)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

/// What the barge-in net sees of one block: 27 numbers, each with four leaky means of its past.
///
/// Owned by one call; a value with no allocation.
package struct BargeInFeatures: Sendable {
    package static let count = 27
    /// With one place that stays zero: the net takes its inputs in pairs.
    static let inputCount = 5 * count + 1
    /// Names in order, for the training program.
    package static let names = [
        "excess", "signed_excess", "share_above", "share_below", "low_excess", "high_excess",
        "near_snr", "residual_snr", "echo_margin", "residual_correlation", "near_correlation",
        "voicing", "enhancement", "locked", "coherence", "coherence_margin", "leakage", "gain_age",
        "fast_coherence", "plausible_share", "certain_excess", "instant_coherence", "near_excess",
        "cancels", "ceiling_excess", "ceiling", "voice",
    ]

    /// Two for the last blocks, then what the last 0.7 s and the last 2.7 s were like: the ground
    /// against which an interruption stands out, and whether the line has noises of its own.
    private static let shares: InlineArray<4, Float> = [0.25, 0.07, 0.012, 0.003]

    /// The newest block's numbers, and their means, from the quickest to the slowest.
    package private(set) var inputs = InlineArray<136, Float>(repeating: 0)

    /// How far the residual exceeds the echo at whatever lag, in dB, over the last blocks.
    var certainExcess: Float { inputs[Self.count + 20] }

    /// 0...1, of the newest block.
    package var voicing: Float { inputs[11] }

    /// Takes the numbers of the next block.
    mutating func observe(_ values: InlineArray<27, Float>) {
        SpectralKernels.follow(values, by: Self.shares, inputs: &inputs)
    }
}

/// How far a signal's bands lie above what the echo and the noise explain.
struct BandExcess {
    /// Means over the bands of the excess where positive, of all of it, and of its positive part
    /// among the lower nine bands and the others.
    var positive: Float = 0
    var signed: Float = 0
    var low: Float = 0
    var high: Float = 0
    /// Shares of the bands that lie more than 2 dB above and below.
    var shareAbove: Float = 0
    var shareBelow: Float = 0

    /// Mean of the positive excess over the echo and the noise's ceiling.
    var aboveCeiling: Float = 0

    private static let lowBands = 9

    init(
        of levels: BandValues, power: BandValues, gain: BandValues, floor: BandValues,
        ceiling: NoiseCeiling
    ) {
        let sums = SpectralKernels.bandExcess(
            levels, power: power, gain: gain, floor: floor, height: ceiling.height)
        let count = Float(BandSpectrum.bandCount)
        positive = sums.positive / count
        signed = sums.balance / count
        low = sums.low / Float(Self.lowBands)
        high = (sums.positive - sums.low) / Float(BandSpectrum.bandCount - Self.lowBands)
        shareAbove = sums.above / count
        shareBelow = sums.below / count
        aboveCeiling = sums.ceiling / count
    }
}

/// The correlation of two signals' patterns over the last 100 ms.
struct PatternCorrelation: Sendable {
    private static let keep: Float = 0.92

    private var product: Float = 0
    private var energy: Float = 0.001
    private var otherEnergy: Float = 0.001

    /// -1...1.
    var value: Float { product / (energy * otherEnergy + 1).squareRoot() }

    mutating func observe(_ pattern: BandValues, _ other: BandValues) {
        let (product, energy, otherEnergy) = SpectralKernels.patternProducts(pattern, other)
        self.product = Self.keep * self.product + product
        self.energy = Self.keep * self.energy + energy
        self.otherEnergy = Self.keep * self.otherEnergy + otherEnergy
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What the voice activity net is shown of a block.
///
/// The net has a memory of its own; these say only how the block stands out of the noise, what
/// shape its spectrum has whatever its level, how fast it changes and how periodic it is.
package struct VoiceActivityFeatures: Sendable {
    package static let count = 48
    /// The names of all features in their order, for those who train the net.
    package static var names: [String] {
        (0..<BandSpectrum.bandCount).map { "above_floor_\($0)" }
            + (0..<BandSpectrum.bandCount).map { "shape_\($0)" }
            + ["level", "voicing", "pitch_steadiness", "flux", "pitch", "age"]
    }

    /// Blocks after which the noise floor is as good as it gets.
    private static let maturity = 200

    package private(set) var values = InlineArray<48, Float>(repeating: 0)
    /// Mean level of the bands in dB.
    package private(set) var meanLevel: Float = 0
    /// Bands more than 3 dB above the floor.
    package private(set) var bandsAboveFloor = 0

    private var before = BandValues(repeating: 0)
    private var periodBefore: Float = 0
    private var age = 0

    package init() {}

    /// Looks at the next block: its levels, the noise floor after it, and its pitch.
    package mutating func observe(
        _ levels: BandValues, floor: BandValues, voicing: Float, period: Float
    ) {
        let found = SpectralKernels.features(
            levels, floor: floor, before: &before, into: &values)
        meanLevel = found.mean
        bandsAboveFloor = found.bandsAboveFloor
        values[42] = found.mean * 0.05 - 2
        values[43] = 2 * voicing
        values[44] = 2 * voicing * steadiness(of: period)
        values[45] = found.change * 0.2
        values[46] = voicing * (period * 0.02 - 1)
        values[47] = Float(age) * (1 / Float(Self.maturity))
        periodBefore = period
        age = min(age &+ 1, Self.maturity)
    }

    /// 1 where the period is that of the block before, 0 where it differs by a fifth or more.
    private func steadiness(of period: Float) -> Float {
        guard period > 0, periodBefore > 0 else { return 0 }
        return max(0, 1 - 5 * abs(period - periodBefore) / periodBefore)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// How periodic a signal is, and its period: the normalised correlation of the signal at 2 kHz with
/// its own past, 2.5 to 15 ms back, over about the last 25 ms.
///
/// A value with no allocation, owned by one call; a block costs some 0.03 us.
package struct PitchAnalysis: Sendable {
    /// What each block leaves of the sums of earlier ones.
    private static let kept: Float = 0.7
    /// The pole that takes hum and a line's offset away, at 2 kHz. Before it, sums of eight samples
    /// leave little above 0.7 kHz: harmonics there miss the period's place between two samples.
    private static let highPass: Float = 0.8

    /// 0 for noise to 1 for a periodic signal.
    package private(set) var voicing: Float = 0
    /// The period in samples at 8 kHz, with a fraction, 0 where there is none. It means something
    /// where voicing is high.
    package private(set) var period: Float = 0

    /// The last 32 samples at 2 kHz, then room for a block's 16.
    private var samples = InlineArray<48, Float>(repeating: 0)
    private var sums = SpectralKernels.PitchSums()
    private var filter = SpectralKernels.PitchFilter()

    package init() {}

    /// Takes the next 64 samples at 8 kHz.
    package mutating func observe(_ block: Span<Float>) {
        SpectralKernels.decimate(
            block, pole: Self.highPass, filter: &filter, into: &samples, from: 32)
        let found = SpectralKernels.observePitch(samples.span, kept: Self.kept, sums: &sums)
        voicing = found.strength
        period = 4 * found.lag
        for index in 0..<32 {
            samples[index] = samples[16 &+ index]
        }
    }
}

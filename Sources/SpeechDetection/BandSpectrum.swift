// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A number for each band, rounded up to whole vectors: the last three lanes belong to no band.
package typealias BandValues = InlineArray<24, Float>

/// The analysis of one signal at 8 kHz: what its newest two blocks hold in each of 21 bands.
///
/// Powers are those of samples in units of 16-bit integers under a Hann window of 16 ms: noise of
/// mean square s gives 2 s in each band. A value with no allocation, 1.2 KB, owned by one call; a
/// block costs one half-empty transform, about 0.1 us.
package struct BandSpectrum: Sendable {
    /// Bands between bins 3 and 57 of 62.5 Hz.
    package static let bandCount = 21
    /// The first bin of each band, and the bin after the last: 188...3560 Hz.
    package static let edges = [
        3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 23, 26, 29, 32, 36, 40, 44, 48, 52, 57,
    ]

    /// The newest block behind 64 zeros.
    package private(set) var spectrum = Spectrum()
    /// The block before it behind 64 zeros.
    package private(set) var previous = Spectrum()
    /// Mean power of each band.
    package private(set) var power = BandValues(repeating: 0)
    /// 10 log10(power + 0.001), so never below -30 dB.
    package private(set) var level = BandValues(repeating: -30)

    package init() {}

    /// False for a block that is silent to the bit: one step of any codec makes 14 dB somewhere.
    package static func holdsSound(_ levels: BandValues) -> Bool {
        for band in 0..<bandCount where levels[band] > 0 { return true }
        return false
    }

    /// Takes the next 64 samples.
    package mutating func analyze(_ block: Span<Float>) {
        SpectralKernels.analyze(
            block, spectrum: &spectrum, previous: &previous, power: &power, level: &level)
    }
}

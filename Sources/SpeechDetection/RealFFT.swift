// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Bins 0...63 of a 128-point transform of real samples.
///
/// A value of 512 octets.
package struct Spectrum: Sendable {
    package static let binCount = 64

    /// The real parts of all bins, then the imaginary ones. Bins 0 and 64 are real: bin 0's
    /// imaginary place holds bin 64.
    package var values = InlineArray<128, Float>(repeating: 0)

    package init() {}
}

/// The one transform of the detectors: 128 real samples, of which 64 are new with each block.
///
/// A block is transformed once, behind 64 zeros. The spectrum of two blocks in a row is the later
/// one's plus the earlier one's with the bins of odd number turned around, as a shift by half the
/// transform does. So a signal costs one transform a block, and that one is half empty.
package enum RealFFT {
    /// Samples of a block: 8 ms at 8 kHz.
    package static let blockLength = 64

    /// The spectrum of 64 zeros followed by `block`.
    package static func forward(_ block: Span<Float>, into spectrum: inout Spectrum) {
        SpectralKernels.forward(block, into: &spectrum)
    }

    /// The 128 samples that `spectrum` is the transform of.
    package static func inverse(_ spectrum: Spectrum, into samples: inout MutableSpan<Float>) {
        SpectralKernels.inverse(spectrum, into: &samples)
    }

    /// The spectrum of two blocks in a row, from that of each behind 64 zeros.
    package static func join(
        _ spectrum: Spectrum, after previous: Spectrum, into full: inout Spectrum
    ) {
        SpectralKernels.join(spectrum, after: previous, into: &full)
    }
}

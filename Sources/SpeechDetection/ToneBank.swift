// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Glibc

/// Correlates a window of 16 ms with the eight DTMF tones.
///
/// Sums of integer products: exact, so the same on every machine whatever its vector width. Lanes
/// 0-3 of a result are the rows, 4-7 the columns.
enum ToneBank {
    /// Samples of a window at 8 kHz.
    static let window = SpectralKernels.toneWindow
    static let tones = 8

    /// The frequencies by lane, in hertz.
    static let frequencies = DTMFDigit.rowFrequencies + DTMFDigit.columnFrequencies

    /// Chosen so that no sum over a window of extreme samples leaves 32 bits.
    private static let amplitude = 1400.0

    /// What turns a squared magnitude into the mean square of the tone alone.
    static let powerScale = Float(2 / (amplitude * amplitude * Double(window * window) / 4))

    /// A cosine and a sine row for each tone, under a Hann window.
    private static let rows: [Int16] = frequencies.flatMap { frequency in
        [0, Double.pi / 2].flatMap { quarter in
            (0..<window).map { index in
                let centred = Double(index) - Double(window - 1) / 2
                let weight = 0.5 + 0.5 * cos(2 * .pi * centred / Double(window))
                let phase = 2 * .pi * frequency * centred / 8000 - quarter
                return Int16((amplitude * weight * cos(phase)).rounded())
            }
        }
    }

    /// - Precondition: `samples` is one window.
    static func correlate(_ samples: Span<Int16>) -> (real: SIMD8<Float>, imaginary: SIMD8<Float>) {
        let sums = SpectralKernels.tones(samples, rows.span)
        return (SIMD8<Float>(sums.evenHalf), SIMD8<Float>(sums.oddHalf))
    }
}

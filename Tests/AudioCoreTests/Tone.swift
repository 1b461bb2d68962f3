// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Glibc

/// A sine wave, and what is left of it in a signal.
struct Tone {
    let hertz: Double
    let amplitude: Double

    func samples(_ count: Int, at rate: SampleRate) -> [Int16] {
        (0..<count).map { index in
            let phase = 2 * Double.pi * hertz * Double(index) / Double(rate.hertz)
            return Int16((amplitude * sin(phase)).rounded())
        }
    }

    /// Amplitude of a frequency in `samples` and RMS of everything else, by least squares.
    static func fit(
        _ hertz: Double, in samples: ArraySlice<Int16>, at rate: SampleRate
    ) -> (amplitude: Double, residual: Double) {
        let step = 2 * Double.pi * hertz / Double(rate.hertz)
        var (cc, ss, cs, cx, sx, xx) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for (index, sample) in samples.enumerated() {
            let c = cos(step * Double(index))
            let s = sin(step * Double(index))
            let x = Double(sample)
            cc += c * c
            ss += s * s
            cs += c * s
            cx += c * x
            sx += s * x
            xx += x * x
        }
        let determinant = cc * ss - cs * cs
        let a = (cx * ss - sx * cs) / determinant
        let b = (sx * cc - cx * cs) / determinant
        let rest = max(0, xx - a * cx - b * sx)
        return ((a * a + b * b).squareRoot(), (rest / Double(samples.count)).squareRoot())
    }

    static func rms(_ samples: ArraySlice<Int16>) -> Double {
        let sum = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        return (sum / Double(samples.count)).squareRoot()
    }

    static func decibels(_ ratio: Double) -> Double { 20 * log10(ratio) }
}

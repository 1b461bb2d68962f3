// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Levels of 16-bit audio in dBov: decibels relative to the overload point, a full-scale square
/// wave (ITU-T G.100.1). Full scale is 32,768.
package enum Level {
    /// The level of a mean square; -infinity for silence.
    package static func dBov(meanSquare: Double) -> Float {
        meanSquare > 0 ? Float(10 * log10(meanSquare / (32768 * 32768))) : -.infinity
    }

    /// The amplitude of a steady signal of that level.
    package static func amplitude(dBov: Float) -> Float {
        32768 * Float(pow(10, Double(dBov) / 20))
    }
}

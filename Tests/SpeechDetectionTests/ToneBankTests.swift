// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Testing

@testable import SpeechDetection

@Suite struct ToneBankTests {
    @Test func aToneHasItsPowerAndPhaseInItsLane() {
        for (lane, frequency) in ToneBank.frequencies.enumerated() {
            let phase = 0.3 + Double(lane)
            let samples = (0..<ToneBank.window).map { index in
                let time = (Double(index) - Double(ToneBank.window - 1) / 2) / 8000
                return Int16((9000 * cos(2 * .pi * frequency * time + phase)).rounded())
            }
            let (real, imaginary) = ToneBank.correlate(samples.span)
            let power = (real * real + imaginary * imaginary) * ToneBank.powerScale
            let expected: Float = 9000 * 9000 / 2
            #expect(abs(power[lane] - expected) < 0.01 * expected)
            let turned = atan2(-Double(imaginary[lane]), Double(real[lane]))
            let error = remainder(turned - phase, 2 * .pi)
            #expect(abs(error) < 0.01)
        }
    }

    /// The worst input for a sum is the extreme sample with the sign of each coefficient, which a
    /// square wave of the tone comes close to.
    @Test func extremeSamplesDoNotOverflow() {
        for (lane, frequency) in ToneBank.frequencies.enumerated() {
            let samples = (0..<ToneBank.window).map { index -> Int16 in
                let time = (Double(index) - Double(ToneBank.window - 1) / 2) / 8000
                return cos(2 * .pi * frequency * time) < 0 ? .min : .max
            }
            let (real, _) = ToneBank.correlate(samples.span)
            // A square wave's fundamental is 4 / pi as large as the wave.
            let expected: Float = 32_768 * 4 / .pi * 1400 * 32
            #expect(abs(real[lane] - expected) < 0.15 * expected)
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A voice with moving pitch and formants, syllables and fricatives, at -20 dBov or so, at 8 kHz.
struct MovingVoice {
    var pitch: Double
    var seed: UInt32

    func waveform(seconds: Double) -> [Double] {
        var noise = seed
        var phase = 0.0
        return (0..<Int(seconds * 8000)).map { index in
            let time = Double(index) / 8000
            noise = noise &* 1_664_525 &+ 1_013_904_223
            let frequency = pitch * (1 + 0.15 * sin(2.1 * time) + 0.06 * sin(9.7 * time))
            phase += 2 * .pi * frequency / 8000
            let first = 550 + 250 * sin(5.3 * time)
            let second = 1500 + 500 * sin(3.7 * time + 1)
            var sum = 0.0
            for harmonic in 1...24 where frequency * Double(harmonic) < 3700 {
                let place = frequency * Double(harmonic)
                let gain =
                    exp(-pow((place - first) / 180, 2)) + 0.5 * exp(-pow((place - second) / 200, 2))
                    + 0.05
                sum += gain * sin(Double(harmonic) * phase)
            }
            let syllable = max(0, sin(2 * .pi * 3.1 * time) + 0.4)
            let hiss = (Double(noise >> 8) / 16_777_216 - 0.5) * max(0, -sin(2 * .pi * 3.1 * time))
            return 2400 * (sum * syllable + 0.6 * hiss)
        }
    }

    func samples(seconds: Double) -> [Int16] {
        waveform(seconds: seconds).map { Int16(clamping: Int($0)) }
    }
}

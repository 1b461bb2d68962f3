// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Signals that keep every part of the detector busy: a voice of harmonics with the rhythm of
/// syllables, its echo, and the noise of a line. Deterministic.
enum TestSpeech {
    /// A voice at 8 kHz.
    static func voice(seconds: Int, pitch: Double, seed: UInt64) -> [Int16] {
        var phase = 0.0
        var random = seed | 1
        return (0..<seconds * 8000).map { index in
            let time = Double(index) / 8000
            // Syllables four times a second, a pause of a second in five.
            let syllable = max(0, sin(2 * .pi * 4 * time))
            let speaks = time.truncatingRemainder(dividingBy: 5) < 4
            phase += 2 * .pi * pitch * (1 + 0.1 * sin(2 * .pi * 0.7 * time)) / 8000
            var sample = 0.0
            for harmonic in 1...12 { sample += sin(Double(harmonic) * phase) / Double(harmonic) }
            return Int16(speaks ? 3000 * syllable * sample : 0) &+ noise(&random, 12)
        }
    }

    static func silence(seconds: Int, seed: UInt64) -> [Int16] {
        var random = seed | 1
        return (0..<seconds * 8000).map { _ in noise(&random, 12) }
    }

    /// What the line returns of `voice`: 120 ms later and 15 dB quieter.
    static func echo(of voice: [Int16]) -> [Int16] {
        voice.indices.map { $0 < 960 ? 0 : Int16(Double(voice[$0 - 960]) * 0.178) }
    }

    /// A buzz with syllables, at any rate.
    static func pulse(at time: Double) -> Int16 {
        let syllable = max(0, sin(2 * .pi * 3.5 * time))
        var sample = 0.0
        for harmonic in 1...8 { sample += sin(2 * .pi * 130 * time * Double(harmonic)) }
        return Int16(900 * syllable * sample)
    }

    /// Noise that uses the whole range, at any rate.
    static func noise(_ count: Int) -> [Int16] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int16(truncatingIfNeeded: state >> 48) / 2
        }
    }

    private static func noise(_ state: inout UInt64, _ amplitude: Int) -> Int16 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int16(truncatingIfNeeded: Int(state >> 40) % (2 * amplitude + 1) - amplitude)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SpeechDetection
import Testing

@Suite struct PitchAnalysisTests {
    /// Harmonics of `pitch` between 300 and 3400 Hz, as a telephone passes them.
    private func voice(_ pitch: Double, seconds: Double = 0.3) -> [Float] {
        (0..<Int(seconds * 8000)).map { index in
            let time = Double(index) / 8000
            var sample = 0.0
            for harmonic in 1...40 {
                let frequency = pitch * Double(harmonic)
                if frequency > 300, frequency < 3400 {
                    sample += 2000 / Double(harmonic) * cos(2 * .pi * frequency * time)
                }
            }
            return Float(sample)
        }
    }

    private func analysis(of samples: [Float]) -> PitchAnalysis {
        var pitch = PitchAnalysis()
        for start in stride(from: 0, through: samples.count - 64, by: 64) {
            pitch.observe(samples.span.extracting(start..<(start + 64)))
        }
        return pitch
    }

    @Test(arguments: [80.0, 110, 150, 200, 260, 330])
    func aVoiceHasItsPitch(pitch: Double) {
        let found = analysis(of: voice(pitch))
        #expect(found.voicing > 0.8)
        #expect(abs(Double(found.period) / (8000 / pitch) - 1) < 0.06)
    }

    @Test func noiseHasNone() {
        var random = SeededRandom(seed: 1)
        var pitch = PitchAnalysis()
        var highest: Float = 0
        var sum: Float = 0
        for _ in 0..<200 {
            pitch.observe(RealFFTTests.block(&random, scale: 3000).span)
            highest = max(highest, pitch.voicing)
            sum += pitch.voicing
        }
        #expect(sum / 200 < 0.5)
        #expect(highest < 0.85)
    }

    @Test func silenceHasNone() {
        let found = analysis(of: [Float](repeating: 0, count: 800))
        #expect(found.voicing == 0)
        #expect(found.period == 0)
    }

    /// The digest was made by the baseline build of the kernels and by the one for AVX2.
    @Test func everyMachineGivesTheSameBits() {
        var random = SeededRandom(seed: 2)
        var digest = BitDigest()
        var pitch = PitchAnalysis()
        for _ in 0..<200 {
            pitch.observe(RealFFTTests.block(&random, scale: 3000).span)
            digest.add(pitch.voicing)
            digest.add(pitch.period)
        }
        #expect(digest.value == 14_642_506_146_412_599_432)
    }
}

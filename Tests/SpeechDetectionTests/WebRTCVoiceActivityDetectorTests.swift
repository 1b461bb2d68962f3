// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import SpeechDetection
import Testing

@Suite struct WebRTCVoiceActivityDetectorTests {
    private func share(
        of level: Double, rate: SampleRate, signal: (Double) -> Double
    ) -> Double {
        var detector = WebRTCVoiceActivityDetector(rate: rate, aggressiveness: 3)
        let length = detector.blockLength
        var active = 0
        for block in 0..<200 {
            let samples = (0..<length).map { index in
                Int16(
                    clamping: Int(
                        level * signal(Double(block * length + index) / Double(rate.hertz))))
            }
            if detector.isActive(samples.span) { active += 1 }
        }
        return Double(active) / 200
    }

    /// A buzz of 120 Hz with a formant at 550 Hz.
    private func buzz(_ time: Double) -> Double {
        (1...20).reduce(0.0) { sum, harmonic in
            let frequency = 120.0 * Double(harmonic)
            return sum + exp(-pow((frequency - 550) / 300, 2)) * sin(2 * .pi * frequency * time)
        }
    }

    @Test(arguments: [8000, 16_000, 32_000, 48_000])
    func voiceIsActiveAndSilenceIsNot(hertz: Int) {
        let rate = SampleRate(hertz: hertz)
        let isSyllable = { (time: Double) in time.truncatingRemainder(dividingBy: 0.3) < 0.2 }
        #expect(share(of: 4000, rate: rate) { isSyllable($0) ? buzz($0) : 0 } > 0.5)
        #expect(share(of: 0, rate: rate) { _ in 0 } == 0)
    }

    @Test func blocksAreTenMilliseconds() {
        #expect(WebRTCVoiceActivityDetector(rate: .hz8000, aggressiveness: 0).blockLength == 80)
        #expect(WebRTCVoiceActivityDetector(rate: .hz16000, aggressiveness: 3).blockLength == 160)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SpeechDetection
import Testing

@Suite struct VoiceActivityDetectorTests {
    /// Syllables of changing vowels and pitch on 250 ms of each half second, over noise.
    private func speech(_ index: Int, level: Double) -> Double {
        let time = Double(index) / 8000
        let beat = time.truncatingRemainder(dividingBy: 0.5)
        guard beat < 0.25 else { return 0 }
        // 90 to 150 Hz, and its integral.
        let turn = 2 * Double.pi / 1.7
        let pitch = 120 + 30 * sin(turn * time)
        let cycles = 120 * time - 30 / turn * cos(turn * time)
        let formant = 500 + 250 * sin(2 * .pi * time / 0.9)
        var sample = 0.0
        for harmonic in 1...24 {
            let frequency = pitch * Double(harmonic)
            let envelope =
                exp(-pow((frequency - formant) / 200, 2))
                + 0.4 * exp(-pow((frequency - 1700) / 300, 2))
            sample += envelope * sin(2 * .pi * cycles * Double(harmonic))
        }
        return level * sin(.pi * beat / 0.25) * sample
    }

    /// Activity of each block of `seconds` of what `sound` gives, over white noise.
    private func activity(
        seconds: Double, noise: Float, _ sound: (Int) -> Double
    ) -> [VoiceActivity] {
        var random = SeededRandom(seed: 5)
        var spectrum = BandSpectrum()
        var floor = NoiseFloor()
        var detector = VoiceActivityDetector()
        return (0..<Int(seconds * 125)).map { number in
            let block = (0..<64).map {
                (Float(sound(64 * number + $0)) + noise * random.sample()).rounded()
            }
            spectrum.analyze(block.span)
            floor.observe(spectrum.level)
            return detector.observe(
                block.span, levels: spectrum.level, floor: floor.level)
        }
    }

    private func share(_ blocks: some Collection<VoiceActivity>) -> Double {
        Double(blocks.count { $0.isActive }) / Double(blocks.count)
    }

    @Test(arguments: [0, 10, 300, 3000] as [Float])
    func steadyNoiseIsNoSpeech(noise: Float) {
        #expect(share(activity(seconds: 6, noise: noise) { _ in 0 }) < 0.02)
    }

    @Test func aToneIsNoSpeech() {
        let found = activity(seconds: 6, noise: 10) {
            3000 * sin(Double($0) * 2 * .pi * 425 / 8000)
        }
        #expect(share(found.dropFirst(125)) < 0.02)
    }

    @Test func syllablesAreSpeechWithAPitch() {
        let found = activity(seconds: 6, noise: 60) { self.speech($0, level: 3000) }
        let voiced = found.dropFirst(125).filter { $0.pitchPeriod != nil && $0.isActive }
        #expect(share(found.dropFirst(125)) > 0.4)
        #expect(voiced.count > 150)
        #expect(
            voiced.count { (50.0...95.0).contains($0.pitchPeriod ?? 0) } > voiced.count * 8 / 10)
    }

    @Test func digitalSilenceClosesTheGate() {
        let found = activity(seconds: 1, noise: 0) { _ in 0 }
        #expect(found.dropFirst(30).allSatisfy { $0.probability == .none && !$0.isActive })
    }
}

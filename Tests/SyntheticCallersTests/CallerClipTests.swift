// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing

@Suite struct CallerClipTests {
    @Test func aFileAtTheLinesRateIsTakenAsItIs() throws {
        let audio = TestVoices.clip(lead: 800, speech: 8000, tail: 800)
        let clip = try CallerClip(name: "a.wav", wav: WAVFile(channels: [audio]).encode())
        #expect(clip.encoded == MuLaw.encode(audio.samples))
        #expect(clip.duration == .milliseconds(1200))
        #expect(abs(clip.end - 8800) <= 80)
    }

    @Test(arguments: [16_000, 24_000, 48_000, 44_100])
    func aFileAtAnotherRateLiesOverTheOriginal(_ hertz: Int) throws {
        let rate = SampleRate(hertz: hertz)
        // One second of 440 Hz between two halves of silence.
        let samples = (0..<2 * hertz).map { index -> Int16 in
            let isTone = index >= hertz / 2 && index < 3 * hertz / 2
            return isTone ? TestVoices.sine(index, frequency: 440, rate: rate) : 0
        }
        let file = WAVFile(channels: [AudioClip(rate: rate, samples: samples)])
        let clip = try CallerClip(name: "wide.wav", wav: file.encode())
        #expect(abs(clip.encoded.count - 16_000) <= 1)
        #expect(abs(clip.onset - 4000) <= 80)
        #expect(abs(clip.end - 12_000) <= 80)
        // In phase with the tone itself: what is left of the delay is under half a sample.
        let linear = MuLaw.decode(clip.encoded)
        let errors = (5000..<5100).map { index in
            let expected = TestVoices.sine(index, frequency: 440, rate: .hz8000)
            return abs(Int(linear[index]) - Int(expected))
        }
        #expect(errors.max() ?? .max < 1400)
    }

    @Test func noiseLiesUnderTheClip() throws {
        let noise = ComfortNoise(level: -50, seed: 4)
        let audio = TestVoices.clip(lead: 800, speech: 4000, tail: 800)
        let clip = try CallerClip(name: "n", audio: audio, noise: noise)
        #expect(Array(clip.encoded.prefix(800)) == Array(noise.encoded.prefix(800)))
        // The level is that of the clean speech.
        let clean = try CallerClip(name: "n", audio: audio)
        #expect(clip.energy == clean.energy)
    }

    @Test func whatIsNoWAVFileIsRefused() {
        #expect(throws: WAVError.self) {
            try CallerClip(name: "x", wav: Array("RIFFnonsense".utf8))
        }
    }
}

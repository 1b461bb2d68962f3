// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing

@Suite struct SpeechLabelsTests {
    @Test(arguments: [(0, 0), (800, 800), (4000, 12_000), (37, 2011)])
    func edgesAreFoundWithin10Milliseconds(_ lead: Int, _ tail: Int) throws {
        let clip = TestVoices.clip(lead: lead, speech: 9600, tail: tail)
        let labels = SpeechLabels(of: clip)
        #expect(labels.runs.count == 1)
        #expect(abs(try #require(labels.onset) - lead) <= 80)
        #expect(abs(try #require(labels.end) - (lead + 9600)) <= 80)
    }

    @Test func endIsTheLastVoicedSampleNotTheEndOfTheFile() throws {
        let clip = TestVoices.clip(lead: 400, speech: 4000, tail: 16_000)
        #expect(abs(try #require(SpeechLabels(of: clip).end) - 4400) <= 80)
    }

    @Test func noiseUnderTheSpeechIsNotSpeech() throws {
        let noise = ComfortNoise(level: -58, seed: 11)
        var clip = TestVoices.clip(lead: 4000, speech: 8000, tail: 8000)
        for index in clip.samples.indices {
            let sum = Int(clip.samples[index]) + Int(noise.samples[index])
            clip.samples[index] = Int16(clamping: sum)
        }
        let labels = SpeechLabels(of: clip)
        #expect(abs(try #require(labels.onset) - 4000) <= 160)
        #expect(abs(try #require(labels.end) - 12_000) <= 160)
    }

    @Test func shortPausesAreJoinedAndLongOnesSplit() {
        let silence = { [Int16](repeating: 0, count: $0) }
        let joined = AudioClip(
            rate: .hz8000,
            samples: TestVoices.buzz(4000) + silence(960) + TestVoices.buzz(4000))
        #expect(SpeechLabels(of: joined).runs.count == 1)
        let split = AudioClip(
            rate: .hz8000,
            samples: TestVoices.buzz(4000) + silence(3200) + TestVoices.buzz(4000))
        #expect(SpeechLabels(of: split).runs.count == 2)
    }

    @Test(arguments: [0, 10, 8000])
    func silenceHasNoSpeech(_ count: Int) {
        let clip = AudioClip(rate: .hz8000, samples: [Int16](repeating: 0, count: count))
        #expect(SpeechLabels(of: clip).runs.isEmpty)
        #expect(throws: CallerClip.Unusable.noSpeech) {
            try CallerClip(name: "nothing", audio: clip)
        }
    }

    @Test func aClipAtAnotherRateIsRefused() {
        let clip = AudioClip(rate: .hz16000, samples: TestVoices.buzz(16_000))
        #expect(throws: CallerClip.Unusable.rate(.hz16000)) {
            try CallerClip(name: "wide", audio: clip)
        }
    }
}

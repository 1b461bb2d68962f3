// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@Suite struct AudioViewTests {
    @Test func framesAreCountedByTheirFormat() {
        let bytes = [UInt8](repeating: 0, count: 13)
        let stereo = AudioFormat(.linear16BigEndian, rate: .hz16000, channels: 2)
        #expect(stereo.bytesPerFrame == 4)
        let audio = EncodedAudio(bytes.span, format: stereo)
        let (count, isWhole) = (audio.frameCount, audio.isWhole)
        #expect(count == 3)
        #expect(!isWhole)
        let mono = EncodedAudio(bytes.span, format: .pcma8000)
        let (monoCount, monoIsWhole) = (mono.frameCount, mono.isWhole)
        #expect(monoCount == 13)
        #expect(monoIsWhole)
    }

    @Test func durationsFollowTheRate() {
        let samples = [Int16](repeating: 0, count: 480)
        let duration = LinearAudio(samples.span, rate: .hz24000).duration
        #expect(duration == .milliseconds(20))
        #expect(AudioClip(rate: .hz8000, samples: samples).duration == .milliseconds(60))
    }
}

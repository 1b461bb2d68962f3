// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import SyntheticCallers
import Testing

@Suite struct CallerVoiceTests {
    @Test(arguments: [1, 7, 160, 1600, 9600])
    func anyChunkingWritesTheSameAudio(_ chunk: Int) throws {
        let noise = ComfortNoise(level: -50, seed: 3)
        let clip = try CallerClip(
            name: "x", audio: TestVoices.clip(lead: 100, speech: 3000, tail: 33), noise: noise)
        func render(_ chunk: Int) -> [UInt8] {
            var voice = CallerVoice(noise: noise, phase: 20_000)
            _ = voice.speak(clip, at: 1234)
            var buffer = ByteBuffer()
            while voice.position < 9600 {
                voice.write(min(chunk, 9600 - voice.position), into: &buffer)
            }
            return Array(buffer.readableBytesView)
        }
        let whole = render(9600)
        #expect(render(chunk) == whole)
        #expect(Array(whole[1234..<1234 + clip.encoded.count]) == clip.encoded)
        // The noise loop is 20,480 samples long: it wraps before the clip begins.
        #expect(whole[0] == noise.encoded[20_000])
        #expect(whole[1000] == noise.encoded[520])
    }

    @Test func aClipGoesOnWhileTheLineIsCut() throws {
        let clip = try TestVoices.callerClip(lead: 0, speech: 1600, tail: 0)
        var voice = CallerVoice(noise: .silence)
        _ = voice.speak(clip, at: 0)
        voice.skip(800)
        var buffer = ByteBuffer()
        voice.write(1600, into: &buffer)
        let written = Array(buffer.readableBytesView)
        #expect(Array(written[0..<800]) == Array(clip.encoded[800...]))
        #expect(written[800...].allSatisfy { $0 == 0xFF })
    }

    @Test func noiseHasItsLevelAndRepeatsFromItsSeed() {
        let noise = ComfortNoise(level: -55, seed: 9)
        #expect(noise == ComfortNoise(level: -55, seed: 9))
        #expect(noise != ComfortNoise(level: -55, seed: 10))
        let square = noise.samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        let level = Level.dBov(meanSquare: square / Double(noise.samples.count))
        #expect(abs(level + 55) < 0.3)
    }
}

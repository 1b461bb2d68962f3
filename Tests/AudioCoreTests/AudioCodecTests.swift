// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Testing

@Suite struct AudioCodecTests {
    private static let laws: [(AudioEncoding, ReferenceG711)] = [
        (.pcmu, .muLaw), (.pcma, .aLaw),
    ]

    private func decode(_ bytes: [UInt8], _ format: AudioFormat, channel: Int = 0) -> [Int16] {
        let audio = EncodedAudio(bytes.span, format: format)
        var samples = [Int16](repeating: 0, count: audio.frameCount)
        var target = samples.mutableSpan
        let written = AudioCodec.decode(audio, channel: channel, into: &target)
        #expect(written == samples.count)
        return samples
    }

    private func encode(_ samples: [Int16], _ encoding: AudioEncoding) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: samples.count * encoding.bytesPerSample)
        var target = bytes.mutableSpan
        let written = AudioCodec.encode(
            LinearAudio(samples.span, rate: .hz8000), as: encoding, into: &target)
        #expect(written == bytes.count)
        return bytes
    }

    @Test(arguments: laws.indices)
    func allCodesDecodeAsTheStandardSays(law: Int) {
        let (encoding, reference) = Self.laws[law]
        let codes = (0...255).map { UInt8($0) }
        #expect(
            decode(codes, AudioFormat(encoding, rate: .hz8000)) == codes.map(reference.decode))
    }

    @Test(arguments: laws.indices)
    func allSamplesEncodeAsTheStandardSays(law: Int) {
        let (encoding, reference) = Self.laws[law]
        let samples = (Int(Int16.min)...Int(Int16.max)).map { Int16($0) }
        #expect(encode(samples, encoding) == samples.map { reference.encode($0) })
    }

    /// The figures published for the difference between G.191 and the older public code.
    @Test func negativesAreOnesComplements() {
        let samples = (Int(Int16.min)...Int(Int16.max)).map { Int16($0) }
        let older = samples.map { ReferenceG711.muLaw.encode($0, onesComplement: false) }
        let ours = encode(samples, .pcmu)
        #expect(zip(older, ours).count(where: { $0 != $1 }) == 127)
        #expect(encode([-31612], .pcmu) == [1])
    }

    @Test func wellKnownCodesAreRight() {
        #expect(encode([0, -1, 32767, -32768], .pcmu) == [0xFF, 0x7F, 0x80, 0x00])
        #expect(encode([0, -1, 32767, -32768], .pcma) == [0xD5, 0x55, 0xAA, 0x2A])
        #expect(decode([0xFF, 0x7F, 0x80, 0x00], .pcmu8000) == [0, 0, 32124, -32124])
        #expect(decode([0xD5, 0x55, 0xAA, 0x2A], .pcma8000) == [8, -8, 32256, -32256])
    }

    @Test(arguments: laws.indices)
    func codesSurviveBothWays(law: Int) {
        let (encoding, _) = Self.laws[law]
        let codes = (0...255).map { UInt8($0) }
        let back = encode(decode(codes, AudioFormat(encoding, rate: .hz8000)), encoding)
        // mu-law has two zeros, which decode to the same sample.
        let expected = codes.map { encoding == .pcmu && $0 == 0x7F ? 0xFF : $0 }
        #expect(back == expected)
    }

    @Test(arguments: [AudioEncoding.linear16LittleEndian, .linear16BigEndian])
    func everyLinearSampleSurvivesBothWays(encoding: AudioEncoding) {
        let samples = (Int(Int16.min)...Int(Int16.max)).map { Int16($0) }
        let bytes = encode(samples, encoding)
        #expect(decode(bytes, AudioFormat(encoding, rate: .hz16000)) == samples)
    }

    @Test func linearBytesAreInTheOrderNamed() {
        #expect(encode([0x1234, -2], .linear16LittleEndian) == [0x34, 0x12, 0xFE, 0xFF])
        #expect(encode([0x1234, -2], .linear16BigEndian) == [0x12, 0x34, 0xFF, 0xFE])
    }

    /// Every length around the vector width, and every start within one.
    @Test(arguments: AudioEncoding.allCases)
    func lengthAndAlignmentMakeNoDifference(encoding: AudioEncoding) {
        var random = SeededRandom(seed: 711)
        let width = encoding.bytesPerSample
        let bytes = random.bytes(100 * width)
        let whole = decode(bytes, AudioFormat(encoding, rate: .hz8000))
        let encoded = encode(whole, encoding)
        for start in stride(from: 0, through: 16, by: 4) {
            for count in 0..<50 {
                let part = Array(bytes[(start * width)..<((start + count) * width)])
                #expect(
                    decode(part, AudioFormat(encoding, rate: .hz8000))
                        == Array(whole[start..<(start + count)]))
                #expect(
                    encode(Array(whole[start..<(start + count)]), encoding)
                        == Array(encoded[(start * width)..<((start + count) * width)]))
            }
        }
    }

    @Test func nothingIsWrittenBeyondTheSamples() {
        let audio: [UInt8] = Array(repeating: 0, count: 33)
        var samples = [Int16](repeating: 77, count: 64)
        var target = samples.mutableSpan
        #expect(AudioCodec.decode(EncodedAudio(audio.span, format: .pcmu8000), into: &target) == 33)
        #expect(samples[32] == -32124)
        #expect(samples[33...].allSatisfy { $0 == 77 })
    }

    @Test(arguments: AudioEncoding.allCases, [1, 2, 3, 5])
    func channelsComeApart(encoding: AudioEncoding, channels: Int) {
        var random = SeededRandom(seed: 2)
        for frames in [0, 1, 15, 16, 160, 700] {
            // What has been through the encoding once passes it unchanged.
            let clips = (0..<channels).map { _ in
                decode(
                    random.bytes(frames * encoding.bytesPerSample),
                    AudioFormat(encoding, rate: .hz8000))
            }
            let interleaved = (0..<(frames * channels)).map { clips[$0 % channels][$0 / channels] }
            let bytes = encode(interleaved, encoding)
            let format = AudioFormat(encoding, rate: .hz8000, channels: channels)
            for channel in 0..<channels {
                #expect(decode(bytes, format, channel: channel) == clips[channel])
            }
        }
    }

    @Test func partOfAFrameAtTheEndIsLeft() {
        let format = AudioFormat(.linear16LittleEndian, rate: .hz8000, channels: 2)
        let bytes: [UInt8] = [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6]
        #expect(decode(bytes, format, channel: 1) == [2, 4])
    }

    @Test(.enabled(if: allocation_counter_available()), arguments: AudioEncoding.allCases)
    func codecsAllocateNothing(encoding: AudioEncoding) {
        let bytes = [UInt8](repeating: 0x55, count: 640)
        var samples = [Int16](repeating: 0, count: 640)
        var encoded = [UInt8](repeating: 0, count: 1280)
        let format = AudioFormat(encoding, rate: .hz8000, channels: 2)
        let count = allocationsWhenWarm {
            var target = samples.mutableSpan
            AudioCodec.decode(
                EncodedAudio(bytes.span, format: format), channel: 1, into: &target)
            var raw = encoded.mutableSpan
            AudioCodec.encode(
                LinearAudio(samples.span, rate: .hz8000), as: encoding, into: &raw)
        }
        #expect(count == 0)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import Testing

@testable import SyntheticCallers

@Suite struct WebexWAVTests {
    /// A file by hand, so that each field can be wrong.
    private func file(
        code: Int = 7, channels: Int = 1, hertz: Int = 8000, bits: Int = 8, align: Int? = nil,
        rate: Int? = nil, audio: [UInt8], length: Int? = nil, dataLength: Int? = nil,
        extra: [UInt8] = []
    ) -> [UInt8] {
        func field(_ value: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let align = align ?? channels * bits / 8
        let body =
            Array("WAVEfmt ".utf8) + field(16, 4) + field(code, 2) + field(channels, 2)
            + field(hertz, 4) + field(rate ?? hertz * align, 4) + field(align, 2) + field(bits, 2)
            + extra + Array("data".utf8) + field(dataLength ?? audio.count, 4) + audio
        return Array("RIFF".utf8) + field(length ?? body.count, 4) + body
    }

    private func fault(_ bytes: [UInt8]) -> String? {
        do {
            _ = try WebexWAV.heard(bytes)
            return nil
        } catch {
            return error.detail
        }
    }

    @Test func muLawIsHeardAsItIs() throws {
        let audio = Array(TestVoices.botAudio(400).readableBytesView)
        #expect(try WebexWAV.heard(file(audio: audio)) == audio)
    }

    @Test func chunksBeforeTheAudioAreSkipped() throws {
        let audio = Array(TestVoices.botAudio(400).readableBytesView)
        let list = Array("LIST".utf8) + [3, 0, 0, 0] + [1, 2, 3, 0]
        #expect(try WebexWAV.heard(file(audio: audio, extra: list)) == audio)
    }

    @Test func linearAudioIsCompanded() throws {
        let codes = Array(TestVoices.botAudio(400).readableBytesView)
        let bytes = MuLaw.decode(codes).flatMap {
            [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        }
        #expect(try WebexWAV.heard(file(code: 1, bits: 16, audio: bytes)) == codes)
    }

    @Test(arguments: [1, 7])
    func audioAt16kHzIsHeardAt8(_ code: Int) throws {
        let samples = (0..<3200).map { TestVoices.sine($0, frequency: 440, rate: .hz16000) }
        let bytes =
            code == 7
            ? MuLaw.encode(samples)
            : samples.flatMap {
                [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
            }
        let heard = MuLaw.decode(
            try WebexWAV.heard(
                file(code: code, hertz: 16_000, bits: code == 7 ? 8 : 16, audio: bytes)))
        #expect(abs(heard.count - 1600) < 80)
        // The tone is the same one, at its place.
        for index in 200..<1400 {
            let expected = TestVoices.sine(index, frequency: 440, rate: .hz8000)
            #expect(abs(Int(heard[index]) - Int(expected)) < 800)
        }
    }

    @Test func everyFieldIsHeldToTheLetter() {
        let audio = [UInt8](repeating: 0x20, count: 400)
        #expect(fault(audio) == "no RIFF header")
        #expect(fault(Array("RIFF".utf8)) == "RIFF, but not WAVE")
        #expect(
            fault(file(audio: audio, length: 36)) == "the header says 44 bytes, the file has 444")
        #expect(
            fault(file(audio: audio, length: 0xFFFF_FFFF))
                == "the header says 4294967303 bytes, the file has 444")
        #expect(
            fault(file(audio: audio, dataLength: 401)) == "chunk data of 401 bytes is cut off")
        #expect(fault(file(code: 6, audio: audio)) == "format 6 with 8 bits")
        #expect(fault(file(code: 1, audio: audio)) == "format 1 with 8 bits")
        #expect(fault(file(channels: 2, audio: audio)) == "2 channels")
        #expect(fault(file(hertz: 11_025, audio: audio)) == "11025 Hz")
        #expect(fault(file(align: 2, audio: audio)) == "block align is not 1")
        #expect(fault(file(rate: 16_000, audio: audio)) == "byte rate is not 8000")
        #expect(fault(file(audio: [])) == "0 bytes of audio")
        #expect(fault(file(code: 1, bits: 16, audio: [1, 2, 3])) == "3 bytes of audio")
    }
}

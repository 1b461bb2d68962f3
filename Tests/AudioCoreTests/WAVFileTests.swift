// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@Suite struct WAVFileTests {
    private static let encodings: [AudioEncoding] = [.linear16LittleEndian, .pcmu, .pcma]

    private func clip(_ count: Int, seed: UInt64, rate: SampleRate = .hz8000) -> AudioClip {
        var random = SeededRandom(seed: seed)
        return AudioClip(rate: rate, samples: random.samples(count))
    }

    /// A chunk with its padding.
    private func chunk(_ name: String, _ body: [UInt8], declared: UInt32? = nil) -> [UInt8] {
        Array(name.utf8) + word32(declared ?? UInt32(body.count)) + body
            + (body.count % 2 == 0 ? [] : [0])
    }

    private func riff(_ chunks: [UInt8]...) -> [UInt8] {
        let body = chunks.reduce([], +)
        return Array("RIFF".utf8) + word32(UInt32(body.count + 4)) + Array("WAVE".utf8) + body
    }

    private func format(
        tag: UInt16 = 1, channels: UInt16 = 1, rate: UInt32 = 8000, alignment: UInt16 = 2,
        bits: UInt16 = 16, more: [UInt8] = []
    ) -> [UInt8] {
        let body =
            word16(tag) + word16(channels) + word32(rate)
            + word32(rate &* UInt32(alignment)) + word16(alignment) + word16(bits) + more
        return chunk("fmt ", body)
    }

    private func word16(_ value: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }

    private func word32(_ value: UInt32) -> [UInt8] {
        word16(UInt16(truncatingIfNeeded: value)) + word16(UInt16(truncatingIfNeeded: value >> 16))
    }

    private func extensible(tag: UInt16, bits: UInt16, tail: [UInt8]) -> [UInt8] {
        format(
            tag: 0xFFFE, alignment: bits / 8, bits: bits,
            more: word16(22) + word16(bits) + word32(4) + word16(tag) + tail)
    }

    private let registered: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]

    @Test(arguments: encodings, [1, 2, 3])
    func filesSurviveBothWays(encoding: AudioEncoding, channels: Int) throws {
        for count in [0, 1, 7, 160] {
            let clips = (0..<channels).map { clip(count, seed: UInt64($0 + 1), rate: .hz16000) }
            let file = WAVFile(channels: clips, as: encoding)
            let bytes = file.encode()
            #expect(bytes.count % 2 == 0)
            let back = try WAVFile.parse(bytes)
            #expect(back == file)
            #expect(back.frameCount == count)
            #expect(
                back.format == AudioFormat(encoding, rate: .hz16000, channels: channels))
            if encoding == .linear16LittleEndian {
                #expect(back.clips == clips)
            } else {
                // Once companded, samples stay as they are.
                #expect(WAVFile(channels: back.clips, as: encoding).clips == back.clips)
            }
        }
    }

    @Test func shortChannelsEndInSilence() {
        let file = WAVFile(channels: [
            AudioClip(rate: .hz8000, samples: [1, 2, 3]), AudioClip(rate: .hz8000, samples: [4]),
        ])
        #expect(file.clip(channel: 0).samples == [1, 2, 3])
        #expect(file.clip(channel: 1).samples == [4, 0, 0])
        #expect(file.duration == .microseconds(375))
    }

    /// Byte for byte, what other programs expect of the plainest file there is.
    @Test func thePlainHeaderIsTheOneEveryoneWrites() {
        let bytes = WAVFile(channels: [AudioClip(rate: .hz8000, samples: [1, -1])]).encode()
        #expect(bytes == riff(format(), chunk("data", [1, 0, 255, 255])))
    }

    @Test func compandedFilesDeclareTheirFrames() {
        let bytes = WAVFile(
            channels: [AudioClip(rate: .hz8000, samples: [0, 0, 0])], as: .pcmu
        ).encode()
        let expected = riff(
            format(tag: 7, alignment: 1, bits: 8, more: [0, 0]),
            chunk("fact", [3, 0, 0, 0]), chunk("data", [255, 255, 255]))
        #expect(bytes == expected)
    }

    @Test(arguments: encodings)
    func aStreamedFileCanBeReadBeforeAndAfterItsHeaderIsComplete(encoding: AudioEncoding) throws {
        let file = WAVFile(channels: [clip(99, seed: 3), clip(99, seed: 4)], as: encoding)
        let open = WAVFile.header(for: file.format, frameCount: nil)
        let closed = WAVFile.header(for: file.format, frameCount: file.frameCount)
        #expect(open.count == closed.count)
        #expect(try WAVFile.parse(open + file.data) == file)
        #expect(try WAVFile.parse(closed + file.data) == file)
        // Cut off inside a frame: the whole ones are there.
        let cut = try WAVFile.parse(open + file.data.dropLast())
        #expect(cut.frameCount == 98)
        #expect(try WAVFile.parse(open).frameCount == 0)
    }

    @Test func chunksMayComeInAnyOrderWithOthersBetween() throws {
        let bytes = riff(
            chunk("LIST", [1, 2, 3]), chunk("data", [1, 0, 2, 0]), chunk("junk", []), format(),
            chunk("id3 ", [9]))
        #expect(try WAVFile.parse(bytes).clip(channel: 0).samples == [1, 2])
    }

    @Test func missingPaddingAtTheEndIsForgiven() throws {
        let bytes = riff(
            format(tag: 6, alignment: 1, bits: 8), chunk("data", [0xD5, 0x55, 0xD5]))
        #expect(try WAVFile.parse(bytes.dropLast()).clip(channel: 0).samples == [8, -8, 8])
    }

    @Test func theRIFFLengthIsNotReliedOn() throws {
        for declared in [UInt32(0), 12, .max] {
            var bytes = riff(format(), chunk("data", [1, 0]))
            bytes.replaceSubrange(4..<8, with: word32(declared))
            #expect(try WAVFile.parse(bytes).frameCount == 1)
        }
    }

    @Test(arguments: [(UInt16(1), UInt16(16)), (6, 8), (7, 8)])
    func extensibleFormatsAreRead(tag: UInt16, bits: UInt16) throws {
        let bytes = riff(
            extensible(tag: tag, bits: bits, tail: registered), chunk("data", [1, 0]))
        let plain = riff(
            format(tag: tag, alignment: bits / 8, bits: bits), chunk("data", [1, 0]))
        #expect(try WAVFile.parse(bytes) == WAVFile.parse(plain))
    }

    @Test func whatCannotBeReadIsSaidClearly() {
        let data = chunk("data", [1, 0, 2, 0])
        let cases: [([UInt8], WAVError)] = [
            ([], .notWAVE),
            (Array("RIFF".utf8), .notWAVE),
            (Array("RIFX".utf8) + word32(4) + Array("WAVE".utf8), .notWAVE),
            (Array("RIFF".utf8) + word32(4) + Array("AVI ".utf8), .notWAVE),
            (riff(), .missingChunk(name: "fmt ")),
            (riff(data), .missingChunk(name: "fmt ")),
            (riff(format()), .missingChunk(name: "data")),
            (riff(format(), format(), data), .repeatedChunk(name: "fmt ")),
            (riff(format(), data, data), .repeatedChunk(name: "data")),
            (riff(chunk("fmt ", [1, 0]), data), .shortFormat(byteCount: 2)),
            (riff(format(tag: 0xFFFE), data), .shortFormat(byteCount: 16)),
            (
                riff(extensible(tag: 1, bits: 16, tail: [UInt8](repeating: 1, count: 14)), data),
                .unsupportedSubformat
            ),
            (
                riff(format(tag: 3, alignment: 4, bits: 32), data),
                .unsupportedEncoding(tag: 3, bitsPerSample: 32)
            ),
            (
                riff(format(tag: 1, alignment: 1, bits: 8), data),
                .unsupportedEncoding(tag: 1, bitsPerSample: 8)
            ),
            (
                riff(format(tag: 1, alignment: 3, bits: 24), data),
                .unsupportedEncoding(tag: 1, bitsPerSample: 24)
            ),
            (riff(format(channels: 0, alignment: 0), data), .noChannels),
            (riff(format(rate: 0), data), .unsupportedRate(0)),
            (riff(format(rate: .max), data), .unsupportedRate(.max)),
            (riff(format(alignment: 4), data), .inconsistentAlignment(declared: 4, expected: 2)),
            (
                riff(format(channels: 0xFFFF, alignment: 0xFFFE), data),
                .inconsistentAlignment(declared: 0xFFFE, expected: 131_070)
            ),
            (
                riff(format(), chunk("data", [1, 0, 2])),
                .partialFrame(byteCount: 3, bytesPerFrame: 2)
            ),
            (
                riff(format(), chunk("data", [1, 0], declared: 4_000_000_000)),
                .truncatedChunk(name: "data", declared: 4_000_000_000, present: 2)
            ),
            (
                riff(chunk("LIST", [], declared: .max)),
                .truncatedChunk(name: "LIST", declared: 0xFFFF_FFFF, present: 0)
            ),
        ]
        for (bytes, error) in cases {
            #expect(throws: error) { try WAVFile.parse(bytes) }
            #expect(!error.description.isEmpty)
        }
    }

    @Test func everyTruncationIsAnErrorAndNoCrash() {
        let bytes = WAVFile(channels: [clip(20, seed: 9), clip(20, seed: 10)]).encode()
        for count in 0..<bytes.count {
            #expect(throws: WAVError.self) { try WAVFile.parse(Array(bytes.prefix(count))) }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func damagedHeadersNeverCrash(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let good = [
            WAVFile(channels: [clip(10, seed: 1)]).encode(),
            WAVFile(channels: [clip(10, seed: 1), clip(10, seed: 2)], as: .pcma).encode(),
            riff(extensible(tag: 7, bits: 8, tail: registered), chunk("data", [1, 2, 3])),
        ]
        var read = 0
        for turn in 0..<5000 {
            var bytes = good[turn % good.count]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<min(60, bytes.count), using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            }
            if let file = try? WAVFile.parse(bytes) {
                read += 1
                #expect(file.data.count <= bytes.count)
                #expect(
                    file.clip(channel: file.format.channels - 1).samples.count == file.frameCount)
            }
        }
        #expect(read > 0)
    }
}

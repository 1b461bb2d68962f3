// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension WAVFile {
    /// Reads a whole WAV file.
    ///
    /// Chunks may come in any order, padded to even lengths or not at the end; unknown ones are passed
    /// over, and the length in the RIFF header is not relied on. Data of length 0xFFFFFFFF, as programs
    /// write that cannot seek back, reaches to the last whole frame of the file. Memory is bounded by
    /// the size of `bytes`, whatever the headers say.
    public static func parse(_ bytes: [UInt8]) throws(WAVError) -> WAVFile {
        let reader = LittleEndianBytes(bytes)
        guard bytes.count >= 12, reader.name(at: 0) == "RIFF", reader.name(at: 8) == "WAVE" else {
            throw .notWAVE
        }
        var format: AudioFormat?
        var data: (range: Range<Int>, isOpen: Bool)?
        var offset = 12
        while bytes.count - offset >= 8 {
            let name = reader.name(at: offset)
            let declared = reader.word32(at: offset + 4)
            let start = offset + 8
            let present = bytes.count - start
            let isOpen = declared == .max && name == "data"
            guard isOpen || Int(declared) <= present else {
                throw .truncatedChunk(name: name, declared: Int(declared), present: present)
            }
            let length = isOpen ? present : Int(declared)
            switch name {
            case "fmt ":
                guard format == nil else { throw .repeatedChunk(name: name) }
                format = try parseFormat(reader, start..<(start + length))
            case "data":
                guard data == nil else { throw .repeatedChunk(name: name) }
                data = (start..<(start + length), isOpen)
            default:
                break
            }
            offset = start + length + length % 2
        }
        guard let format else { throw .missingChunk(name: "fmt ") }
        guard let data else { throw .missingChunk(name: "data") }

        let excess = data.range.count % format.bytesPerFrame
        guard excess == 0 || data.isOpen else {
            throw .partialFrame(
                byteCount: data.range.count, bytesPerFrame: format.bytesPerFrame)
        }
        return WAVFile(format: format, data: Array(bytes[data.range].dropLast(excess)))
    }

    private static func parseFormat(
        _ reader: LittleEndianBytes, _ range: Range<Int>
    ) throws(WAVError) -> AudioFormat {
        guard range.count >= 16 else { throw .shortFormat(byteCount: range.count) }
        let start = range.lowerBound
        let bits = reader.word16(at: start + 14)
        var tag = reader.word16(at: start)
        if tag == FormatTag.extensible {
            guard range.count >= 40, reader.word16(at: start + 16) >= 22 else {
                throw .shortFormat(byteCount: range.count)
            }
            // The sub-format of a registered encoding is its tag in the last 14 bytes of
            // KSDATAFORMAT_SUBTYPE: the bytes of xxxxxxxx-0000-0010-8000-00AA00389B71.
            guard reader.bytes[(start + 26)..<(start + 40)].elementsEqual(FormatTag.subformatTail)
            else {
                throw .unsupportedSubformat
            }
            tag = reader.word16(at: start + 24)
        }
        let encoding: AudioEncoding
        switch (tag, bits) {
        case (FormatTag.pcm, 16): encoding = .linear16LittleEndian
        case (FormatTag.aLaw, 8): encoding = .pcma
        case (FormatTag.muLaw, 8): encoding = .pcmu
        default: throw .unsupportedEncoding(tag: tag, bitsPerSample: bits)
        }
        let channels = Int(reader.word16(at: start + 2))
        guard channels >= 1 else { throw .noChannels }
        let rate = reader.word32(at: start + 4)
        guard (1...768_000).contains(rate) else { throw .unsupportedRate(rate) }
        let format = AudioFormat(
            encoding, rate: SampleRate(hertz: Int(rate)), channels: channels)
        let alignment = Int(reader.word16(at: start + 12))
        guard alignment == format.bytesPerFrame else {
            throw .inconsistentAlignment(declared: alignment, expected: format.bytesPerFrame)
        }
        return format
    }

    /// Registered numbers of encodings.
    enum FormatTag {
        static let pcm: UInt16 = 1
        static let aLaw: UInt16 = 6
        static let muLaw: UInt16 = 7
        static let extensible: UInt16 = 0xFFFE
        static let subformatTail: [UInt8] = [
            0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71,
        ]
    }
}

/// Little-endian words of an array. Offsets are the caller's to check; a wrong one traps.
private struct LittleEndianBytes {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func word16(at offset: Int) -> UInt16 {
        UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    func word32(at offset: Int) -> UInt32 {
        UInt32(word16(at: offset)) | UInt32(word16(at: offset + 2)) << 16
    }

    /// A chunk name; bytes outside ASCII come out as their Latin-1 characters.
    func name(at offset: Int) -> String {
        String(String.UnicodeScalarView(bytes[offset..<(offset + 4)].map { Unicode.Scalar($0) }))
    }
}

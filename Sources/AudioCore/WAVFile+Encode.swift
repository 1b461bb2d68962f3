// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension WAVFile {
    /// The most bytes of audio that a header can declare.
    private static let maximumDataCount = Int(UInt32.max) - 64

    /// The file as bytes: header, data, and a byte of padding where the data is odd.
    ///
    /// - Precondition: The data is under 4 GiB.
    public func encode() -> [UInt8] {
        let header = Self.header(for: format, frameCount: frameCount)
        return header + data + (data.count % 2 == 0 ? [] : [0])
    }

    /// A file of these clips, one channel each, the first one left.
    ///
    /// Shorter clips are filled up with silence to the longest.
    ///
    /// - Precondition: There is a clip, all have the same rate, and `encoding` is not big-endian.
    public init(channels clips: [AudioClip], as encoding: AudioEncoding = .linear16LittleEndian) {
        guard let first = clips.first else {
            preconditionFailure("A WAV file has one channel at least")
        }
        precondition(
            clips.allSatisfy { $0.rate == first.rate }, "Channels of one file share a rate")
        let frames = clips.map(\.samples.count).max() ?? 0
        var interleaved = [Int16](repeating: 0, count: frames * clips.count)
        for (channel, clip) in clips.enumerated() {
            for (frame, sample) in clip.samples.enumerated() {
                interleaved[frame * clips.count + channel] = sample
            }
        }
        var data = [UInt8](repeating: 0, count: interleaved.count * encoding.bytesPerSample)
        var target = data.mutableSpan
        AudioCodec.encode(
            LinearAudio(interleaved.span, rate: first.rate), as: encoding, into: &target)
        self.init(
            format: AudioFormat(encoding, rate: first.rate, channels: clips.count), data: data)
    }

    /// The header that comes before the data of `frameCount` frames.
    ///
    /// Its length depends on the encoding alone, so that a writer that streams can begin with an
    /// unknown count and put the right header in its place at the end. A file cut off before that
    /// can still be read.
    ///
    /// - Parameter frameCount: The frames to follow, or nil if that is not known yet.
    /// - Precondition: `format` is not big-endian, has at most 32,767 channels, and the data is under
    ///   4 GiB.
    public static func header(for format: AudioFormat, frameCount: Int?) -> [UInt8] {
        precondition(format.encoding != .linear16BigEndian, "WAV files are little-endian")
        precondition(format.channels <= 32_767, "Too many channels for a WAV file")
        let dataCount = frameCount.map { $0 * format.bytesPerFrame }
        precondition(
            (0...maximumDataCount).contains(dataCount ?? 0), "Too much audio for a WAV file")

        let bits = UInt16(8 * format.encoding.bytesPerSample)
        let tag: UInt16 =
            switch format.encoding {
            case .pcmu: FormatTag.muLaw
            case .pcma: FormatTag.aLaw
            case .linear16LittleEndian, .linear16BigEndian: FormatTag.pcm
            }
        var body: [UInt8] = Array("WAVEfmt ".utf8)
        // Encodings other than PCM declare an extension, here empty, and their frames in a chunk of
        // their own.
        let isPCM = tag == FormatTag.pcm
        append(UInt32(isPCM ? 16 : 18), to: &body)
        append(tag, to: &body)
        append(UInt16(format.channels), to: &body)
        append(UInt32(format.rate.hertz), to: &body)
        append(
            UInt32(truncatingIfNeeded: format.rate.hertz * format.bytesPerFrame), to: &body)
        append(UInt16(format.bytesPerFrame), to: &body)
        append(bits, to: &body)
        if !isPCM {
            append(UInt16(0), to: &body)
            body += Array("fact".utf8)
            append(UInt32(4), to: &body)
            append(frameCount.map { UInt32($0) } ?? .max, to: &body)
        }
        body += Array("data".utf8)
        append(dataCount.map { UInt32($0) } ?? .max, to: &body)

        var header = Array("RIFF".utf8)
        append(dataCount.map { UInt32(body.count + $0 + $0 % 2) } ?? .max, to: &header)
        return header + body
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for index in 0..<(value.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }
}

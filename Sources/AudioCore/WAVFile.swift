// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The contents of a WAV file: a format and the bytes it reads.
///
/// Bytes in, bytes out: reading and writing files is the caller's. Encodings are 16-bit PCM, mu-law
/// and A-law, with any number of channels. The format is that of "Multimedia Programming Interface
/// and Data Specifications 1.0" and, for WAVE_FORMAT_EXTENSIBLE, of Microsoft's "Multiple channel
/// audio data and WAVE files". Not for the hot path.
public struct WAVFile: Hashable, Sendable {
    public let format: AudioFormat
    /// Whole interleaved frames of `format`.
    public let data: [UInt8]

    /// - Precondition: `format` can be stored in a WAV file, so it is not big-endian, and `data` is
    ///   whole frames of it.
    public init(format: AudioFormat, data: [UInt8]) {
        precondition(format.encoding != .linear16BigEndian, "WAV files are little-endian")
        precondition(data.count % format.bytesPerFrame == 0, "WAV data ends inside a frame")
        self.format = format
        self.data = data
    }

    /// Frames: samples of each channel.
    public var frameCount: Int { data.count / format.bytesPerFrame }

    public var duration: MediaDuration { format.rate.duration(of: frameCount) }

    /// The decoded samples of one channel, counted from 0.
    ///
    /// - Precondition: The file has the channel.
    public func clip(channel: Int) -> AudioClip {
        precondition((0..<format.channels).contains(channel), "The file has no such channel")
        var samples = [Int16](repeating: 0, count: frameCount)
        var target = samples.mutableSpan
        AudioCodec.decode(EncodedAudio(data.span, format: format), channel: channel, into: &target)
        return AudioClip(rate: format.rate, samples: samples)
    }

    /// Every channel, decoded.
    public var clips: [AudioClip] { (0..<format.channels).map { clip(channel: $0) } }
}

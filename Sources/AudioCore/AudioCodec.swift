// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Conversion between encoded bytes and 16-bit samples.
///
/// G.711 follows the reference code of ITU-T G.191 bit for bit: its encoders take the ones'
/// complement of negative samples where the older public code negates, which differs on 127 of the
/// 65,536 inputs of mu-law. Nothing here allocates, keeps state or reads a table; a frame of 20 ms
/// at 8 kHz costs some tens of nanoseconds each way. Any thread.
public enum AudioCodec {
    /// Decodes the whole frames of mono `audio` into the start of `samples`.
    ///
    /// - Precondition: `audio` has one channel and `samples` has room for its frames.
    /// - Returns: The samples written.
    @discardableResult
    public static func decode(
        _ audio: borrowing EncodedAudio, into samples: inout MutableSpan<Int16>
    ) -> Int {
        precondition(audio.format.channels == 1, "Name the channel of audio that has several")
        return decode(audio, channel: 0, into: &samples)
    }

    /// Decodes one channel of the whole frames of interleaved `audio` into the start of `samples`.
    ///
    /// - Precondition: `audio` has the channel and `samples` has room for its frames.
    /// - Returns: The samples written.
    @discardableResult
    public static func decode(
        _ audio: borrowing EncodedAudio, channel: Int, into samples: inout MutableSpan<Int16>
    ) -> Int {
        let format = audio.format
        precondition((0..<format.channels).contains(channel), "The audio has no such channel")
        let count = audio.frameCount
        guard count > 0 else { return 0 }
        Kernels.decode(
            audio.bytes.extracting(droppingFirst: channel * format.encoding.bytesPerSample),
            as: format.encoding, stride: format.bytesPerFrame, count: count, into: &samples)
        return count
    }

    /// Encodes mono samples into the start of `bytes`.
    ///
    /// - Precondition: `bytes` has room for every sample.
    /// - Returns: The bytes written.
    @discardableResult
    public static func encode(
        _ audio: borrowing LinearAudio, as encoding: AudioEncoding,
        into bytes: inout MutableRawSpan
    ) -> Int {
        Kernels.encode(audio.samples, as: encoding, into: &bytes)
        return audio.samples.count * encoding.bytesPerSample
    }

    /// Encodes mono samples into the start of `bytes`.
    ///
    /// - Precondition: `bytes` has room for every sample.
    /// - Returns: The bytes written.
    @discardableResult
    public static func encode(
        _ audio: borrowing LinearAudio, as encoding: AudioEncoding,
        into bytes: inout MutableSpan<UInt8>
    ) -> Int {
        // Any byte is a valid UInt8.
        var raw = unsafe bytes.mutableBytes
        return encode(audio, as: encoding, into: &raw)
    }
}

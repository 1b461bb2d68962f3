// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension AudioCodec {
    /// Encodes mono samples into the start of `bytes`.
    ///
    /// - Precondition: `bytes` has room for every sample.
    /// - Returns: The bytes written.
    @discardableResult
    public static func encode(
        _ audio: borrowing LinearAudio, as encoding: AudioEncoding,
        into bytes: inout MutableSpan<UInt8>
    ) -> Int {
        // Any octet is a valid UInt8, so writing them raw leaves nothing uninitialised.
        var raw = unsafe bytes.mutableBytes
        return encode(audio, as: encoding, into: &raw)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a WAV file that can be read.
public enum WAVError: Error, Hashable, Sendable {
    /// It does not start with a RIFF header of form WAVE.
    case notWAVE
    /// The chunk says it is longer than the rest of the file.
    case truncatedChunk(name: String, declared: Int, present: Int)
    /// There is no chunk of this name, and there has to be.
    case missingChunk(name: String)
    /// There is a second chunk of this name, and there may be one only.
    case repeatedChunk(name: String)
    /// The format chunk is too short for the format it names.
    case shortFormat(byteCount: Int)
    /// An encoding other than 16-bit PCM, mu-law and A-law.
    case unsupportedEncoding(tag: UInt16, bitsPerSample: UInt16)
    /// A WAVE_FORMAT_EXTENSIBLE whose sub-format is not one of the registered ones.
    case unsupportedSubformat
    /// No channels.
    case noChannels
    /// A sample rate outside 1...768,000 Hz.
    case unsupportedRate(UInt32)
    /// The block alignment is not channels times the bytes of a sample.
    case inconsistentAlignment(declared: Int, expected: Int)
    /// The data ends inside a frame.
    case partialFrame(byteCount: Int, bytesPerFrame: Int)
}

extension WAVError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notWAVE:
            "not a WAV file: no RIFF/WAVE header"
        case .truncatedChunk(let name, let declared, let present):
            "truncated WAV file: chunk \(name) declares \(declared) bytes, \(present) are there"
        case .missingChunk(let name):
            "not a complete WAV file: no chunk \(name)"
        case .repeatedChunk(let name):
            "ambiguous WAV file: more than one chunk \(name)"
        case .shortFormat(let byteCount):
            "damaged WAV file: a format chunk of \(byteCount) bytes"
        case .unsupportedEncoding(let tag, let bitsPerSample):
            "unsupported WAV encoding: tag \(tag) at \(bitsPerSample) bits "
                + "(16-bit PCM, mu-law and A-law can be read)"
        case .unsupportedSubformat:
            "unsupported WAV encoding: an unregistered extensible sub-format"
        case .noChannels:
            "damaged WAV file: no channels"
        case .unsupportedRate(let rate):
            "damaged WAV file: \(rate) samples a second"
        case .inconsistentAlignment(let declared, let expected):
            "damaged WAV file: \(declared) bytes a frame where its format makes \(expected)"
        case .partialFrame(let byteCount, let bytesPerFrame):
            "truncated WAV file: \(byteCount) bytes of data in frames of \(bytesPerFrame)"
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Why a prompt is no WAV file that the platform documents.
struct WebexWAVFault: Error, Hashable {
    let detail: String
}

/// The WAV file of a prompt, read to the letter: 8 or 16 kHz, 16-bit PCM or mu-law, mono, and every
/// size and rate in the header right. A server that writes a careless header must not get away with
/// a reader that is lenient.
enum WebexWAV {
    private struct Format {
        let isMuLaw: Bool
        let rate: SampleRate
        let frameBytes: Int
    }

    /// Whether audio begins as a RIFF file does.
    static func hasHeader(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array("RIFF".utf8)) }

    /// What the caller hears of a file: mu-law at 8 kHz.
    static func heard(_ bytes: [UInt8]) throws(WebexWAVFault) -> [UInt8] {
        guard hasHeader(bytes) else { throw WebexWAVFault(detail: "no RIFF header") }
        guard bytes.count >= 12, bytes[8..<12].elementsEqual("WAVE".utf8) else {
            throw WebexWAVFault(detail: "RIFF, but not WAVE")
        }
        let length = integer(bytes, at: 4, size: 4) + 8
        guard length == bytes.count else {
            throw WebexWAVFault(
                detail: "the header says \(length) bytes, the file has \(bytes.count)")
        }
        let (format, audio) = try chunks(of: bytes)
        guard !audio.isEmpty, audio.count % format.frameBytes == 0 else {
            throw WebexWAVFault(detail: "\(audio.count) bytes of audio")
        }
        if format.isMuLaw, format.rate == .hz8000 { return Array(audio) }
        let samples = format.isMuLaw ? MuLaw.decode(Array(audio)) : linear(audio)
        let clip = AudioClip(rate: format.rate, samples: samples)
        return MuLaw.encode(
            format.rate == .hz8000 ? samples : CallerClip.resampled(clip).samples)
    }

    private static func chunks(
        of bytes: [UInt8]
    ) throws(WebexWAVFault) -> (Format, ArraySlice<UInt8>) {
        var format: Format?
        var offset = 12
        while offset + 8 <= bytes.count {
            let name = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
            let size = integer(bytes, at: offset + 4, size: 4)
            let start = offset + 8
            guard start + size <= bytes.count else {
                throw WebexWAVFault(detail: "chunk \(name) of \(size) bytes is cut off")
            }
            if name == "fmt " { format = try Self.format(bytes, at: start, size: size) }
            if name == "data" {
                guard let format else { throw WebexWAVFault(detail: "data before fmt") }
                return (format, bytes[start..<start + size])
            }
            offset = start + size + size % 2
        }
        throw WebexWAVFault(detail: format == nil ? "no fmt chunk" : "no data chunk")
    }

    private static func format(
        _ bytes: [UInt8], at start: Int, size: Int
    ) throws(WebexWAVFault) -> Format {
        guard size >= 16 else { throw WebexWAVFault(detail: "fmt of \(size) bytes") }
        let code = integer(bytes, at: start, size: 2)
        let channels = integer(bytes, at: start + 2, size: 2)
        let hertz = integer(bytes, at: start + 4, size: 4)
        let bits = integer(bytes, at: start + 14, size: 2)
        guard code == 1 && bits == 16 || code == 7 && bits == 8 else {
            throw WebexWAVFault(detail: "format \(code) with \(bits) bits")
        }
        guard channels == 1 else { throw WebexWAVFault(detail: "\(channels) channels") }
        guard hertz == 8000 || hertz == 16_000 else { throw WebexWAVFault(detail: "\(hertz) Hz") }
        let frame = bits / 8
        guard integer(bytes, at: start + 12, size: 2) == frame else {
            throw WebexWAVFault(detail: "block align is not \(frame)")
        }
        guard integer(bytes, at: start + 8, size: 4) == frame * hertz else {
            throw WebexWAVFault(detail: "byte rate is not \(frame * hertz)")
        }
        return Format(
            isMuLaw: code == 7, rate: hertz == 8000 ? .hz8000 : .hz16000, frameBytes: frame)
    }

    private static func integer(_ bytes: [UInt8], at offset: Int, size: Int) -> Int {
        (0..<size).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    private static func linear(_ audio: ArraySlice<UInt8>) -> [Int16] {
        stride(from: audio.startIndex, to: audio.endIndex, by: 2).map { index in
            Int16(bitPattern: UInt16(audio[index]) | UInt16(audio[index + 1]) << 8)
        }
    }
}

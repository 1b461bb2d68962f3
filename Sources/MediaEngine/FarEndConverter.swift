// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Brings what goes to the platform to what the far-end reference holds: mu-law at 8 kHz.
///
/// Audio that is that already passes untouched; other audio is converted once, when it is sent.
/// Allocates only in `init`.
struct FarEndConverter: ~Copyable {
    private static let sliceLength = 240

    private let format: AudioFormat
    private var resampler: Resampler
    private var linear: [Int16]
    private var narrow: [Int16]
    private var code: [UInt8]

    /// - Parameter format: of the egress, mono.
    init(from format: AudioFormat) {
        self.format = format
        resampler = Resampler(from: format.rate, to: FarEndReference.rate)
        let isPlain = format == .pcmu8000
        let longest = Resampler.maximumOutputCount(
            for: Self.sliceLength, from: format.rate, to: FarEndReference.rate)
        linear = Array(repeating: 0, count: isPlain ? 0 : Self.sliceLength)
        narrow = Array(repeating: 0, count: isPlain ? 0 : longest)
        code = Array(repeating: 0, count: isPlain ? 0 : longest)
    }

    /// Lays `audio`, in the egress format, down in `reference`. Parameters as there.
    mutating func layDown(
        _ audio: Span<UInt8>, in reference: inout FarEndReference, heardAt instant: MediaInstant,
        follows: Bool, allowsBargeIn: Bool
    ) {
        guard format != .pcmu8000 else {
            return reference.append(
                audio, heardAt: instant, follows: follows, allowsBargeIn: allowsBargeIn)
        }
        if !follows { resampler.reset() }
        // Taken out for the moment: a span of a stored array would lock all of self.
        var made: [UInt8] = []
        swap(&made, &code)
        // The filter holds its first samples back.
        let begin = instant - resampler.delay
        var isContinued = follows
        let size = format.bytesPerFrame
        let total = audio.count / size
        var offset = 0
        while offset < total {
            let length = min(Self.sliceLength, total - offset)
            let written = convert(
                audio.extracting((offset * size)..<((offset + length) * size)), into: &made)
            reference.append(
                made.span.extracting(0..<written),
                heardAt: begin + format.rate.duration(of: offset), follows: isContinued,
                allowsBargeIn: allowsBargeIn)
            if written > 0 { isContinued = true }
            offset += length
        }
        code = made
    }

    private mutating func convert(_ audio: Span<UInt8>, into bytes: inout [UInt8]) -> Int {
        var wide: [Int16] = []
        var thin: [Int16] = []
        swap(&wide, &linear)
        swap(&thin, &narrow)
        let written: Int
        do {
            var room = wide.mutableSpan
            let count = AudioCodec.decode(EncodedAudio(audio, format: format), into: &room)
            var target = thin.mutableSpan
            written = resampler.process(room.span.extracting(0..<count), into: &target)
            var code = bytes.mutableSpan
            AudioCodec.encode(
                LinearAudio(target.span.extracting(0..<written), rate: FarEndReference.rate),
                as: .pcmu, into: &code)
        }
        linear = wide
        narrow = thin
        return written
    }
}

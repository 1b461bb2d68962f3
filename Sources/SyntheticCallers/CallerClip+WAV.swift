// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

extension CallerClip {
    /// Makes a clip of a WAV file's first channel, brought to 8 kHz. For set-up.
    ///
    /// - Parameters:
    ///   - bytes: the file: 16-bit PCM, mu-law or A-law at any rate that can be resampled.
    ///   - words: what is said, when it is known.
    ///   - noise: the background to mix under it, the same that fills the rest of the call.
    /// - Throws: `WAVError` for what is no such file, ``Unusable`` for what is no speech.
    public init(
        name: String, wav bytes: [UInt8], words: String? = nil, noise: ComfortNoise = .silence
    ) throws {
        let recorded = try WAVFile.parse(bytes).clip(channel: 0)
        guard Resampler.supports(from: recorded.rate, to: .hz8000) else {
            throw Unusable.rate(recorded.rate)
        }
        try self.init(
            name: name, audio: Self.resampled(recorded), words: words, noise: noise)
    }

    /// The clip at 8 kHz, lying exactly over the original: the filter's delay is taken off.
    static func resampled(_ clip: AudioClip) -> AudioClip {
        var resampler = Resampler(from: clip.rate, to: .hz8000)
        let delay = resampler.delayCount
        let room = Resampler.maximumOutputCount(
            for: clip.samples.count, from: clip.rate, to: .hz8000)
        var body = [Int16](repeating: 0, count: room)
        var output = body.mutableSpan
        let count = resampler.process(clip.samples.span, into: &output)
        var tail = [Int16](repeating: 0, count: resampler.tailCount)
        var rest = tail.mutableSpan
        resampler.flush(into: &rest)
        return AudioClip(
            rate: .hz8000, samples: Array((body[..<count] + tail).dropFirst(delay)))
    }
}

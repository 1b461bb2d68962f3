// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
package import NIOCore

/// Something the caller says: recorded speech with its labels, ready for the line.
///
/// Encoding happens once, here; calls share the result. 8 kHz only, as both platforms are.
public struct CallerClip: Hashable, Sendable {
    /// Why a clip cannot be used.
    public enum Unusable: Error, Hashable, Sendable {
        /// The rate is not 8 kHz: resample it first.
        case rate(SampleRate)
        /// No speech was found: a latency measured against it would mean nothing.
        case noSpeech
    }

    /// Shown in timelines and reports, usually the file's name.
    public let name: String
    /// Speech in samples from the start of the clip.
    public let labels: SpeechLabels
    /// The words, when they are known: shown beside the name.
    public let words: String?
    /// Mu-law as sent, with the line's noise under it.
    package let encoded: [UInt8]
    /// The same, to be lent to a network without a copy.
    package let octets: ByteBuffer
    /// Sum of squares over the labelled speech, and its length.
    package let energy: Double
    package let voicedCount: Int

    /// - Parameters:
    ///   - audio: clean speech at 8 kHz.
    ///   - labels: where the speech is, when known; found by energy otherwise.
    ///   - noise: the background to mix under it, the same that fills the rest of the call.
    public init(
        name: String, audio: AudioClip, labels: SpeechLabels? = nil, words: String? = nil,
        noise: ComfortNoise = .silence
    ) throws(Unusable) {
        guard audio.rate == .hz8000 else { throw .rate(audio.rate) }
        let labels = labels ?? SpeechLabels(of: audio)
        guard let end = labels.end, end <= audio.samples.count else { throw .noSpeech }
        self.name = name
        self.words = words
        self.labels = labels
        voicedCount = labels.runs.reduce(0) { $0 + $1.count }
        energy = labels.runs.joined().reduce(0.0) { sum, index in
            sum + Double(audio.samples[index]) * Double(audio.samples[index])
        }
        let bed = noise.samples
        encoded = MuLaw.encode(
            audio.samples.enumerated().map { index, sample in
                Int16(clamping: Int(sample) + Int(bed[index % bed.count]))
            })
        octets = ByteBuffer(bytes: encoded)
    }

    /// Playing time.
    public var duration: MediaDuration { SampleRate.hz8000.duration(of: encoded.count) }

    /// First voiced sample.
    package var onset: Int { labels.onset ?? 0 }

    /// One past the last voiced sample.
    package var end: Int { labels.end ?? encoded.count }
}

extension CallerClip {
    /// The same in memory of its own, for another thread's calls.
    package func copy() -> CallerClip { CallerClip(copying: self) }

    private init(copying other: CallerClip) {
        name = other.name
        words = other.words
        labels = SpeechLabels(runs: other.labels.runs.map { $0 })
        voicedCount = other.voicedCount
        energy = other.energy
        encoded = other.encoded.map { $0 }
        octets = ByteBuffer(bytes: encoded)
    }
}

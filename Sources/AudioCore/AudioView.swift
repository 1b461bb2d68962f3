// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A borrowed view of encoded audio: bytes together with the format that reads them.
///
/// It owns nothing and cannot outlive the bytes. A view may end inside a frame; `frameCount`
/// counts whole frames only.
public struct EncodedAudio: ~Escapable {
    public let format: AudioFormat
    public let bytes: RawSpan

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, format: AudioFormat) {
        self.format = format
        self.bytes = bytes
    }

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>, format: AudioFormat) {
        // A byte has no padding that reading could disclose.
        self.init(unsafe bytes.bytes, format: format)
    }

    /// Whole frames in the view.
    @inlinable
    public var frameCount: Int { bytes.byteCount / format.bytesPerFrame }

    /// Whether the bytes end on a frame boundary.
    @inlinable
    public var isWhole: Bool { bytes.byteCount % format.bytesPerFrame == 0 }
}

/// A borrowed view of mono 16-bit samples together with their rate.
public struct LinearAudio: ~Escapable {
    public let rate: SampleRate
    public let samples: Span<Int16>

    @inlinable
    @_lifetime(copy samples)
    public init(_ samples: Span<Int16>, rate: SampleRate) {
        self.rate = rate
        self.samples = samples
    }

    @inlinable
    public var duration: MediaDuration { rate.duration(of: samples.count) }
}

/// Mono 16-bit audio that owns its samples: prompts, recordings, test material. Not for the hot path.
public struct AudioClip: Hashable, Sendable {
    public var rate: SampleRate
    public var samples: [Int16]

    public init(rate: SampleRate, samples: [Int16]) {
        self.rate = rate
        self.samples = samples
    }

    public var duration: MediaDuration { rate.duration(of: samples.count) }
}

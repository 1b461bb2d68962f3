// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Samples per second of one channel.
public struct SampleRate: Hashable, Sendable {
    /// Samples per second, 1 to 768,000.
    public let hertz: Int

    /// - Precondition: `hertz` is within 1...768,000. Check numbers that come from a peer or a file first.
    @inlinable
    public init(hertz: Int) {
        precondition((1...768_000).contains(hertz), "A sample rate must be within 1...768000 Hz")
        self.hertz = hertz
    }

    public static let hz8000 = SampleRate(hertz: 8000)
    public static let hz16000 = SampleRate(hertz: 16000)
    public static let hz24000 = SampleRate(hertz: 24000)
    public static let hz48000 = SampleRate(hertz: 48000)

    /// Playing time of `count` samples, rounded down to a nanosecond.
    @inlinable
    public func duration(of count: Int) -> MediaDuration {
        let (seconds, rest) = Int64(count).quotientAndRemainder(dividingBy: Int64(hertz))
        return MediaDuration(
            nanoseconds: seconds * 1_000_000_000 + rest * 1_000_000_000 / Int64(hertz))
    }

    /// Whole samples that fit into `duration`, rounded down.
    @inlinable
    public func samples(in duration: MediaDuration) -> Int {
        let (seconds, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int(seconds * Int64(hertz) + rest * Int64(hertz) / 1_000_000_000)
    }
}

/// How a sample is written as bytes. Names as registered (RFC 3551), L16 with its byte order.
public enum AudioEncoding: Hashable, Sendable, CaseIterable {
    /// G.711 mu-law, one byte a sample.
    case pcmu
    /// G.711 A-law, one byte a sample.
    case pcma
    /// 16-bit two's complement, least significant byte first.
    case linear16LittleEndian
    /// 16-bit two's complement, most significant byte first (network order, RFC 3551 L16).
    case linear16BigEndian

    @inlinable
    public var bytesPerSample: Int {
        switch self {
        case .pcmu, .pcma: 1
        case .linear16LittleEndian, .linear16BigEndian: 2
        }
    }
}

/// Everything needed to read audio bytes: it travels with the bytes.
public struct AudioFormat: Hashable, Sendable {
    public var encoding: AudioEncoding
    public var rate: SampleRate
    /// Interleaved channels, 1 or more.
    public var channels: Int

    @inlinable
    public init(_ encoding: AudioEncoding, rate: SampleRate, channels: Int = 1) {
        precondition(channels >= 1, "Audio has at least one channel")
        self.encoding = encoding
        self.rate = rate
        self.channels = channels
    }

    /// G.711 mu-law at 8 kHz, mono: what most telephony platforms send.
    public static let pcmu8000 = AudioFormat(.pcmu, rate: .hz8000)
    /// G.711 A-law at 8 kHz, mono.
    public static let pcma8000 = AudioFormat(.pcma, rate: .hz8000)

    /// Bytes of one frame: one sample of every channel.
    @inlinable
    public var bytesPerFrame: Int { encoding.bytesPerSample * channels }
}

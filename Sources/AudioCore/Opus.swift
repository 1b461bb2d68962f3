// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import COpus

/// Why libopus did not do what it was asked to.
public enum OpusError: Error, Hashable, Sendable {
    /// Opus knows 8, 12, 16, 24 and 48 kHz only.
    case unsupportedRate(SampleRate)
    /// A frame lasts 2.5, 5, 10, 20, 40 or 60 ms.
    case unsupportedFrame(sampleCount: Int)
    /// The packet is empty or not made by an Opus encoder.
    case invalidPacket
    /// The output is too short: for a packet's samples, or for a frame's bytes.
    case noRoom
    /// A failure of the library itself, with its error number.
    case library(code: Int)

    fileprivate init(code: Int32) {
        self =
            switch code {
            case OPUS_INVALID_PACKET: .invalidPacket
            case OPUS_BUFFER_TOO_SMALL: .noRoom
            default: .library(code: Int(code))
            }
    }
}

/// Encodes mono speech as Opus (RFC 6716), one packet for each frame.
///
/// Only `init` allocates, about 44 KB; a frame of 20 ms then costs tens of microseconds. One thread at
/// a time: the state belongs to this value alone, so it may move between threads.
@safe
public struct OpusEncoder: ~Copyable, @unchecked Sendable {
    public let rate: SampleRate
    /// Samples by which decoded audio comes later than what was encoded.
    public let delayCount: Int

    private let handle: OpaquePointer

    /// The most bytes of one packet (RFC 6716 section 3.4): room for this always suffices.
    public static let maximumPacketCount = 1275

    /// - Parameters:
    ///   - bitRate: Bits per second, 6,000 to 510,000.
    ///   - complexity: 0 (cheapest) to 10 (best).
    public init(rate: SampleRate, bitRate: Int, complexity: Int) throws(OpusError) {
        precondition((6_000...510_000).contains(bitRate), "Opus takes 6 to 510 kbit/s")
        precondition((0...10).contains(complexity), "Opus takes complexities 0 to 10")
        guard OpusPacket.rates.contains(rate.hertz) else { throw .unsupportedRate(rate) }
        var status: Int32 = 0
        // One channel; a nil result comes with its reason in `status`.
        let made = unsafe opus_encoder_create(
            Int32(rate.hertz), 1, OPUS_APPLICATION_VOIP, &status)
        guard let made = unsafe made else { throw OpusError(code: status) }
        var lookahead: Int32 = 0
        // The handle was just made; these set and read fields of it.
        let settings = unsafe [
            sidetone_opus_encoder_set_bitrate(made, Int32(bitRate)),
            sidetone_opus_encoder_set_complexity(made, Int32(complexity)),
            sidetone_opus_encoder_set_speech(made),
            sidetone_opus_encoder_lookahead(made, &lookahead),
        ]
        if let failure = settings.first(where: { $0 != OPUS_OK }) {
            // The handle is ours and goes no further.
            unsafe opus_encoder_destroy(made)
            throw OpusError(code: failure)
        }
        self.rate = rate
        delayCount = Int(lookahead)
        unsafe handle = made
    }

    deinit {
        // The handle is ours and no longer used.
        unsafe opus_encoder_destroy(handle)
    }

    /// Encodes one frame of 2.5, 5, 10, 20, 40 or 60 ms into the start of `packet`.
    ///
    /// - Returns: The bytes written, at most ``maximumPacketCount``.
    public mutating func encode(
        _ frame: Span<Int16>, into packet: inout MutableSpan<UInt8>
    ) throws(OpusError) -> Int {
        guard OpusPacket.isFrame(frame.count, at: rate) else {
            throw .unsupportedFrame(sampleCount: frame.count)
        }
        let room = Int32(min(packet.count, Self.maximumPacketCount))
        guard room > 0 else { throw .noRoom }
        // Reads a legal frame's samples, writes at most `room` bytes.
        let result = unsafe frame.withUnsafeBufferPointer { source in
            unsafe packet.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else {
                    return OPUS_BAD_ARG
                }
                return unsafe opus_encode(handle, from, Int32(source.count), to, room)
            }
        }
        guard result >= 0 else { throw OpusError(code: result) }
        return Int(result)
    }

    /// Forgets the stream so far.
    public mutating func reset() {
        // Clears the state, keeps the settings.
        unsafe _ = sidetone_opus_encoder_reset(handle)
    }
}

/// Decodes mono Opus (RFC 6716) at any of its rates, whatever rate it was encoded at.
///
/// Only `init` allocates, about 18 KB. One thread at a time: the state belongs to this value alone,
/// so it may move between threads.
@safe
public struct OpusDecoder: ~Copyable, @unchecked Sendable {
    public let rate: SampleRate

    private let handle: OpaquePointer

    public init(rate: SampleRate) throws(OpusError) {
        guard OpusPacket.rates.contains(rate.hertz) else { throw .unsupportedRate(rate) }
        var status: Int32 = 0
        // One channel; a nil result comes with its reason in `status`.
        let made = unsafe opus_decoder_create(Int32(rate.hertz), 1, &status)
        guard let made = unsafe made else { throw OpusError(code: status) }
        self.rate = rate
        unsafe handle = made
    }

    deinit {
        // The handle is ours and no longer used.
        unsafe opus_decoder_destroy(handle)
    }

    /// The most samples of one packet, 120 ms: room for this always suffices.
    public var maximumSampleCount: Int { rate.samples(in: .milliseconds(120)) }

    /// Decodes one packet into the start of `samples`.
    ///
    /// - Returns: The samples written.
    public mutating func decode(
        _ packet: Span<UInt8>, into samples: inout MutableSpan<Int16>
    ) throws(OpusError) -> Int {
        // To libopus an empty packet is a lost one: that is asked for by name.
        guard packet.count > 0 else { throw .invalidPacket }
        let room = Int32(min(samples.count, maximumSampleCount))
        guard room > 0 else { throw .noRoom }
        // Reads the packet, writes at most `room` samples.
        let result = unsafe packet.withUnsafeBufferPointer { source in
            unsafe samples.withUnsafeMutableBufferPointer { target in
                guard let to = target.baseAddress else { return OPUS_BUFFER_TOO_SMALL }
                return unsafe opus_decode(
                    handle, source.baseAddress, Int32(clamping: source.count), to, room, 0)
            }
        }
        guard result >= 0 else { throw OpusError(code: result) }
        return Int(result)
    }

    /// Makes up for a lost packet: fills all of `samples`, a multiple of 2.5 ms up to 120 ms.
    public mutating func conceal(into samples: inout MutableSpan<Int16>) throws(OpusError) {
        let count = samples.count
        let unit = rate.hertz / 400
        guard count > 0, count % unit == 0, count <= maximumSampleCount else {
            throw .unsupportedFrame(sampleCount: count)
        }
        // No packet; writes `count` samples.
        let result = unsafe samples.withUnsafeMutableBufferPointer { target in
            guard let to = target.baseAddress else { return OPUS_BAD_ARG }
            return unsafe opus_decode(handle, nil, 0, to, Int32(count), 0)
        }
        guard result >= 0 else { throw OpusError(code: result) }
    }

    /// Forgets the stream so far.
    public mutating func reset() {
        // Clears the state, keeps the settings.
        unsafe _ = sidetone_opus_decoder_reset(handle)
    }
}

private enum OpusPacket {
    static let rates: Set<Int> = [8000, 12000, 16000, 24000, 48000]

    static func isFrame(_ count: Int, at rate: SampleRate) -> Bool {
        let (units, rest) = count.quotientAndRemainder(dividingBy: rate.hertz / 400)
        return switch units {
        case 1, 2, 4, 8, 16, 24: rest == 0
        default: false
        }
    }
}

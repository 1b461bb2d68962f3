// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// A form of audio on the wire between Sidetone and a far bot. Mono.
public struct WireAudio: Hashable, Sendable {
    public enum Encoding: String, Hashable, Sendable, CaseIterable {
        /// 16 bits a sample, least significant byte first.
        case pcm16
        /// One Opus packet a message.
        case opus
        case pcmu
        case pcma
    }

    public var encoding: Encoding
    public var rate: SampleRate

    public init(_ encoding: Encoding, rate: SampleRate) {
        self.encoding = encoding
        self.rate = rate
    }

    /// The rates at which a bot may listen and speak.
    public static let rates = [8000, 16_000, 24_000, 48_000]

    /// Bytes that so much audio takes at most.
    func byteCount(of duration: MediaDuration) -> Int {
        // A packet of Opus is never as long as its samples in G.711.
        rate.samples(in: duration) * (encoding == .pcm16 ? 2 : 1)
    }

    /// Encoding of single samples; nil for Opus.
    var sampleEncoding: AudioEncoding? {
        switch encoding {
        case .pcm16: .linear16LittleEndian
        case .pcmu: .pcmu
        case .pcma: .pcma
        case .opus: nil
        }
    }
}

/// Turns the caller's samples into messages. One thread.
struct WireEncoder: ~Copyable {
    private static let opusFrame = MediaDuration.milliseconds(20)

    private let form: WireAudio
    private var opus: OpusEncoder?
    /// Samples of an Opus frame that is not full.
    private var frame: [Int16] = []

    init(_ form: WireAudio) throws(OpusError) {
        self.form = form
        guard form.encoding == .opus else { return }
        opus = try OpusEncoder(rate: form.rate, bitRate: 32_000, complexity: 5)
    }

    /// Calls `send` with each complete message and the samples that it holds.
    mutating func encode(_ audio: borrowing LinearAudio, send: ([UInt8], Int) -> Void) {
        if let encoding = form.sampleEncoding {
            let count = audio.samples.count
            var bytes = [UInt8](repeating: 0, count: count * encoding.bytesPerSample)
            var room = bytes.mutableSpan
            AudioCodec.encode(audio, as: encoding, into: &room)
            send(bytes, count)
            return
        }
        let length = form.rate.samples(in: Self.opusFrame)
        for index in audio.samples.indices {
            frame.append(audio.samples[index])
            guard frame.count == length else { continue }
            if let packet = encodeFrame() { send(packet, length) }
            frame.removeAll(keepingCapacity: true)
        }
    }

    private mutating func encodeFrame() -> [UInt8]? {
        guard var encoder = opus.take() else { return nil }
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumPacketCount)
        var count = 0
        do throws(OpusError) {
            var room = packet.mutableSpan
            count = try encoder.encode(frame.span, into: &room)
        } catch {
            count = 0
        }
        opus = consume encoder
        return count > 0 ? Array(packet[0..<count]) : nil
    }
}

/// Turns a bot's messages into samples. One thread.
struct WireDecoder: ~Copyable {
    private let form: WireAudio
    private var opus: OpusDecoder?
    /// The first byte of a sample whose second one is in the next message.
    private var oddByte: UInt8?

    init(_ form: WireAudio) throws(OpusError) {
        self.form = form
        if form.encoding == .opus { opus = try OpusDecoder(rate: form.rate) }
    }

    /// What was left of the message before belongs to another stream.
    mutating func reset() {
        oddByte = nil
        opus?.reset()
    }

    /// - Returns: the samples; nil when the message cannot be read.
    mutating func decode(_ message: [UInt8]) -> [Int16]? {
        guard let encoding = form.sampleEncoding else { return decodeOpus(message) }
        var bytes = message
        if encoding.bytesPerSample == 2 {
            if let oddByte {
                bytes.insert(oddByte, at: 0)
                self.oddByte = nil
            }
            if bytes.count % 2 == 1 { oddByte = bytes.removeLast() }
        }
        var samples = [Int16](repeating: 0, count: bytes.count / encoding.bytesPerSample)
        var room = samples.mutableSpan
        AudioCodec.decode(
            EncodedAudio(bytes.span, format: AudioFormat(encoding, rate: form.rate)), into: &room)
        return samples
    }

    private mutating func decodeOpus(_ message: [UInt8]) -> [Int16]? {
        guard var decoder = opus.take() else { return nil }
        var samples = [Int16](repeating: 0, count: decoder.maximumSampleCount)
        var count: Int?
        do throws(OpusError) {
            var room = samples.mutableSpan
            count = try decoder.decode(message.span, into: &room)
        } catch {
            count = nil
        }
        opus = consume decoder
        return count.map { Array(samples[0..<$0]) }
    }
}

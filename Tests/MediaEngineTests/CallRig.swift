// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import MediaEngine
import SpeechDetection

/// A call on a virtual clock with a platform and a bot played by the test.
final class CallRig {
    let call: Call
    let pool: AudioBlockPool
    private(set) var clock = VirtualClock(now: MediaInstant(nanoseconds: 1_000_000_000))
    private(set) var events: [CallEvent] = []
    /// Bytes that had been sent when the event of the same index was fetched.
    private(set) var sentBefore: [Int] = []
    private(set) var callerAudio: [Int16] = []
    private(set) var packets: [(instant: MediaInstant, packet: OutboundPacket, bytes: [UInt8])] = []
    private(set) var flushes: [(instant: MediaInstant, generation: Generation)] = []
    private var packetBuffer = [UInt8](repeating: 0, count: 65_536)
    private var sampleBuffer = [Int16](repeating: 0, count: 4800)

    static let pacing = PacingProfile(
        lead: .milliseconds(500), packet: .milliseconds(250), maximumPacket: .milliseconds(500),
        startThreshold: .milliseconds(240), startPatience: .milliseconds(60),
        packetInterval: .milliseconds(200), packetBurst: 5)

    init(
        ingress: AudioFormat = .pcmu8000, channel: Int = 0,
        pacing: PacingProfile? = CallRig.pacing, egress: AudioFormat = .pcmu8000,
        botRate: SampleRate = .hz8000, bargeIn: BargeInPolicy = BargeInPolicy(),
        cleansAudio: Bool = false,
        delivery: CallConfiguration.CallerAudioDelivery = .turns,
        playoutCapacity: MediaDuration = .milliseconds(60_000)
    ) {
        pool = AudioBlockPool(byteLimit: 4 * 1024 * 1024)
        call = Call(
            configuration: CallConfiguration(
                ingress: ingress, channel: channel,
                egress: pacing.map { .init(format: egress, pacing: $0) },
                botRate: botRate, delivery: delivery, bargeIn: bargeIn, cleansAudio: cleansAudio,
                playoutCapacity: playoutCapacity),
            pool: pool, now: clock.now)
    }

    var now: MediaInstant { clock.now }

    /// Time passes in ticks of 10 ms.
    func wait(_ duration: MediaDuration) {
        var rest = duration
        while rest > .zero {
            let step = min(rest, .milliseconds(10))
            clock.advance(by: step)
            call.advance(to: now)
            fetch()
            rest = rest - step
        }
    }

    /// Clears after `duration` without a tick in between.
    func clearLater(_ duration: MediaDuration) {
        clock.advance(by: duration)
        call.clear(now: now)
        fetch()
    }

    /// Delivers samples in packets of `packet`, each when its last sample has been spoken.
    func speak(_ samples: [Int16], packet: MediaDuration = .milliseconds(20)) {
        let size = SampleRate.hz8000.samples(in: packet)
        var offset = 0
        while offset < samples.count {
            let part = Array(samples[offset..<min(offset + size, samples.count)])
            wait(SampleRate.hz8000.duration(of: part.count))
            arrive(part)
            offset += part.count
        }
    }

    /// Delivers samples at once, in the call's encoding.
    func arrive(_ samples: [Int16]) {
        let format = call.configuration.ingress
        let bytes = Self.encode(samples, as: format.encoding)
        call.receive(EncodedAudio(bytes.span, format: format), now: now)
        fetch()
    }

    /// Queues samples of the bot at `rate`.
    @discardableResult
    func play(_ samples: [Int16], in response: ResponseID, rate: SampleRate = .hz8000) -> Int {
        let taken = call.play(LinearAudio(samples.span, rate: rate), in: response, now: now)
        fetch()
        return taken
    }

    func fetch() {
        repeat {
            while let event = call.nextEvent() {
                events.append(event)
                sentBefore.append(packets.reduce(0) { $0 + $1.bytes.count })
            }
            while true {
                var room = sampleBuffer.mutableSpan
                let count = call.readCallerAudio(into: &room)
                if count == 0 { break }
                callerAudio.append(contentsOf: sampleBuffer[0..<count])
            }
            if let generation = call.takeFlush() { flushes.append((now, generation)) }
            while true {
                var room = packetBuffer.mutableSpan
                guard let packet = call.nextPacket(into: &room, now: now) else { break }
                packets.append((now, packet, Array(packetBuffer[0..<packet.byteCount])))
            }
        } while call.hasEvents
    }

    /// Bytes of all packets so far, in order.
    var sentBytes: [UInt8] { packets.flatMap(\.bytes) }

    static func encode(_ samples: [Int16], as encoding: AudioEncoding = .pcmu) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: samples.count * encoding.bytesPerSample)
        var room = bytes.mutableSpan
        AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: encoding, into: &room)
        return bytes
    }

    /// Samples of a packet, at 8 kHz: of 16 kHz every other one.
    func decode(_ bytes: [UInt8]) -> [Int16] {
        guard let format = call.configuration.egress?.format else { return [] }
        var samples = [Int16](repeating: 0, count: bytes.count / format.bytesPerFrame)
        var room = samples.mutableSpan
        AudioCodec.decode(EncodedAudio(bytes.span, format: format), into: &room)
        let step = format.rate.hertz / 8000
        return stride(from: 0, to: samples.count, by: step).map { samples[$0] }
    }

    /// What remains of samples after mu-law and back.
    static func throughMuLaw(_ samples: [Int16]) -> [Int16] {
        let bytes = encode(samples)
        var decoded = [Int16](repeating: 0, count: samples.count)
        var room = decoded.mutableSpan
        AudioCodec.decode(EncodedAudio(bytes.span, format: .pcmu8000), into: &room)
        return decoded
    }
}

/// Signals that the detector takes for voice and for silence.
enum Signal {
    /// Syllables of 180 ms, each a vowel of its own, on a pitch that glides: what a detector takes
    /// for speech. A buzz that stands still is a machine to it.
    static func voice(_ duration: MediaDuration, level: Double = 6000) -> [Int16] {
        let vowels = [
            (700.0, 1200.0), (350, 2100), (500, 1800), (650, 1000), (300, 2300), (450, 900),
        ]
        var phase = 0.0
        return (0..<SampleRate.hz8000.samples(in: duration)).map { index in
            let (first, second) = vowels[index / 1440 % vowels.count]
            let place = Double(index % 1440) / 1440
            let glide = 0.12 * sin(2 * .pi * Double(index) / 10_400) + 0.08 * (1 - 2 * place)
            let pitch = 125 * (1 + glide)
            phase += 2 * .pi * pitch / 8000
            var sum = 0.0
            for harmonic in 1...25 {
                let frequency = pitch * Double(harmonic)
                let envelope =
                    exp(-pow((frequency - first) / 180, 2))
                    + 0.5 * exp(-pow((frequency - second) / 250, 2))
                sum += (0.02 + envelope) * sin(phase * Double(harmonic))
            }
            let syllable = 0.05 + 0.95 * min(1, place / 0.15, (1 - place) / 0.25)
            return Int16(clamping: Int(sum * syllable * level / 2.5))
        }
    }

    static func silence(_ duration: MediaDuration) -> [Int16] {
        [Int16](repeating: 0, count: SampleRate.hz8000.samples(in: duration))
    }

    /// A ramp that makes every stretch of it recognisable after mu-law.
    static func tone(_ duration: MediaDuration, hertz: Double, level: Double = 8000) -> [Int16] {
        (0..<SampleRate.hz8000.samples(in: duration)).map { index in
            Int16(level * sin(2 * .pi * hertz * Double(index) / 8000))
        }
    }
}

/// A small generator with a fixed seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import WebSocketBots

/// A media server on one loop, a platform played by the test, and a second loop for far bots.
struct CallRig {
    let server: MediaServer
    let loop: any EventLoop
    let platform: NIOLoopBound<HeardPlatform>
    let session: NIOLoopBound<CallSession>
    private let clock: HurriedClock

    static let pacing = PacingProfile(
        lead: .milliseconds(500), packet: .milliseconds(100),
        maximumPacket: .milliseconds(500), startThreshold: .milliseconds(20),
        startPatience: .milliseconds(20), packetInterval: .zero, packetBurst: 1)

    /// Starts `far`, a call with the bot that `make` gives for its address, and runs `body`.
    static func run(
        _ far: FarBot, refusal: Int? = nil,
        _ make: (BotTarget) throws -> any BotProvider,
        body: (CallRig) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let farGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let url = try await far.start(
            on: farGroup, refusal: refusal.map { .init(statusCode: $0) })
        let clock = HurriedClock()
        let server = try await MediaServer.start(
            configuration: .init(), bots: try make(BotTarget(url: url)), group: group,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { clock.now })
        let loop = group.next()
        let (platform, session) = try await loop.submit {
            let platform = HeardPlatform()
            let session = try server.admit(
                CallInfo(
                    key: CallKey(platform: "test", conversation: "1"), inputs: ["tier": "gold"]),
                ingress: .pcmu8000, egress: .init(format: .pcmu8000, pacing: pacing),
                platform: platform, on: loop)
            platform.session = session
            return (
                NIOLoopBound(platform, eventLoop: loop), NIOLoopBound(session, eventLoop: loop)
            )
        }.get()
        let rig = CallRig(
            server: server, loop: loop, platform: platform, session: session, clock: clock)
        do {
            try await body(rig)
        } catch {
            try await stop(server, far, group, farGroup)
            throw error
        }
        try await stop(server, far, group, farGroup)
    }

    private static func stop(
        _ server: MediaServer, _ far: FarBot, _ group: MultiThreadedEventLoopGroup,
        _ farGroup: MultiThreadedEventLoopGroup
    ) async throws {
        server.hurry()
        try await server.stop(deadline: .zero)
        await far.stop()
        try await group.shutdownGracefully()
        try await farGroup.shutdownGracefully()
    }

    /// The caller's samples as the platform sends them, in packets of 100 ms; time passes with them.
    func say(_ samples: [Int16]) async throws {
        for start in stride(from: 0, to: samples.count, by: 800) {
            try await send(Self.muLaw(Array(samples[start..<min(start + 800, samples.count)])))
        }
    }

    func send(_ packet: [UInt8]) async throws {
        let session = session
        clock.hurry(by: SampleRate.hz8000.duration(of: packet.count))
        try await loop.submit {
            session.value.receive(EncodedAudio(packet.span, format: .pcmu8000))
            session.value.pump()
        }.get()
    }

    static func muLaw(_ samples: [Int16]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: samples.count)
        var room = bytes.mutableSpan
        AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: .pcmu, into: &room)
        return bytes
    }

    static func linear(_ bytes: [UInt8]) -> [Int16] {
        var samples = [Int16](repeating: 0, count: bytes.count)
        var room = samples.mutableSpan
        AudioCodec.decode(EncodedAudio(bytes.span, format: .pcmu8000), into: &room)
        return samples
    }

    func press(_ key: Character) async throws {
        let session = session
        try await loop.submit {
            if let digit = DTMFDigit(key) { session.value.receive(digit) }
        }.get()
    }

    /// Lets the call's clock run ahead.
    func hurry(_ milliseconds: Int64) { clock.hurry(by: .milliseconds(milliseconds)) }

    var log: [String] {
        get async throws {
            let platform = platform
            return try await loop.submit { platform.value.log }.get()
        }
    }

    var heard: [UInt8] {
        get async throws {
            let platform = platform
            return try await loop.submit { platform.value.bytes }.get()
        }
    }

    /// Waits up to 5 s until it holds.
    func wait(until holds: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<500 {
            if try await holds() { return true }
            try await loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
        }
        return false
    }

    /// Recorded speech of Debian's asterisk-core-sounds-en-wav, from its first sound on.
    static let speech: [Int16] = {
        let path = "/usr/share/asterisk/sounds/en_US_f_Allison/conf-onlyperson.wav"
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? WAVFile.parse([UInt8](data))
        else { preconditionFailure("\(path) is missing: run scripts/install-dependencies") }
        return file.clip(channel: 0).samples.drop { abs(Int32($0)) < 300 }
            .map { Int16(clamping: 2 * Int($0)) }
    }()

    /// 0.3 s of silence, 1.8 s of speech and 1 s of silence: a turn that interrupts as well.
    static let turn =
        [Int16](repeating: 0, count: 2400) + speech.prefix(14_400)
        + [Int16](repeating: 0, count: 8000)
}

/// A platform that keeps what it is sent and writes down what it is told.
final class HeardPlatform: PlatformConnection {
    let confirmsPlayback = false
    var log: [String] = []
    var bytes: [UInt8] = []
    weak var session: CallSession?

    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {
        var samples = [Int16](repeating: 0, count: audio.frameCount)
        var room = samples.mutableSpan
        AudioCodec.decode(audio, into: &room)
        // Mu-law there and back is the same byte, but for a negative zero.
        bytes += CallRig.muLaw(samples)
        let entry = "say \(packet.response.number)"
        if log.last != entry { log.append(entry) }
    }

    func clear(generation: Generation) { log.append("clear") }
    func handle(_ event: CallEvent) {
        if case .turnAnswered = event { log.append("answered") }
    }
    func listen(for expectation: InputExpectation) { log.append("listen \(expectation.modes)") }
    func send(_ event: CustomEvent) { log.append("event \(event.name)") }
    func report(_ outcome: TurnOutcome) { log.append("\(outcome.disposition)") }

    func endCall(_ ending: CallEnding) {
        log.append("\(ending.kind)")
        session?.end(.botEnded)
    }

    func flushWrites() {}
}

/// The monotonic clock, which a test may put forward.
final class HurriedClock: Sendable {
    private let ahead = Atomic<Int64>(0)

    var now: MediaInstant {
        MonotonicClock.now() + MediaDuration(nanoseconds: ahead.load(ordering: .relaxed))
    }

    func hurry(by duration: MediaDuration) {
        ahead.add(duration.nanoseconds, ordering: .relaxed)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Foundation
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import Synchronization

/// A media server on one loop with a platform played by the test.
struct BotRig {
    let server: MediaServer
    let loop: any EventLoop
    let platform: NIOLoopBound<HeardPlatform>
    let session: NIOLoopBound<CallSession>
    private let clock: HurriedClock

    static let pacing = PacingProfile(
        lead: .milliseconds(500), packet: .milliseconds(100),
        maximumPacket: .milliseconds(500), startThreshold: .milliseconds(20),
        startPatience: .milliseconds(20), packetInterval: .zero, packetBurst: 1)
    /// As a platform that takes an answer as a unit wants it.
    static let unit = PacingProfile(
        lead: nil, packet: .milliseconds(100), maximumPacket: .milliseconds(8000),
        startThreshold: .milliseconds(100), startPatience: .milliseconds(60),
        packetInterval: .zero, packetBurst: 1, joinsResponses: false)

    /// Starts a call with a bot of `bots`, runs `body`, stops everything.
    static func run(
        _ bots: any BotProvider, pacing: PacingProfile = BotRig.pacing,
        reportsNoInput: Bool = false, _ body: (BotRig) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let clock = HurriedClock()
        let server = try await MediaServer.start(
            configuration: .init(), bots: bots, group: group,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { clock.now })
        let loop = group.next()
        let (platform, session) = try await loop.submit {
            let platform = HeardPlatform()
            platform.reportsNoInput = reportsNoInput
            let session = try server.admit(
                CallInfo(
                    key: CallKey(platform: "test", conversation: "1"), inputs: ["tier": "gold"]),
                ingress: .pcmu8000,
                egress: .init(format: .pcmu8000, pacing: pacing),
                platform: platform, on: loop)
            platform.session = session
            return (
                NIOLoopBound(platform, eventLoop: loop), NIOLoopBound(session, eventLoop: loop)
            )
        }.get()
        let rig = BotRig(
            server: server, loop: loop, platform: platform, session: session, clock: clock)
        do {
            try await body(rig)
        } catch {
            try await server.stop(deadline: .zero)
            try await group.shutdownGracefully()
            throw error
        }
        try await server.stop(deadline: .zero)
        try await group.shutdownGracefully()
    }

    /// The caller says `samples`, in packets of 100 ms; the call's time passes with them, at once.
    func say(_ samples: [Int16]) async throws {
        let session = session
        var bytes = [UInt8](repeating: 0, count: samples.count)
        var room = bytes.mutableSpan
        AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: .pcmu, into: &room)
        for start in stride(from: 0, to: bytes.count, by: 800) {
            let packet = Array(bytes[start..<min(start + 800, bytes.count)])
            clock.hurry(by: SampleRate.hz8000.duration(of: packet.count))
            try await loop.submit {
                session.value.receive(EncodedAudio(packet.span, format: .pcmu8000))
                session.value.pump()
            }.get()
        }
    }

    func press(_ keys: String) async throws {
        let session = session
        try await loop.submit {
            for key in keys {
                if let digit = DTMFDigit(key) { session.value.receive(digit) }
            }
        }.get()
    }

    func receive(_ input: PlatformInput) async throws {
        let session = session
        try await loop.submit { session.value.receive(input) }.get()
    }

    var log: [String] {
        get async throws {
            let platform = platform
            return try await loop.submit { platform.value.log }.get()
        }
    }

    func hangUp() async throws {
        let session = session
        try await loop.submit { session.value.end(.platformEnded) }.get()
    }

    /// Waits until the platform has been told `entry`, so many times.
    func expect(_ entry: String, times: Int = 1) async throws -> Bool {
        let platform = platform
        for _ in 0..<500 {
            if try await loop.submit({ platform.value.log.count { $0 == entry } >= times }).get() {
                return true
            }
            try await loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
        }
        return false
    }

    var heardBytes: Int {
        get async throws {
            let platform = platform
            return try await loop.submit { platform.value.byteCount }.get()
        }
    }

    /// 0.3 s of silence, by which the line is known, 0.8 s of speech and 0.6 s of silence: one turn.
    static let turn =
        [Int16](repeating: 0, count: 2400) + speech.prefix(6400)
        + [Int16](repeating: 0, count: 4800)

    /// Recorded speech, from its first sound on: Debian's asterisk-core-sounds-en-wav. A trained
    /// detector takes no synthetic voice for one for sure.
    static let speech: [Int16] = {
        let path = "/usr/share/asterisk/sounds/en_US_f_Allison/hello-world.wav"
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? WAVFile.parse([UInt8](data))
        else { preconditionFailure("\(path) is missing: run scripts/install-dependencies") }
        return file.clip(channel: 0).samples.drop { abs(Int32($0)) < 300 }
            .map { Int16(clamping: 2 * Int($0)) }
    }()
}

extension BotRig {
    /// 0.3 s of silence, by which the line is known, 1.8 s of a recorded voice and 1 s of silence:
    /// what interrupts a prompt. Over the far end a buzz is no voice.
    static let interruption: [Int16] = {
        let path = Script.defaultURL.deletingLastPathComponent()
            .appending(path: "prompts/opening-hours.wav").path
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? WAVFile.parse([UInt8](data))
        else { fatalError("The package's own prompt cannot be read") }
        return [Int16](repeating: 0, count: 2400) + file.clip(channel: 0).samples.prefix(14_400)
            + [Int16](repeating: 0, count: 8000)
    }()
}

/// A platform that counts what it is sent and writes down what it is told.
final class HeardPlatform: PlatformConnection {
    let confirmsPlayback = false
    var reportsNoInput = false
    var log: [String] = []
    var byteCount = 0
    weak var session: CallSession?

    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {
        byteCount += packet.byteCount
        let entry = "say \(packet.response.number)\(packet.allowsBargeIn ? "" : " to its end")"
        if log.last != entry { log.append(entry) }
    }

    func clear(generation: Generation) { log.append("clear") }
    func handle(_ event: CallEvent) {}
    func listen(for expectation: InputExpectation) { log.append("listen \(expectation.modes)") }
    func send(_ event: CustomEvent) { log.append("event \(event.name) \(event.values)") }
    func report(_ outcome: TurnOutcome) { log.append("\(outcome.disposition)") }

    func endCall(_ ending: CallEnding) {
        log.append("\(ending.kind) \(ending.outputs.sorted { $0.key < $1.key })")
        if let summary = ending.summary { log.append("summary \(summary)") }
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

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Logging
import MediaEngine
import NIOCore
import NIOEmbedded

@testable import MediaServer

/// A shard on an embedded loop whose clock is the loop's own: time moves when the test says so.
final class ShardRig {
    let loop = EmbeddedEventLoop()
    let directory = CallDirectory()
    let shard: MediaShard
    let platform = RecordingPlatform()
    let bot = RecordingBot()

    static let pacing = PacingProfile(
        lead: .milliseconds(500), packet: .milliseconds(250), maximumPacket: .milliseconds(500),
        startThreshold: .milliseconds(240), startPatience: .milliseconds(60),
        packetInterval: .milliseconds(200), packetBurst: 5)

    init() {
        let bound = NIOLoopBound(loop, eventLoop: loop)
        shard = MediaShard(
            eventLoop: loop, directory: directory, logger: Logger(label: "test"),
            clock: { MediaInstant(nanoseconds: Int64(bound.value.now.uptimeNanoseconds)) })
        shard.startTicking()
    }

    func begin(
        _ conversation: String = "c1", bargeIn: BargeInPolicy = BargeInPolicy(),
        filler: Filler? = nil
    ) -> CallSession {
        let session = CallSession(
            info: CallInfo(key: CallKey(platform: "test", conversation: conversation)),
            configuration: CallConfiguration(
                ingress: .pcmu8000, egress: .init(format: .pcmu8000, pacing: Self.pacing),
                botRate: .hz8000, bargeIn: bargeIn),
            shard: shard, bot: bot, platform: platform, filler: filler, now: shard.now())
        shard.add(session)
        return session
    }

    func advance(milliseconds: Int64) {
        loop.advanceTime(by: .milliseconds(milliseconds))
    }
}

/// A platform that writes down what it is told.
final class RecordingPlatform: PlatformConnection {
    var confirmsPlayback = false
    var playsBeforeEnding = false
    var log: [String] = []
    var sentBytes = 0
    /// Ends the session as soon as it is asked to, as a platform without a closing handshake does.
    var endsAtOnce: CallSession?

    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {
        sentBytes += packet.byteCount
        log.append("audio \(packet.response.number)")
    }

    func clear(generation: Generation) { log.append("clear \(generation.number)") }
    func handle(_ event: CallEvent) {}
    func listen(for expectation: InputExpectation) { log.append("listen \(expectation.modes)") }
    func send(_ event: CustomEvent) { log.append("event \(event.name)") }
    func report(_ outcome: TurnOutcome) { log.append("outcome \(outcome.disposition)") }

    func endCall(_ ending: CallEnding) {
        log.append("end \(ending.kind)")
        endsAtOnce?.end(.botEnded)
    }

    func flushWrites() {
        if log.last != "flush" { log.append("flush") }
    }
}

/// A bot that writes down what it is told and does what the test gives it to do.
final class RecordingBot: BotConnector {
    var events: [CallEvent] = []
    var inputs: [PlatformInput] = []
    var heardCount = 0
    var endings: [CallEndReason] = []
    var ticks = 0
    var deadline: MediaInstant?
    var onEvent: (CallEvent, CallSession) -> Void = { _, _ in }
    private var session: CallSession?

    func callStarted(_ session: CallSession) { self.session = session }
    func receive(_ audio: borrowing LinearAudio) { heardCount += audio.samples.count }

    func handle(_ event: CallEvent) {
        events.append(event)
        if let session { onEvent(event, session) }
    }

    func handle(_ input: PlatformInput) { inputs.append(input) }
    func advance(to now: MediaInstant) {
        ticks += 1
        deadline = nil
    }

    func callEnded(_ reason: CallEndReason) {
        endings.append(reason)
        session = nil
    }
}

func receiveSilence(_ session: CallSession, milliseconds: Int) {
    let bytes = [UInt8](repeating: 0xFF, count: milliseconds * 8)
    session.receive(EncodedAudio(bytes.span, format: .pcmu8000))
    session.pump()
}

func playTone(_ session: CallSession, milliseconds: Int) -> ResponseID? {
    guard let response = session.beginResponse() else { return nil }
    let samples = (0..<(milliseconds * 8)).map { Int16(8000 * sin(Double($0) / 3)) }
    _ = session.play(LinearAudio(samples.span, rate: .hz8000), in: response)
    session.endResponse(response)
    return response
}

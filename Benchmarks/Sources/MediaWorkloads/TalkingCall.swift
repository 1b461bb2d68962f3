// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine

/// A call's engine with 20 ms of audio each way and a tick every 10 ms.
final class TalkingCall {
    private let call: Call
    private var now = MediaInstant(nanoseconds: 0)
    private let voice: [UInt8]
    private let bot: [Int16]
    private let response: ResponseID
    private var outlet = CallOutlet()
    private var position = 0

    init(pool: AudioBlockPool, seed: UInt64, cleansAudio: Bool = false) {
        call = Call(
            configuration: CallConfiguration(
                ingress: .pcmu8000,
                egress: .init(
                    format: .pcmu8000,
                    pacing: PacingProfile(
                        lead: .milliseconds(200), packet: .milliseconds(20),
                        maximumPacket: .milliseconds(20), startThreshold: .milliseconds(20),
                        startPatience: .milliseconds(20), packetInterval: .zero, packetBurst: 1)),
                botRate: .hz16000, delivery: .continuous, cleansAudio: cleansAudio),
            pool: pool, now: now)
        guard let response = call.beginResponse(allowsBargeIn: false) else {
            fatalError("A new call takes a response")
        }
        self.response = response
        var state = seed | 1
        voice = (0..<16_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        bot = (0..<320).map { Int16(truncatingIfNeeded: $0 * 97 % 4000) }
    }

    /// One frame pair with everything that comes of it.
    func frame() {
        let voice = voice
        let bot = bot
        call.receive(
            EncodedAudio(voice.span.extracting(position..<(position + 160)), format: .pcmu8000),
            now: now)
        position = (position + 160) % voice.count
        _ = call.play(LinearAudio(bot.span, rate: .hz16000), in: response, now: now)
        for _ in 0..<2 {
            now = now + .milliseconds(10)
            call.advance(to: now)
            outlet.drain(call, now: now)
        }
    }

    var ledgersBalance: Bool { call.ingressLedger.isBalanced && call.egressLedger.isBalanced }
}

/// Many of them, each with another voice.
final class TalkingCalls {
    private let calls: [TalkingCall]

    init(calls count: Int, cleansAudio: Bool = false) {
        let pool = AudioBlockPool(byteLimit: 64 * 1024 * 1024)
        calls = (0..<count).map {
            TalkingCall(pool: pool, seed: UInt64($0), cleansAudio: cleansAudio)
        }
    }

    func frame() {
        for call in calls { call.frame() }
    }

    deinit {
        precondition(calls.allSatisfy(\.ledgersBalance), "Every ledger balances")
    }
}

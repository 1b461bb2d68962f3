// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import MediaEngine
import SpeechDetection

/// The call of `call.c` through the engine's Swift interface: it prints what that prints. With a number
/// as the third argument, what a frame of it costs.
@main
struct CallReference {
    static func main() throws {
        let paths = CommandLine.arguments.dropFirst()
        guard paths.count == 3, let last = paths.last else {
            print("usage: call-reference NEAR FAR ANSWER|ROUNDS")
            exit(2)
        }
        if let rounds = Int(last) {
            let sides = try paths.prefix(2).map(samples(in:))
            let cost = FrameCost(near: sides[0], far: sides[1]).measure(rounds: rounds)
            return print("frame pair: \(Int(cost)) ns")
        }
        let recordings = try paths.map(samples(in:))
        let run = ReferenceRun(answer: recordings[2])
        run.hold(near: recordings[0], far: recordings[1])
    }

    private static func samples(in path: String) throws -> [Int16] {
        let data = try Data(contentsOf: URL(filePath: path))
        return stride(from: 0, to: data.count - 1, by: 2).map {
            Int16(bitPattern: UInt16(data[$0]) | UInt16(data[$0 + 1]) << 8)
        }
    }
}

final class ReferenceRun {
    private let call: Call
    private let answer: [Int16]
    private var answers: UInt64 = 0
    private var clock = VirtualClock(now: MediaInstant(nanoseconds: 1_000_000_000))
    private var packetBuffer = [UInt8](repeating: 0, count: 160)
    private var sampleBuffer = [Int16](repeating: 0, count: 480)

    /// That of `SIDETONE_PACING_REAL_TIME`.
    static let pacing = PacingProfile(
        lead: .milliseconds(40), packet: .milliseconds(20), maximumPacket: .milliseconds(20),
        startThreshold: .milliseconds(20), startPatience: .milliseconds(60),
        packetInterval: .zero, packetBurst: 1)

    init(answer: [Int16]) {
        self.answer = answer
        call = Call(
            configuration: CallConfiguration(
                ingress: .pcmu8000, egress: .init(format: .pcmu8000, pacing: Self.pacing),
                botRate: .hz8000, endpoints: .adaptive),
            pool: AudioBlockPool(byteLimit: 16 << 20), cancellers: EchoCancellerPool(capacity: 1),
            now: clock.now)
    }

    func hold(near: [Int16], far: [Int16]) {
        speak(far, mark: 1)
        var offset = 0
        var tick = 0
        while offset < near.count || tick % 2 != 0 {
            pass()
            if tick % 2 == 1 {
                let end = min(offset + 160, near.count)
                receive(near[offset..<end])
                offset = end
            }
            tick += 1
        }
        for tick in 0..<300 {
            pass()
            if tick == 50, let key = DTMFDigit("7") { call.receive(key, now: clock.now) }
        }
        let (caller, bot) = (call.ingressLedger, call.egressLedger)
        print(
            "ledger", caller.received, caller.delivered, bot.accepted, bot.sent, bot.heard,
            bot.discarded)
    }

    private func pass() {
        clock.advance(by: .milliseconds(10))
        call.advance(to: clock.now)
        fetch()
    }

    private func receive(_ samples: ArraySlice<Int16>) {
        var bytes = [UInt8](repeating: 0, count: samples.count)
        var room = bytes.mutableSpan
        AudioCodec.encode(
            LinearAudio(Array(samples).span, rate: .hz8000), as: .pcmu, into: &room)
        call.receive(EncodedAudio(bytes.span, format: .pcmu8000), now: clock.now)
        fetch()
    }

    private func speak(_ samples: [Int16], mark: UInt64) {
        guard let response = call.beginResponse() else { return }
        _ = call.play(LinearAudio(samples.span, rate: .hz8000), in: response, now: clock.now)
        _ = call.mark(MarkID(number: mark), in: response)
        call.endResponse(response, now: clock.now)
    }

    private func fetch() {
        var sawSomething: Bool
        repeat {
            sawSomething = false
            while let event = call.nextEvent() {
                sawSomething = true
                say(EventLine.text(of: event))
                if case .turnEnded = event {
                    answers += 1
                    speak(answer, mark: 100 + answers)
                }
            }
            fetchCallerAudio()
            if let generation = call.takeFlush() { say("flush \(generation.number)") }
            if fetchPackets() { sawSomething = true }
        } while sawSomething
    }

    private func fetchCallerAudio() {
        while true {
            var room = sampleBuffer.mutableSpan
            let count = call.readCallerAudio(into: &room)
            guard count > 0 else { return }
            let bytes = sampleBuffer[..<count].flatMap {
                [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
            }
            say("audio \(count) \(EventLine.hex(sum(bytes[...])))")
        }
    }

    private func fetchPackets() -> Bool {
        var sawPacket = false
        while true {
            var room = packetBuffer.mutableSpan
            guard let packet = call.nextPacket(into: &room, now: clock.now) else {
                return sawPacket
            }
            sawPacket = true
            let sum = EventLine.hex(sum(packetBuffer[..<packet.byteCount]))
            say(
                "packet \(packet.byteCount) \(packet.generation.number) \(packet.response.number) "
                    + sum)
        }
    }

    private func sum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    private func say(_ text: String) {
        print("\(clock.now.nanoseconds) \(text)")
    }
}

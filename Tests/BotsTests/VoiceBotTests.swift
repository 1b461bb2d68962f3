// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import MediaEngine
import MediaServer
import SpeechDetection
import Testing

@Suite struct VoiceBotTests {
    /// A bot made of a closure.
    private struct TestBot: VoiceBot {
        let body: @Sendable (VoiceCall) async throws -> Void

        func run(_ call: VoiceCall) async throws {
            try await body(call)
        }
    }

    private func provider(
        _ body: @escaping @Sendable (VoiceCall) async throws -> Void
    ) -> VoiceBotProvider {
        VoiceBotProvider { _ in TestBot(body: body) }
    }

    private static let clip = AudioClip(
        rate: .hz16000, samples: (0..<6400).map { Int16(($0 % 200) * 60 - 6000) })

    @Test func aBotSpeaksHearsATurnAndEndsTheCall() async throws {
        let (results, sink) = AsyncStream.makeStream(of: String.self)
        let bots = provider { call in
            let account = try await call.play(Self.clip)
            sink.yield(
                "heard \(account.heard >= 3200 && account.heard <= 3280) \(account.wasCleared)")
            let turn = await call.nextTurn()
            let seconds = turn?.audio.duration.seconds ?? 0
            sink.yield("turn \(seconds > 1.0 && seconds < 1.4)")
            await call.report(TurnOutcome(.match, text: "yes"))
            await call.end(
                CallEnding(.completed, outputs: ["tier": call.info.inputs["tier"] ?? ""]))
        }
        try await BotRig.run(bots) { rig in
            var received = results.makeAsyncIterator()
            #expect(await received.next() == "heard true false")
            try await rig.say(BotRig.turn)
            #expect(await received.next() == "turn true")
            let result1 = try await rig.expect("completed [(key: \"tier\", value: \"gold\")]")
            #expect(result1)
            let result2 = try await rig.expect("match")
            #expect(result2)
            // 400 ms at the platform's rate, and the resampler's tail.
            let bytes = try await rig.heardBytes
            #expect(bytes >= 3200 && bytes <= 3280)
        }
    }

    @Test func aClearEndsAResponseEarlyAndLaterAudioIsDropped() async throws {
        let (results, sink) = AsyncStream.makeStream(of: Bool.self)
        let bots = provider { call in
            let response = await call.beginResponse()
            let long = AudioClip(rate: .hz8000, samples: Array(repeating: 3000, count: 40_000))
            try await call.write(long, to: response)
            await call.clear()
            try await call.write(long, to: response)
            let account = try await call.finish(response)
            sink.yield(account.wasCleared && account.heard < 40_000)
            _ = await call.nextTurn()
        }
        try await BotRig.run(bots) { _ in
            var received = results.makeAsyncIterator()
            #expect(await received.next() == true)
        }
    }

    @Test func moreAudioThanTheQueueHoldsWaitsForRoom() async throws {
        let (results, sink) = AsyncStream.makeStream(of: Int.self)
        let bots = provider { call in
            let response = await call.beginResponse()
            // 70 s into a queue of 60 s: the write ends only when some was played or cleared.
            let long = AudioClip(rate: .hz8000, samples: Array(repeating: 100, count: 560_000))
            async let writing: Void = call.write(long, to: response)
            sink.yield(1)
            try await writing
            sink.yield(2)
        }
        try await BotRig.run(bots) { rig in
            var received = results.makeAsyncIterator()
            #expect(await received.next() == 1)
            try await rig.hangUp()
        }
    }

    @Test func digitsAreCollectedUpToTheTerminator() async throws {
        let (results, sink) = AsyncStream.makeStream(of: String.self)
        let bots = provider { call in
            sink.yield("ready")
            let first = await call.collectDigits(most: 8)
            sink.yield(String(first.map(\.key)))
            let second = await call.collectDigits(most: 2)
            sink.yield(String(second.map(\.key)))
            let third = await call.collectDigits(most: 4, first: .milliseconds(30))
            sink.yield("none \(third.count)")
        }
        try await BotRig.run(bots) { rig in
            var received = results.makeAsyncIterator()
            #expect(await received.next() == "ready")
            try await rig.press("4711#42")
            #expect(await received.next() == "4711")
            #expect(await received.next() == "42")
            #expect(await received.next() == "none 0")
        }
    }

    @Test func aHangUpEndsEveryWait() async throws {
        let (results, sink) = AsyncStream.makeStream(of: String.self)
        let bots = provider { call in
            sink.yield("ready")
            let turn = await call.nextTurn()
            sink.yield(turn == nil ? "over" : "turn")
            do {
                try await call.play(Self.clip)
            } catch {
                sink.yield("\(error)")
            }
        }
        try await BotRig.run(bots) { rig in
            var received = results.makeAsyncIterator()
            #expect(await received.next() == "ready")
            try await rig.hangUp()
            #expect(await received.next() == "over")
            #expect(await received.next() == "callEnded(MediaServer.CallEndReason.platformEnded)")
        }
    }

    @Test func aBotThatThrowsEndsTheCallAsFailed() async throws {
        struct Broken: Error {}
        try await BotRig.run(provider { _ in throw Broken() }) { rig in
            let result3 = try await rig.expect("failed []")
            #expect(result3)
        }
    }

    @Test func eventsComeAsASequence() async throws {
        let (results, sink) = AsyncStream.makeStream(of: CallEvent.self)
        let bots = provider { call in
            for await event in call.events where event != .mediaStalled { sink.yield(event) }
        }
        try await BotRig.run(bots) { rig in
            try await rig.say(BotRig.turn)
            var received = results.makeAsyncIterator()
            guard case .speechStarted? = await received.next(),
                case .speechPaused? = await received.next(),
                case .turnEnded? = await received.next()
            else {
                Issue.record("The turn's events did not come in order")
                return
            }
            try await rig.hangUp()
        }
    }

    @Test func aVetoLetsTheBotGoOn() async throws {
        let (results, sink) = AsyncStream.makeStream(of: String.self)
        let bots = VoiceBotProvider(
            bargeIn: BargeInPolicy(mode: .pause, vetoWindow: .seconds(5))
        ) { _ in
            TestBot { call in
                let listener = Task {
                    for await event in call.events {
                        switch event {
                        case .interruption(let interruption):
                            sink.yield("interrupted \(interruption.evidence.verdict)")
                            await call.veto(interruption)
                        case .interruptionVetoed(let id): sink.yield("vetoed \(id.number)")
                        default: break
                        }
                    }
                }
                let long = AudioClip(
                    rate: .hz8000, samples: [Int16](repeating: 900, count: 12_000))
                let account = try await call.play(long)
                sink.yield("heard \(account.heard) \(account.wasCleared)")
                listener.cancel()
            }
        }
        try await BotRig.run(bots) { rig in
            var received = results.makeAsyncIterator()
            let isPlaying = try await rig.expect("say 1")
            #expect(isPlaying)
            try await rig.say(BotRig.interruption)
            #expect(await received.next() == "interrupted fired")
            #expect(await received.next() == "vetoed 1")
            // The voice goes on over the prompt that goes on: it may interrupt again.
            var last = await received.next()
            while last?.hasPrefix("heard") == false { last = await received.next() }
            #expect(last == "heard 12000 false")
        }
    }
}

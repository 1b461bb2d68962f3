// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import MediaEngine
import MediaServer
import Testing

/// When a bot in `async` code is said to listen, and what platforms tell it.
@Suite struct VoiceCallInputTests {
    private struct TestBot: VoiceBot {
        let body: @Sendable (VoiceCall) async throws -> Void

        func run(_ call: VoiceCall) async throws {
            try await body(call)
        }
    }

    private func provider(
        _ body: @escaping @Sendable (VoiceCall) async throws -> Void
    ) -> VoiceBotProvider {
        VoiceBotProvider(rate: .hz8000) { _ in TestBot(body: body) }
    }

    private static let clip = AudioClip(
        rate: .hz8000, samples: (0..<1600).map { Int16(($0 % 200) * 60 - 6000) })

    @Test func waitingForATurnIsListeningOncePerWait() async throws {
        let bots = provider { call in
            try await call.play(Self.clip)
            while await call.nextTurn() != nil {
                try await call.play(Self.clip)
                await call.report(TurnOutcome(.match))
            }
        }
        try await BotRig.run(bots, pacing: BotRig.unit) { rig in
            let greeted = try await rig.expect("listen voiceAndDigits")
            #expect(greeted)
            try await rig.say(BotRig.turn)
            let answered = try await rig.expect("match")
            #expect(answered)
            try await rig.receive(.noInput)
            let again = try await rig.expect("listen voiceAndDigits", times: 3)
            #expect(again)
            let log = try await rig.log
            #expect(
                log == [
                    "say 1", "listen voiceAndDigits", "say 2", "match", "listen voiceAndDigits",
                    "listen voiceAndDigits",
                ])
        }
    }

    @Test func aBotThatThinksIsNotSaidToListen() async throws {
        let (ready, sink) = AsyncStream.makeStream(of: Void.self)
        let (thought, thinker) = AsyncStream.makeStream(of: Void.self)
        let bots = provider { call in
            _ = await call.nextTurn()
            sink.yield()
            for await _ in thought { break }
            try await call.play(Self.clip)
            _ = await call.nextTurn(for: InputExpectation(.voice, isSensitive: true))
        }
        try await BotRig.run(bots, pacing: BotRig.unit) { rig in
            let waiting = try await rig.expect("listen voiceAndDigits")
            #expect(waiting)
            try await rig.say(BotRig.turn)
            for await _ in ready { break }
            try await rig.receive(.noInput)
            try await rig.receive(.custom(CustomEvent(name: "x")))
            let quiet = try await rig.log
            #expect(quiet == ["listen voiceAndDigits"])
            thinker.yield()
            let answered = try await rig.expect("listen voice")
            #expect(answered)
            let log = try await rig.log
            #expect(log == ["listen voiceAndDigits", "say 1", "listen voice"])
        }
    }

    @Test func anUnfinishedResponseIsFinishedFirst() async throws {
        let (steps, sink) = AsyncStream.makeStream(of: Void.self)
        let bots = provider { call in
            let response = await call.beginResponse()
            try await call.write(Self.clip, to: response)
            async let turn = call.nextTurn()
            for await _ in steps { break }
            try await call.finish(response)
            _ = await turn
        }
        try await BotRig.run(bots, pacing: BotRig.unit) { rig in
            let spoken = try await rig.expect("say 1")
            #expect(spoken)
            let before = try await rig.log
            #expect(before == ["say 1"])
            sink.yield()
            let listens = try await rig.expect("listen voiceAndDigits")
            #expect(listens)
        }
    }

    @Test func keysAreExpectedAsTheyAreCollected() async throws {
        let (results, sink) = AsyncStream.makeStream(of: String.self)
        let bots = provider { call in
            for most in [4, 4, 1, 4] {
                let keys = await call.collectDigits(most: most, first: .seconds(60))
                sink.yield(String(keys.map(\.key)))
            }
            await call.transfer(to: "agent", summary: "all said", transcript: "hello")
        }
        try await BotRig.run(bots) { rig in
            var received = results.makeAsyncIterator()
            let ready = try await rig.expect("listen digits")
            #expect(ready)
            try await rig.press("12")
            try await rig.receive(.digitsCompleted)
            #expect(await received.next() == "12")
            let asked = try await rig.expect("listen digits", times: 2)
            #expect(asked)
            try await rig.receive(.noInput)
            #expect(await received.next() == "")
            let askedAgain = try await rig.expect("listen digits", times: 3)
            #expect(askedAgain)
            // One input of two keys: the end of it is not taken for an empty one.
            try await rig.press("34")
            try await rig.receive(.digitsCompleted)
            #expect(await received.next() == "3")
            #expect(await received.next() == "4")
            let ended = try await rig.expect("summary all said")
            #expect(ended)
        }
    }

    @Test func inputsComeAsASequenceToWhoAsksForThem() async throws {
        let bots = provider { call in
            let inputs = call.inputs
            async let turn = call.nextTurn()
            for await input in inputs {
                guard case .custom(let event) = input else { continue }
                await call.send(CustomEvent(name: "got", values: event.values))
                try await call.play(Self.clip)
            }
            _ = await turn
        }
        try await BotRig.run(bots, pacing: BotRig.unit) { rig in
            let waiting = try await rig.expect("listen voiceAndDigits")
            #expect(waiting)
            try await rig.receive(.noInput)
            try await rig.receive(.custom(CustomEvent(name: "paid", values: ["a": "1"])))
            let again = try await rig.expect("listen voiceAndDigits", times: 2)
            #expect(again)
            let log = try await rig.log
            #expect(
                log == [
                    "listen voiceAndDigits", "event got [\"a\": \"1\"]", "say 1",
                    "listen voiceAndDigits",
                ])
        }
    }

    @Test func aBotThatHearsAStreamSaysItselfThatItListens() async throws {
        let bots = provider { call in
            await call.listen(for: InputExpectation(.voice))
            while await call.nextCallerAudio() != nil {}
        }
        try await BotRig.run(bots) { rig in
            let listens = try await rig.expect("listen voice")
            #expect(listens)
        }
    }
}

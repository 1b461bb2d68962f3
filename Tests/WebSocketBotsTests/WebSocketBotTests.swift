// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import Logging
import MediaServer
import NIOCore
import NIOHTTP1
import Testing
import WebSocketTransport

@testable import WebSocketBots

/// A far bot on a real socket, a platform played by the test.
@Suite struct WebSocketBotTests {
    private func provider(
        _ target: BotTarget, audio: WireAudio = WireAudio(.pcm16, rate: .hz8000),
        apology: AudioClip? = nil, reconnects: Int = 1, answer: Int64 = 1000,
        counters: RemoteBotCounters = RemoteBotCounters()
    ) -> any BotProvider {
        var policy = RemoteBotPolicy()
        policy.apology = apology
        policy.transfer = "operator"
        policy.reconnects = reconnects
        policy.answerTimeout = .milliseconds(answer)
        return WebSocketBotProvider(
            to: target, audio: audio, policy: policy, counters: counters,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Says `samples` as a response when the call starts, and again after each turn.
    private static func talker(_ samples: [Int16]) -> FarBot {
        FarBot { type, _, connection, _ in
            switch type {
            case "start":
                connection.send(text: #"{"type":"ready","version":1}"#)
                speak("hello", samples, connection)
            case "speech_ended": speak("answer", samples, connection)
            default: break
            }
        }
    }

    private static func speak(
        _ name: String, _ samples: [Int16], _ connection: WebSocketConnection
    ) {
        connection.send(text: #"{"type":"response_begin","response":"\#(name)"}"#)
        var bytes = ByteBuffer()
        for sample in samples { bytes.writeInteger(sample, endianness: .little) }
        // Odd parts: a sample may be cut in two.
        while let part = bytes.readSlice(length: min(4999, bytes.readableBytes)),
            part.readableBytes > 0
        {
            connection.send(binary: part)
        }
        connection.send(text: #"{"type":"mark","mark":"end"}"#)
        connection.send(text: #"{"type":"response_end","response":"\#(name)"}"#)
    }

    @Test func theGreetingIsHeardAndTheCallerIsHeard() async throws {
        let words = CallRig.speech.prefix(2400).map { $0 }
        let bot = Self.talker(words)
        try await CallRig.run(bot) {
            provider($0)
        } body: { rig in
            let isHeard = try await rig.wait { try await rig.heard.count >= 2400 }
            #expect(isHeard)
            let heard = try await rig.heard
            let isTheSame = Array(heard.prefix(2400)) == CallRig.muLaw(words)
            #expect(isTheSame)
            rig.hurry(500)
            let isTold = try await rig.wait { bot.types.contains("response_ended") }
            #expect(isTold)
            #expect(bot.messages("response_ended")[0]["heard_ms"]?.integer == 300)
            #expect(bot.messages("mark")[0]["heard"] == true)
            let start = try #require(bot.messages("start").first)
            #expect(start["platform"] == "test" && start["inputs"] == ["tier": "gold"])
            #expect(bot.all.headers["sec-websocket-protocol"] == ["sidetone.bot.v1"])
            // What the platform sends is what the bot gets, sample for sample.
            try await rig.say(CallRig.turn)
            let isEnded = try await rig.wait {
                bot.types.contains("speech_ended") && bot.all.bytes.count >= 2 * CallRig.turn.count
            }
            #expect(isEnded)
            var decoder = try WireDecoder(WireAudio(.pcm16, rate: .hz8000))
            let samples = decoder.decode(bot.all.bytes) ?? []
            let isWhatWasSaid =
                samples == CallRig.linear(CallRig.muLaw(CallRig.turn))
            #expect(isWhatWasSaid)
            let isAnswered = try await rig.wait { bot.types.contains("turn_answered") }
            #expect(isAnswered)
        }
    }

    @Test func aCallerWhoInterruptsClearsTheBotAndItIsToldWhatWasHeard() async throws {
        let long = (0..<20).flatMap { _ in CallRig.speech.prefix(8000) }
        let bot = Self.talker(Array(long))
        try await CallRig.run(bot) {
            provider($0)
        } body: { rig in
            let isHeard = try await rig.wait { try await !rig.heard.isEmpty }
            #expect(isHeard)
            try await rig.say(CallRig.turn)
            let isTold = try await rig.wait { bot.types.contains("barge_in") }
            #expect(isTold)
            let isCleared = try await rig.wait { try await rig.log.contains("clear") }
            #expect(isCleared)
            let account = try #require(bot.messages("response_ended").first)
            #expect(account["cleared"] == true)
            let heard = try #require(account["heard_ms"]?.integer)
            #expect(heard > 300 && heard < 3200)
            let order = bot.types.filter { ["cleared", "response_ended", "barge_in"].contains($0) }
            #expect(order.prefix(3) == ["cleared", "response_ended", "barge_in"])
        }
    }

    @Test func aKeyIsToldAndAnEndIsCarriedOut() async throws {
        let bot = FarBot { type, message, connection, _ in
            switch type {
            case "start": connection.send(text: #"{"type":"ready","version":1}"#)
            case "dtmf": connection.send(text: #"{"type":"transfer","to":"sales"}"#)
            default: break
            }
        }
        try await CallRig.run(bot) {
            provider($0)
        } body: { rig in
            try await rig.press("7")
            let isEnded = try await rig.wait {
                try await rig.log.contains(#"transfer(destination: "sales")"#)
            }
            #expect(isEnded)
            #expect(bot.messages("dtmf").first?["digit"] == "7")
            let isTold = try await rig.wait { bot.types.last == "end" }
            #expect(isTold)
        }
    }

    @Test(arguments: [401, 404]) func aBotThatRefusesIsNotAskedAgain(status: Int) async throws {
        let bot = FarBot { _, _, _, _ in }
        let counters = RemoteBotCounters()
        let words = AudioClip(rate: .hz8000, samples: Array(CallRig.speech.prefix(1600)))
        try await CallRig.run(bot, refusal: status) {
            provider($0, apology: words, reconnects: 5, counters: counters)
        } body: { rig in
            let isSaid = try await rig.wait { try await rig.heard.count >= 1600 }
            #expect(isSaid)
            rig.hurry(500)
            let isEnded = try await rig.wait {
                try await rig.log.last == #"transfer(destination: "operator")"#
            }
            #expect(isEnded)
            #expect(bot.all.connections == 1)
            #expect(counters.counts.failures == 1 && counters.counts.connections == 0)
        }
    }

    @Test func aDeadBotIsTriedAgainAndThenGivenUp() async throws {
        // It takes the connection and never says a word.
        let bot = FarBot { _, _, _, _ in }
        try await CallRig.run(bot) {
            provider($0, answer: 300)
        } body: { rig in
            let isEnded = try await rig.wait {
                rig.hurry(10)
                return try await rig.log.last == #"transfer(destination: "operator")"#
            }
            #expect(isEnded)
            #expect(bot.all.connections == 2)
            #expect(bot.messages("error").allSatisfy { $0["code"] == "ready_timeout" })
        }
    }

    @Test func aLostConnectionIsResumedAndTheCallGoesOn() async throws {
        let words = Array(CallRig.speech.prefix(4000))
        let bot = FarBot { type, message, connection, number in
            guard type == "start" else { return }
            connection.send(text: #"{"type":"ready","version":1}"#)
            if number == 1 {
                Self.speak("first", words, connection)
                connection.flush()
                connection.close()
            } else {
                Self.speak("second", words, connection)
            }
        }
        try await CallRig.run(bot) {
            provider($0)
        } body: { rig in
            let isHeard = try await rig.wait {
                rig.hurry(20)
                return try await rig.heard.count >= 8000
            }
            #expect(isHeard)
            let starts = bot.messages("start")
            #expect(starts.count == 2 && starts[0]["session"] == starts[1]["session"])
            #expect(starts[0]["resume"] == nil)
            #expect(starts[1]["resume"]?.object?["count"] == 1)
            let isTold = try await rig.wait {
                rig.hurry(20)
                return bot.messages("response_ended").count == 2
            }
            #expect(isTold)
            #expect(bot.messages("response_ended").map { $0["response"] } == ["first", "second"])
        }
    }

    @Test func aHostileBotIsToldAndHurtsNobodyElse() async throws {
        let counters = RemoteBotCounters()
        let bot = FarBot { type, _, connection, number in
            guard type == "start" else { return }
            connection.send(text: #"{"type":"ready","version":1}"#)
            for _ in 0..<200 { connection.send(text: "}{") }
        }
        try await CallRig.run(bot) {
            provider($0, counters: counters)
        } body: { rig in
            let isEnded = try await rig.wait {
                try await rig.log.last == #"transfer(destination: "operator")"#
            }
            #expect(isEnded)
            let isTold = try await rig.wait { bot.messages("error").count == 51 }
            #expect(isTold)
            #expect(bot.messages("error").last?["code"] == "too_many_errors")
            #expect(counters.counts.invalidMessages == 50 && counters.counts.failures == 1)
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import Testing

@testable import WebSocketBots

@Suite struct WebSocketExchangeTests {
    @Test func whatWasSaidBeforeReadyFollowsIt() {
        var rig = ExchangeRig()
        rig.hear(40)
        rig.exchange.handle(
            .speechStarted(turn: TurnID(number: 1), onset: SamplePosition(80)), at: rig.clock.now)
        rig.hear(20)
        rig.open(ready: nil)
        #expect(rig.types == ["start"])
        rig.say(#"{"type":"ready","version":1}"#)
        #expect(
            rig.types == ["start", "audio_position", "audio", "audio", "speech_started", "audio"])
        #expect(rig.sent[1] == #"{"type":"audio_position","position":0}"#)
        rig.hear(20)
        #expect(rig.types.last == "audio" && rig.types.count == 7)
    }

    @Test func positionsCountAtTheBotsRate() {
        var rig = ExchangeRig(input: WireAudio(.pcm16, rate: .hz16000))
        rig.open()
        rig.exchange.handle(
            .speechStarted(turn: TurnID(number: 1), onset: SamplePosition(8001)), at: rig.clock.now)
        rig.settle()
        #expect(rig.sent.last == #"{"type":"speech_started","turn":1,"position":16002}"#)
        rig.hear(20)
        rig.exchange.skip(16_000)
        rig.hear(20)
        #expect(rig.sent.suffix(2).first == #"{"type":"audio_position","position":16160}"#)
    }

    @Test func aBotThatIsAwayIsToldWhatItMissed() {
        var rig = ExchangeRig()
        rig.open()
        rig.hear(100)
        rig.exchange.linkClosed(at: rig.clock.now)
        rig.hear(6000)
        rig.forget()
        rig.open()
        #expect(
            rig.sent[0].hasSuffix(
                #""resume":{"count":1,"position":48800,"missed_messages":0}}"#))
        // 5 s are kept of the 6 s.
        #expect(
            rig.sent[1]
                == #"{"type":"audio_missed","from":800,"to":8800,"reason":"disconnected"}"#)
        #expect(rig.sent[2] == #"{"type":"audio_position","position":8800}"#)
        #expect(rig.types.count { $0 == "audio" } == 250)
        #expect(rig.counters.counts.missedMilliseconds == 1000)
    }

    @Test func aSlowBotMissesAudioAndIsToldSoWhenItReadsAgain() {
        var rig = ExchangeRig()
        rig.open()
        rig.hear(20)
        rig.forget()
        let limit = 5000 * 16
        rig.hear(40, waiting: limit + 1)
        // Half of it has to be taken off before anything is put on.
        rig.hear(20, waiting: limit / 2 + 1)
        #expect(rig.sent == [])
        rig.hear(20, waiting: 0)
        #expect(
            rig.sent.prefix(2) == [
                #"{"type":"audio_missed","from":160,"to":640,"reason":"slow"}"#,
                #"{"type":"audio_position","position":640}"#,
            ])
    }

    @Test func aResponseIsPlayedAndAccountedFor() {
        var rig = ExchangeRig()
        rig.open()
        rig.forget()
        rig.say(#"{"type":"response_begin","response":"hi","barge_in":false}"#)
        rig.speak(20)
        rig.say(#"{"type":"mark","mark":"half"}"#)
        rig.speak(20)
        rig.say(#"{"type":"response_end","response":"hi"}"#)
        #expect(
            rig.asked == [
                "begin 1 false", "play 1 160", "mark 1 1", "play 1 160", "finish 1", "listen",
            ])
        rig.tell(.started(1))
        rig.tell(.mark(1, in: 1, wasHeard: true))
        rig.tell(.ended(1, PlaybackAccount(sent: 40, heard: 40)))
        #expect(rig.types == ["response_started", "mark", "response_ended"])
        #expect(rig.sent[1] == #"{"type":"mark","mark":"half","response":"hi","heard":true}"#)
        // Its name may be used again.
        rig.say(#"{"type":"response_begin","response":"hi"}"#)
        #expect(rig.asked.last == "begin 2 true" && rig.errors == [])
    }

    @Test func audioOfAClearedResponseIsLateAndNoError() {
        var rig = ExchangeRig()
        rig.open()
        rig.say(#"{"type":"response_begin","response":"a"}"#)
        rig.speak(20)
        rig.tell(.cleared)
        rig.tell(.ended(1, PlaybackAccount(heard: 10, wasCleared: true)))
        rig.forget()
        rig.speak(20)
        rig.say(#"{"type":"mark","mark":"m"}"#)
        rig.say(#"{"type":"response_end","response":"a","more":true}"#)
        #expect(rig.asked == [] && rig.errors == [])
        #expect(rig.sent == [#"{"type":"mark","mark":"m","response":"a","heard":false}"#])
        rig.speak(20)
        #expect(rig.errors == ["no_response"])
    }

    @Test func aBotMaySendItsWindowAndThenWhatIsGranted() {
        var policy = RemoteBotPolicy()
        policy.window = .milliseconds(1000)
        var rig = ExchangeRig(policy: policy)
        rig.open()
        rig.say(#"{"type":"response_begin","response":"a"}"#)
        rig.speak(1000)
        rig.forget()
        rig.speak(20)
        rig.speak(20)
        #expect(rig.asked == [] && rig.errors == ["window_exceeded"])
        #expect(rig.counters.counts.refusedMilliseconds == 40)
        rig.exchange.note(queued: .milliseconds(600), at: rig.clock.now)
        rig.settle()
        // 400 ms were heard of 1000, and the 40 that were dropped hold nothing up.
        #expect(rig.sent.last == #"{"type":"credit","granted_ms":1440}"#)
        rig.speak(400)
        #expect(rig.asked == ["play 1 3200"])
        rig.exchange.note(queued: .milliseconds(990), at: rig.clock.now)
        rig.settle()
        #expect(rig.types.count { $0 == "credit" } == 1)
    }

    @Test func aBotThatIsNotReadyInTimeIsTriedAgain() {
        var policy = RemoteBotPolicy()
        policy.answerTimeout = .milliseconds(500)
        var rig = ExchangeRig(policy: policy)
        rig.open(ready: nil)
        rig.pass(499)
        #expect(rig.asked == [])
        rig.pass(1)
        #expect(rig.errors == ["ready_timeout"])
        #expect(rig.asked == ["close 1008 ready_timeout"])
    }

    @Test func whatWasOpenWhenTheLinkWasLostEndsThere() {
        var rig = ExchangeRig()
        rig.open()
        rig.say(#"{"type":"response_begin","response":"a"}"#)
        rig.speak(100)
        rig.forget()
        rig.exchange.linkClosed(at: rig.clock.now)
        rig.tell(.ended(1, PlaybackAccount(sent: 100, heard: 100)))
        #expect(rig.asked == ["finish 1"] && rig.sent == [])
        rig.open()
        #expect(rig.types == ["start", "response_ended"])
    }

    @Test(arguments: [
        ("{", "invalid_json"), ("[]", "invalid_message"), (#"{"type":"dance"}"#, "unknown_type"),
        (#"{"type":"response_end","response":"never"}"#, "unknown_response"),
        (#"{"type":"mark","mark":"m"}"#, "no_response"),
        (#"{"type":"ready","version":1}"#, "already_ready"),
        (#"{"type":"listen","modes":"smell"}"#, "invalid_message"),
    ])
    func whatABotGetsWrongIsNamedAndTheCallGoesOn(text: String, code: String) {
        var rig = ExchangeRig()
        rig.open()
        rig.forget()
        rig.say(text)
        #expect(rig.errors == [code] && rig.asked == [])
        #expect(rig.counters.counts.invalidMessages == 1)
        rig.say(#"{"type":"response_begin","response":"a"}"#)
        #expect(rig.asked == ["begin 1 true"])
    }

    @Test func limitsOfResponsesAndMarksHold() {
        var rig = ExchangeRig()
        rig.open()
        rig.say(#"{"type":"response_begin","response":"0"}"#)
        for number in 0...64 { rig.say(#"{"type":"mark","mark":"\#(number)"}"#) }
        #expect(rig.errors == ["too_many_marks"])
        for number in 1...32 { rig.say(#"{"type":"response_begin","response":"\#(number)"}"#) }
        #expect(rig.errors == ["too_many_marks", "too_many_responses"])
        rig.say(#"{"type":"response_begin","response":"5"}"#)
        #expect(rig.errors.last == "response_exists")
    }

    @Test func nothingIsTakenBeforeReady() {
        var rig = ExchangeRig()
        rig.open(ready: nil)
        rig.say(#"{"type":"clear"}"#)
        rig.speak(20)
        #expect(rig.errors == ["not_ready", "not_ready"] && rig.asked == [])
        rig.say(#"{"type":"ready","version":7}"#)
        #expect(rig.errors.last == "unsupported_version" && rig.asked == ["fail misbehaved"])
    }

    @Test func aBotThatOnlyErrsIsGivenUp() {
        var rig = ExchangeRig()
        rig.open()
        rig.forget()
        for _ in 0..<49 { rig.say("{") }
        #expect(rig.asked == [])
        rig.say("{")
        #expect(rig.errors.last == "too_many_errors" && rig.asked == ["fail misbehaved"])
    }

    @Test func aFloodOfMessagesIsEnded() {
        var rig = ExchangeRig()
        rig.open()
        for _ in 0..<998 { rig.say(#"{"type":"listen"}"#) }
        rig.pass(1000)
        for _ in 0..<200 { rig.say(#"{"type":"listen"}"#) }
        #expect(rig.errors == [])
        for _ in 0..<2 { rig.say(#"{"type":"listen"}"#) }
        #expect(rig.errors == ["too_many_messages"] && rig.asked.last == "fail misbehaved")
    }

    @Test func endingsAreCarriedOutAndTheLastWordIsEnd() {
        var rig = ExchangeRig()
        rig.open()
        rig.forget()
        rig.say(#"{"type":"transfer","to":"sales"}"#)
        rig.say(#"{"type":"end","now":true}"#)
        rig.say(#"{"type":"error","code":"broken"}"#)
        #expect(
            rig.asked == [
                #"transfer(destination: "sales") true"#, "completed false", "fail failed",
            ])
        rig.exchange.callEnded(.botEnded, at: rig.clock.now)
        rig.settle()
        #expect(rig.sent.last == #"{"type":"end","reason":"bot_ended"}"#)
    }
}

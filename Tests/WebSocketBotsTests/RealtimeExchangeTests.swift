// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import MediaEngine
import MediaServer
import Testing

@testable import WebSocketBots

@Suite struct RealtimeExchangeTests {
    @Test(arguments: [RealtimeDialect.ga, .beta], [WireAudio.Encoding.pcmu, .pcma, .pcm16])
    func aConversationOpensInOrderAndNoAudioGoesBefore(
        dialect: RealtimeDialect, encoding: WireAudio.Encoding
    ) {
        var rig = RealtimeRig {
            $0.dialect = dialect
            $0.encoding = encoding
        }
        rig.hear([UInt8](repeating: 1, count: 640))
        rig.open()
        #expect(rig.double.refusals == [])
        #expect(rig.double.taken == ["session.update", "response.create"])
        #expect(rig.double.heard.count == 640)
        #expect(rig.asked == ["established"])
        rig.speak(480)
        rig.tell(rig.double.end("completed"))
        let samples = encoding == .pcm16 ? 240 : 480
        #expect(rig.asked.dropFirst() == ["begin 1", "play 1 \(samples)", "finish 1", "listen"])
    }

    @Test func theCallersOctetsPassAsTheyAre() {
        var rig = RealtimeRig { $0.greets = false }
        rig.open()
        let octets = (0..<1600).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for start in stride(from: 0, to: 1600, by: 160) {
            rig.hear(Array(octets[start..<(start + 160)]))
        }
        #expect(rig.double.heard == octets)
        #expect(rig.double.taken == ["session.update"])
    }

    /// Section 7.1 of the transcripts: all is made, part of it is heard.
    @Test func anInterruptionAfterTheAnswerWasMadeTruncatesWhatWasNotHeard() {
        var rig = RealtimeRig()
        rig.open()
        rig.speak(32_000)
        rig.tell(rig.double.end("completed"))
        rig.tell(rig.double.hearCaller())
        #expect(rig.asked.last == "clear")
        rig.clear(1, heard: 1500)
        #expect(rig.double.taken.last == "conversation.item.truncate")
        #expect(rig.double.events.last?["audio_end_ms"] == 1500)
        #expect(!rig.double.taken.contains("response.cancel"))
        #expect(rig.double.refusals == [])
    }

    /// Section 7.2: it is still being made, and the far side stops by itself.
    @Test func anInterruptionWhileTheAnswerIsMadeDropsWhatIsLate() {
        var rig = RealtimeRig { $0.dialect = .beta }
        rig.open()
        rig.speak(16_000)
        rig.tell(Array(rig.double.hearCaller().prefix(1)))
        rig.clear(1, heard: 640)
        let before = rig.asked
        rig.tell(rig.double.late([UInt8](repeating: 1, count: 800)))
        rig.tell(rig.double.end("cancelled"))
        #expect(rig.asked == before)
        #expect(rig.double.events.last?["audio_end_ms"] == 640)
        #expect(!rig.double.taken.contains("response.cancel") && rig.double.refusals == [])
    }

    @Test func ourOwnBargeInCancelsAndTruncates() {
        var rig = RealtimeRig { $0.turnDetection = .sidetone }
        rig.open()
        rig.speak(16_000)
        rig.clear(1, heard: 320)
        #expect(
            rig.double.taken.suffix(2) == ["response.cancel", "conversation.item.truncate"])
        #expect(rig.double.events.last?["audio_end_ms"] == 320)
        let before = rig.asked
        rig.tell(rig.double.late([1, 2, 3]))
        #expect(rig.asked == before && rig.double.refusals == [])
    }

    @Test func aCancelThatCrossesWithTheEndIsNoError() {
        var rig = RealtimeRig { $0.turnDetection = .sidetone }
        rig.open()
        rig.speak(16_000)
        // It is over there, and we have not heard of it.
        _ = rig.double.end("completed")
        rig.clear(1, heard: 320)
        #expect(rig.double.refusals == ["nothing to cancel"])
        #expect(rig.counters.counts.botErrors == 0 && !rig.asked.contains("fail failed"))
    }

    @Test func whatWasHeardWholeIsNotTruncated() {
        var rig = RealtimeRig()
        rig.open()
        rig.speak(800)
        rig.tell(rig.double.end("completed"))
        rig.clear(1, heard: 100)
        rig.tell(rig.double.hearCaller())
        #expect(!rig.double.taken.contains("conversation.item.truncate"))
        #expect(rig.double.refusals == [])
    }

    @Test func ourOwnEndpointsCommitAndAsk() {
        var rig = RealtimeRig {
            $0.turnDetection = .sidetone
            $0.greets = false
        }
        rig.open()
        #expect(!rig.double.detectsTurns)
        rig.handle(.turnEnded(RealtimeRig.turn))
        // An empty buffer may not be committed.
        #expect(rig.double.taken == ["session.update"])
        // 20 ms wait to be bundled; the turn's end takes them along.
        rig.hear([UInt8](repeating: 1, count: 160))
        rig.handle(.turnEnded(RealtimeRig.turn))
        #expect(rig.double.heard.count == 160)
        #expect(
            rig.double.taken.suffix(2) == ["input_audio_buffer.commit", "response.create"])
        // The caller goes on before the answer has begun: the old question is taken back.
        rig.hear([UInt8](repeating: 1, count: 160))
        rig.handle(.turnEnded(RealtimeRig.turn))
        #expect(
            rig.double.taken.suffix(3) == [
                "response.cancel", "input_audio_buffer.commit", "response.create",
            ])
        #expect(rig.double.refusals == [])
    }

    @Test func aTurnThatEndsBeforeTheLastAnswerHasANameIsAnswered() {
        var rig = RealtimeRig {
            $0.turnDetection = .sidetone
            $0.greets = false
        }
        rig.open()
        rig.isSlow = true
        for _ in 0..<3 {
            rig.hear([UInt8](repeating: 1, count: 160))
            rig.handle(.turnEnded(RealtimeRig.turn))
        }
        #expect(rig.double.taken.filter { $0 == "response.create" }.count == 1)
        rig.arrive()
        #expect(rig.double.taken.suffix(2) == ["response.cancel", "response.create"])
        #expect(rig.double.taken.filter { $0 == "response.create" }.count == 2)
        #expect(rig.double.refusals == [])
        rig.speak(480)
        #expect(rig.asked.suffix(2) == ["begin 1", "play 1 480"])
    }

    @Test func aTransferWaitsForTheEndOfTheAnswer() {
        var rig = RealtimeRig()
        rig.open()
        rig.speak(800)
        rig.tell([
            #"""
            {"type":"response.function_call_arguments.done","call_id":"f1",\#
            "name":"transfer_call","arguments":"{\"to\":\"billing\"}"}
            """#
        ])
        #expect(!rig.asked.contains { $0.hasPrefix("transfer") })
        rig.tell(rig.double.end("completed"))
        #expect(rig.asked.last == #"transfer(destination: "billing") true"#)
    }

    @Test func aFunctionThatThereIsNotIsAnsweredSo() {
        var rig = RealtimeRig()
        rig.open()
        rig.tell([
            #"{"type":"response.function_call_arguments.done","call_id":"f","name":"fly"}"#
        ])
        rig.tell(rig.double.end("completed"))
        #expect(
            rig.double.taken.suffix(2) == ["conversation.item.create", "response.create"])
        #expect(rig.double.refusals == [])
    }

    @Test func keysGoTogetherAsOneMessage() throws {
        var rig = RealtimeRig { $0.greets = false }
        rig.open()
        for key in "12" {
            rig.handle(.digit(try #require(DTMFDigit(key))))
            rig.pass(1000)
        }
        #expect(rig.double.taken == ["session.update"])
        rig.pass(500)
        #expect(
            rig.double.taken == ["session.update", "conversation.item.create", "response.create"])
        let item = rig.double.events[0]["item"]?.object
        let text = item?["content"]?.array?.first?.object?["text"]
        #expect(text == "The caller pressed 12")
    }

    @Test func aNewConnectionIsToldWhatWasSaidAndAskedAgain() {
        var rig = RealtimeRig()
        rig.open()
        rig.speak(800)
        rig.tell([
            #"{"type":"response.output_audio_transcript.done","transcript":"Hello."}"#
        ])
        rig.exchange.linkClosed(at: rig.clock.now)
        rig.settle()
        #expect(rig.asked.last == "finish 1")
        rig.hear([UInt8](repeating: 1, count: 320))
        rig.open()
        #expect(
            rig.double.taken.suffix(3) == [
                "session.update", "conversation.item.create", "response.create",
            ])
        let item = rig.double.events.suffix(2).first?["item"]?.object
        let text = item?["content"]?.array?.first?.object?["text"]?.string
        #expect(text?.hasSuffix("Bot: Hello.") == true)
        #expect(rig.double.heard.count == 320 && rig.double.refusals == [])
    }
}

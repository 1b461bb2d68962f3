// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaServer
import Testing

@testable import WebSocketBots

/// What a far side gets wrong, row by row of the table that the interface's users have to survive.
@Suite struct RealtimeFaultTests {
    @Test func theFirstEventIsSessionCreatedOrNothing() {
        var rig = RealtimeRig()
        rig.exchange.linkOpened(at: rig.clock.now)
        rig.tell([#"{"type":"session.updated"}"#])
        #expect(rig.asked == ["close 1002"])
    }

    @Test func anAnswerInTimeIsAskedFor() {
        var rig = RealtimeRig()
        rig.exchange.linkOpened(at: rig.clock.now)
        rig.pass(2999)
        #expect(rig.asked == [])
        rig.pass(1)
        #expect(rig.asked == ["close 1001"])
        rig.isCut = true
        rig.open()
        rig.pass(3000)
        #expect(rig.asked == ["close 1001", "close 1001"])
    }

    @Test func severalMessagesThatAreNoEventsCloseAndFewDoNot() {
        var rig = RealtimeRig()
        rig.open()
        rig.tell(["}", "[]", #"{"kind":"x"}"#, #"{"type":7}"#, #"{"type":"mcp.new"}"#])
        #expect(rig.asked == ["established"])
        rig.tell(["nonsense"])
        #expect(rig.asked.last == "close 1002")
        #expect(rig.counters.counts.invalidMessages == 5)
    }

    @Test(arguments: [#","event_id":"e1""#, ""])
    func aSessionThatIsRefusedIsTheEnd(id: String) {
        var rig = RealtimeRig()
        rig.isCut = true
        rig.open()
        rig.tell([#"{"type":"error","error":{"type":"invalid_request_error"\#(id)}}"#])
        #expect(rig.asked == ["fail failed"])
    }

    @Test func anotherErrorIsCountedAndTheCallGoesOn() {
        var rig = RealtimeRig()
        rig.open()
        rig.tell([#"{"type":"error","error":{"type":"server_error","message":"m"}}"#])
        rig.tell([
            #"{"type":"rate_limits.updated","rate_limits":[{"limit":10,"remaining":0}]}"#
        ])
        #expect(rig.asked == ["established"])
        #expect(rig.counters.counts.botErrors == 1 && rig.counters.counts.rateLimited == 1)
    }

    @Test func aDeltaThatIsNotBase64IsDropped() {
        var rig = RealtimeRig()
        rig.open()
        rig.tell([
            #"{"type":"response.output_audio.delta","response_id":"r1","item_id":"i","delta":"?"}"#
        ])
        #expect(rig.asked == ["established"])
        rig.speak(80)
        #expect(rig.asked.last == "play 1 80")
    }

    @Test func anOddByteIsCarried() {
        var rig = RealtimeRig { $0.encoding = .pcm16 }
        rig.open()
        rig.tell(rig.double.speak([1, 0, 2]))
        rig.tell(rig.double.late([0, 3, 0]))
        #expect(rig.asked.suffix(2) == ["play 1 1", "play 1 2"])
    }

    @Test func aFailedAnswerIsAskedForOnceMore() {
        var rig = RealtimeRig()
        rig.open()
        rig.tell(rig.double.end("failed"))
        #expect(rig.double.taken.count { $0 == "response.create" } == 2)
        rig.tell(rig.double.end("failed"))
        #expect(rig.asked.last == "fail failed")
        #expect(rig.double.refusals == [])
    }

    @Test func anIncompleteAnswerIsPlayedAsFarAsItGoes() {
        var rig = RealtimeRig()
        rig.open()
        rig.speak(80)
        rig.tell(rig.double.end("incomplete"))
        #expect(rig.asked.suffix(3) == ["play 1 80", "finish 1", "listen"])
    }

    @Test func anAnswerThatDoesNotComeIsAskedForOnceMore() {
        var rig = RealtimeRig()
        rig.open()
        rig.pass(9999)
        #expect(rig.double.taken.count { $0 == "response.create" } == 1)
        rig.pass(1)
        #expect(rig.double.taken.suffix(2) == ["response.cancel", "response.create"])
        rig.pass(10_000)
        #expect(rig.asked.last == "fail failed")
        #expect(rig.double.refusals == [])
    }

    @Test func aFarSideThatDoesNotReadMissesAudioAndHoldsNothingUp() {
        var rig = RealtimeRig { $0.greets = false }
        rig.open()
        let packet = [UInt8](repeating: 1, count: 320)
        // 5 s of octets, a third more in base64.
        rig.exchange.hear(packet, count: 320, waiting: 54_000, at: rig.clock.now)
        rig.exchange.hear(packet, count: 320, waiting: 30_000, at: rig.clock.now)
        rig.exchange.hear(packet, count: 320, waiting: 20_000, at: rig.clock.now)
        rig.settle()
        #expect(rig.double.heard.count == 320)
        #expect(rig.counters.counts.missedMilliseconds == 80)
    }
}

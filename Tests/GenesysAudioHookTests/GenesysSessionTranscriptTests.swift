// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import MediaEngine
import Testing

@testable import GenesysAudioHook

/// Whole conversations, message by message.
@Suite struct GenesysSessionTranscriptTests {
    private func play(_ exchange: inout Exchange, messages: Int, bytes: Int = 1600) {
        for _ in 0..<messages {
            exchange.wait(200)
            guard case .accepted = exchange.audio(bytes) else {
                Issue.record("audio was not taken")
                return
            }
        }
        exchange.position = GenesysDuration.text(
            of: SampleRate.hz8000.duration(of: Int(exchange.session.position.index)))
    }

    @Test func botCallWithBargeIn() throws {
        var exchange = Exchange(.connector)
        let actions = exchange.open(more: #","inputVariables":{"tier":"gold"}"#)
        guard case .openRequested(let start)? = actions.first, actions.count == 1 else {
            Issue.record("no call was requested: \(actions)")
            return
        }
        #expect(start.media == GenesysMedia(.pcmu, .external))
        #expect(start.inputVariables == ["tier": "gold"])
        #expect(start.conversationID.text == Exchange.conversation)
        #expect(start.participant.ani == "+13175550100")
        #expect(!exchange.session.acceptsPlayout)
        #expect(
            exchange.take(exchange.session.accept(at: exchange.clock.now)).transcript
                == [#"opened 1 {"media":[\#(Exchange.external)]}"#])
        #expect(exchange.session.acceptsPlayout)

        #expect(exchange.say("playback_started") == [.playbackStarted])
        #expect(exchange.session.isPlaying)
        play(&exchange, messages: 5)
        #expect(exchange.say("ping").transcript == ["pong 3 {}"])
        #expect(exchange.say("ping", #"{"rtt":"PT0.041S"}"#).transcript == ["pong 4 {}"])
        #expect(exchange.session.roundTrip == .milliseconds(41))
        #expect(
            exchange.take(exchange.session.bargeIn(at: exchange.clock.now)).transcript
                == [#"event 4 {"entities":[{"type":"barge_in","data":{}}]}"#])
        #expect(!exchange.session.isPlaying)
        #expect(exchange.say("playback_completed") == [.playbackCompleted])
        #expect(exchange.say("dtmf", #"{"digit":"1"}"#) == [.digit(DTMFDigit("1")!)])
        let turn = try GenesysEvent.botTurn(.match, text: "one")
        #expect(
            exchange.take(exchange.session.send(turn, at: exchange.clock.now)).transcript == [
                #"event 6 {"entities":[{"type":"bot_turn_response","#
                    + #""data":{"disposition":"match","text":"one"}}]}"#
            ])
        #expect(exchange.say("playback_completed") == [.playbackCompleted])
        let route = try GenesysOutputVariables(["route": "billing"])
        let bye = exchange.session.disconnect(
            .completed, outputVariables: route, at: exchange.clock.now)
        #expect(
            exchange.take(bye).transcript == [
                #"disconnect 7 {"reason":"completed","outputVariables":{"route":"billing"}}"#,
                "ended(GenesysAudioHook.GenesysEnd.disconnected("
                    + "GenesysAudioHook.GenesysDisconnectReason.completed))",
            ])
        #expect(exchange.session.state == .disconnected)
        #expect(exchange.say("close", #"{"reason":"disconnect"}"#).transcript == ["closed 8 {}"])
        #expect(exchange.seen == 7)
        #expect(exchange.session.connectionClosed(at: exchange.clock.now).isEmpty)
    }

    @Test func monitorWithSecurePauseAndHangUp() throws {
        var exchange = Exchange(.monitor)
        let offers = [Exchange.both, Exchange.external, Exchange.internal].joined(separator: ",")
        exchange.open(media: offers)
        #expect(
            exchange.take(exchange.session.accept(at: exchange.clock.now)).transcript
                == [#"opened 1 {"media":[\#(Exchange.both)]}"#])
        #expect(exchange.session.media?.format == AudioFormat(.pcmu, rate: .hz8000, channels: 2))
        play(&exchange, messages: 62, bytes: 3200)
        #expect(exchange.position == "PT12.4S")
        func transcript(_ text: String) throws -> GenesysEvent {
            try .transcript(
                GenesysTranscript(
                    id: Exchange.identity.sessionID, isAgent: false, isFinal: true,
                    offset: .milliseconds(1200), duration: .milliseconds(800),
                    alternatives: [.init(confidence: 0.9, text: text)]))
        }
        let event = exchange.session.send(try transcript("hello"), at: exchange.clock.now)
        #expect(
            exchange.take(event).transcript == [
                #"event 1 {"entities":[{"type":"transcript","data":{"id":"\#(SignedRequest.session)","#
                    + #""channelId":0,"isFinal":true,"offset":"PT1.2S","duration":"PT0.8S","#
                    + #""alternatives":[{"confidence":0.9,"interpretations":[{"type":"display","#
                    + #""transcript":"hello"}]}]}}]}"#
            ])
        #expect(exchange.say("paused") == [.paused])
        exchange.clock.advance(by: .milliseconds(27_600))
        exchange.position = "PT40.0S"
        let move = GenesysTimelineMove(
            from: SamplePosition(99_200), to: SamplePosition(320_000), cause: .resumed)
        #expect(
            exchange.say("resumed", #"{"start":"PT12.4S","discarded":"PT27.6S"}"#)
                == [.timelineMoved(move), .resumed])
        #expect(exchange.audio(3200) == .accepted(at: SamplePosition(320_000), frameCount: 1600))
        exchange.position = "PT40.2S"
        #expect(
            exchange.say("close", #"{"reason":"end"}"#) == [.ended(.closedByClient(.end))])
        let last = exchange.session.send(try transcript("bye"), at: exchange.clock.now)
        #expect(exchange.take(last).sent == ["event"])
        #expect(
            exchange.take(exchange.session.finish(at: exchange.clock.now)).transcript
                == ["closed 4 {}"])
        #expect(exchange.seen == 4)
    }

    private static let probeParameters =
        #"{"organizationId":"\#(SignedRequest.organization)","#
        + #""conversationId":"\#(GenesysIdentifier.null)","participant":{"#
        + #""id":"\#(GenesysIdentifier.null)","ani":"","aniName":"","dnis":""},"media":[\#(Exchange.external)]}"#

    @Test(arguments: [GenesysMode.connector, .monitor])
    func probeIsAnsweredWithoutACall(mode: GenesysMode) {
        var exchange = Exchange(mode)
        let actions = exchange.say("open", Self.probeParameters)
        #expect(actions.transcript == [#"opened 1 {"media":[]}"#, "probeAnswered"])
        #expect(exchange.say("ping").sent == ["pong"])
        let close = exchange.say("close", #"{"reason":"end"}"#)
        #expect(close.transcript == ["closed 3 {}"])
        #expect(exchange.session.connectionClosed(at: exchange.clock.now).isEmpty)
    }

    @Test func protocolErrorEndsWithOneDisconnect() {
        var exchange = Exchange.opened()
        exchange.sequence = 3
        let actions = exchange.say("ping")
        #expect(
            actions == [
                .violated(.invalidSequence),
                actions[1],
                .ended(.violation(.invalidSequence)),
            ])
        #expect(
            actions.transcript[1] == #"disconnect 1 {"reason":"error","info":"invalid seq value"}"#)
        #expect(exchange.say("close", #"{"reason":"disconnect"}"#).transcript == ["closed 5 {}"])
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import Testing

@testable import GenesysAudioHook

@Suite struct GenesysSessionTests {
    // MARK: Opening

    @Test func openHandsOverEverythingTheHostNeeds() throws {
        var exchange = Exchange(.connector)
        exchange.position = "PT2S"
        let actions = exchange.open(
            media: #"{"type":"audio","format":"L16","channels":["external"],"rate":8000},"#
                + Exchange.external,
            more: #","language":"es-419","inputVariables":{"a":"1","b":2,"c":{"d":null}},"#
                + #""customConfig":"{\"bot\":\"sales\"}","continuedSessions":[{"id":"x"}],"new":1"#)
        guard case .openRequested(let start)? = actions.first else {
            Issue.record("no call was requested: \(actions)")
            return
        }
        #expect(start.language == "es-419")
        #expect(start.inputVariables == ["a": "1", "b": "2", "c": #"{"d":null}"#])
        #expect(start.customConfig == ["bot": "sales"])
        #expect(start.media == GenesysMedia(.pcmu, .external))
        #expect(start.position == SamplePosition(16_000))
        #expect(start.mode == .connector)
        #expect(start.organizationID == Exchange.identity.organizationID)
    }

    @Test(
        arguments: [
            (#"{"bot":"sales"}"#, ["bot": "sales"]), (#""{\"bot\":\"sales\"}""#, ["bot": "sales"]),
            (#""sales""#, "sales"), (#""[1]""#, "[1]"), ("null", nil),
        ] as [(String, JSONValue?)])
    func customConfigMayBeAnObjectOrAText(written: String, read: JSONValue?) {
        var exchange = Exchange()
        let actions = exchange.open(more: #","customConfig":\#(written)"#)
        guard case .openRequested(let start)? = actions.first else {
            Issue.record("no call was requested: \(actions)")
            return
        }
        #expect(start.customConfig == read)
    }

    @Test func numbersOfTheParticipantMayBeMissing() {
        var exchange = Exchange()
        let actions = exchange.open(
            more: #","participant":{"id":"\#(Exchange.participant)","ani":null}"#)
        guard case .openRequested(let start)? = actions.first else {
            Issue.record("no call was requested: \(actions)")
            return
        }
        #expect(start.participant.ani.isEmpty && start.participant.dnis.isEmpty)
    }

    @Test(arguments: [
        (
            [Exchange.internal, Exchange.external, Exchange.both], GenesysMode.monitor,
            GenesysMedia(.pcmu, .both)
        ),
        ([Exchange.internal, Exchange.external], .monitor, GenesysMedia(.pcmu, .external)),
        ([Exchange.internal], .monitor, GenesysMedia(.pcmu, .internal)),
        ([Exchange.both, Exchange.external], .connector, GenesysMedia(.pcmu, .external)),
        (
            [Exchange.both.replacing("PCMU", with: "L16"), Exchange.external], .monitor,
            GenesysMedia(.pcmu, .external)
        ),
        (
            [Exchange.external.replacing("PCMU", with: "L16")], .connector,
            GenesysMedia(.l16, .external)
        ),
        (
            [#"{"type":"audio","format":"OPUS"}"#, Exchange.external], .connector,
            GenesysMedia(.pcmu, .external)
        ),
    ])
    func theBestOfferIsSelected(offers: [String], mode: GenesysMode, media: GenesysMedia) {
        var exchange = Exchange(mode)
        exchange.open(media: offers.joined(separator: ","))
        let opened = exchange.take(exchange.session.accept(at: exchange.clock.now))
        #expect(exchange.session.media == media)
        #expect(opened.transcript == [#"opened 1 {"media":[\#(media.json.text)]}"#])
    }

    @Test func l16IsReadLeastSignificantByteFirst() {
        #expect(
            GenesysMedia(.l16, .both).format
                == AudioFormat(.linear16LittleEndian, rate: .hz8000, channels: 2))
    }

    @Test func languagesAreListedOnlyWhenAsked() {
        let acceptance = GenesysAcceptance(
            startPaused: true, discardTo: .milliseconds(1500), supportedLanguages: ["en-US"])
        var silent = Exchange()
        silent.open()
        #expect(
            silent.take(silent.session.accept(acceptance, at: silent.clock.now)).transcript == [
                #"opened 1 {"media":[\#(Exchange.external)],"startPaused":true,"discardTo":"PT1.5S"}"#
            ])
        var asking = Exchange()
        asking.open(media: "", more: #","supportedLanguages":true"#)
        #expect(
            asking.take(
                asking.session.accept(
                    GenesysAcceptance(supportedLanguages: ["en-US", "de-DE"]), at: asking.clock.now)
            ).transcript == [#"opened 1 {"media":[],"supportedLanguages":["en-US","de-DE"]}"#])
    }

    @Test(arguments: [
        (GenesysRefusal.unknownBot, #"{"reason":"error","info":"bot does not exist"}"#),
        (.unauthorized, #"{"reason":"unauthorized"}"#),
        (.failed(info: "no licence"), #"{"reason":"error","info":"no licence"}"#),
    ])
    func aRefusalIsADisconnect(refusal: GenesysRefusal, parameters: String) {
        var exchange = Exchange()
        exchange.open()
        let actions = exchange.take(exchange.session.refuse(refusal, at: exchange.clock.now))
        #expect(actions.transcript.first == "disconnect 1 \(parameters)")
        #expect(actions.count == 2)
        #expect(exchange.session.accept(at: exchange.clock.now).isEmpty)
        #expect(exchange.say("close", #"{"reason":"disconnect"}"#).sent == ["closed"])
    }

    @Test func anAnswerOfTheHostAfterTheEndIsIgnored() {
        var exchange = Exchange()
        exchange.open()
        let close = exchange.say("close", #"{"reason":"end"}"#)
        #expect(close.first == .ended(.closedByClient(.end)))
        #expect(close.sent == ["closed"])
        #expect(exchange.session.accept(at: exchange.clock.now).isEmpty)
        #expect(exchange.session.refuse(.unknownBot, at: exchange.clock.now).isEmpty)
    }

    @Test func pingIsAnsweredWhileTheHostSetsUp() {
        var exchange = Exchange()
        exchange.open()
        #expect(exchange.say("ping").transcript == ["pong 2 {}"])
        exchange.take(exchange.session.accept(at: exchange.clock.now))
        #expect(exchange.session.state == .active)
    }

    // MARK: Closing

    @Test(arguments: GenesysCloseReason.allCases)
    func closeEndsTheCallAndWaitsForLastEvents(reason: GenesysCloseReason) throws {
        var exchange = Exchange.opened()
        #expect(
            exchange.say("close", #"{"reason":"\#(reason.rawValue)"}"#)
                == [.ended(.closedByClient(reason))])
        #expect(exchange.say("ping").sent == ["pong"])
        let variables = try GenesysOutputVariables(["a": "\"1\""])
        #expect(
            exchange.take(
                exchange.session.finish(outputVariables: variables, at: exchange.clock.now)
            ).transcript == [#"closed 3 {"outputVariables":{"a":"\"1\""}}"#])
        #expect(exchange.session.finish(at: exchange.clock.now).isEmpty)
    }

    @Test(arguments: [#"{}"#, #"{"reason":"bored"}"#, #"{"reason":7}"#])
    func anUnknownCloseReasonClosesAllTheSame(parameters: String) {
        var exchange = Exchange.opened()
        #expect(
            exchange.say("close", parameters)
                == [.violated(.unknownCloseReason), .ended(.closedByClient(nil))])
        #expect(exchange.session.state == .closing)
    }

    @Test func aLostConnectionEndsTheCallOnce() {
        var exchange = Exchange.opened()
        let now = exchange.clock.now
        #expect(exchange.session.connectionClosed(at: now) == [.ended(.connectionLost)])
        #expect(exchange.session.connectionClosed(at: now).isEmpty)
        #expect(exchange.session.receive(text: "{}", at: now).isEmpty)
        #expect(exchange.session.disconnect(.completed, at: now).isEmpty)
        #expect(exchange.session.pause(at: now).isEmpty)
        #expect(exchange.session.nextWake == nil)
    }

    @Test func monitorNeverSendsOutputVariables() throws {
        var exchange = Exchange.opened(.monitor)
        let variables = try GenesysOutputVariables(["a": "1"])
        let actions = exchange.session.disconnect(
            .completed, outputVariables: variables, at: exchange.clock.now)
        #expect(actions.transcript.first == #"disconnect 1 {"reason":"completed"}"#)
    }

    @Test func disconnectAfterTheClientsCloseIsTheAnswerToIt() throws {
        var exchange = Exchange.opened()
        exchange.say("close", #"{"reason":"end"}"#)
        let actions = exchange.session.disconnect(.completed, at: exchange.clock.now)
        #expect(exchange.take(actions).sent == ["closed"])
    }

    @Test func infoTextsAreCutToTheirLimit() {
        var exchange = Exchange.opened()
        let combined = "e" + String(repeating: "\u{301}", count: 100_000)
        let actions = exchange.session.reconnect(info: combined, at: exchange.clock.now)
        #expect(exchange.take(actions).sent == ["reconnect"])
        #expect(exchange.session.state == .active)
    }

    // MARK: Update

    @Test(arguments: [(#"{"language":"de-DE"}"#, "de-DE"), ("{}", nil)] as [(String, String?)])
    func updateIsAcknowledged(parameters: String, language: String?) {
        var exchange = Exchange.opened()
        let actions = exchange.say("update", parameters)
        #expect(actions.sent == ["updated"])
        #expect(Array(actions.dropFirst()) == (language.map { [.languageChanged($0)] } ?? []))
    }
}

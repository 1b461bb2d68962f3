// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import GenesysAudioHook

/// The table of what a server must reject, row by row.
@Suite struct GenesysSessionRejectTests {
    private static func message(
        _ type: String = "ping", version: String = #""2""#,
        id: String = "\"\(SignedRequest.session)\"", sequence: String = "2",
        serverSequence: String = "1", position: String = #""PT0S""#, parameters: String = "{}"
    ) -> String {
        #"{"version":\#(version),"id":\#(id),"type":"\#(type)","seq":\#(sequence),"#
            + #""serverseq":\#(serverSequence),"position":\#(position),"parameters":\#(parameters)}"#
    }

    private func expectError(
        _ violation: GenesysViolation, _ actions: [GenesysAction], in exchange: inout Exchange
    ) {
        guard case .error(let info) = violation.consequence else {
            Issue.record("\(violation) is not fatal")
            return
        }
        #expect(actions.violations == [violation])
        #expect(actions.sent == ["disconnect"])
        #expect(
            actions.transcript.contains { $0.hasSuffix(#"{"reason":"error","info":"\#(info)"}"#) })
        #expect(exchange.session.state == .signaledError)
        // Exactly one disconnect, then only ping and close are answered.
        #expect(exchange.raw("{").sent.isEmpty)
        #expect(exchange.audio(1) == .ignored)
        #expect(exchange.session.disconnect(.completed, at: exchange.clock.now).isEmpty)
        #expect(exchange.raw(Self.message(sequence: "77")).transcript == ["pong 77 {}"])
        let close = Self.message("close", sequence: "99", parameters: #"{"reason":"disconnect"}"#)
        #expect(exchange.raw(close).transcript == ["closed 99 {}"])
        #expect(exchange.session.state == .closed)
    }

    @Test(arguments: [
        (String(repeating: "x", count: 65_536), GenesysViolation.textTooLarge),
        (String(repeating: "x", count: 65_535), .notJSON), ("", .notJSON), ("{", .notJSON),
        ("hello", .notJSON), ("[]", .malformedMessage), ("7", .malformedMessage),
        (message(version: #""1""#), .malformedMessage), (message(version: "2"), .malformedMessage),
        (message(id: "\"no-uuid\""), .malformedMessage), (message(id: "null"), .malformedMessage),
        (message(sequence: "\"2\""), .malformedMessage),
        (message(sequence: "2.5"), .malformedMessage),
        (message(sequence: "null"), .malformedMessage),
        (message(serverSequence: "-1"), .malformedMessage),
        (message(serverSequence: "[]"), .malformedMessage),
        (message(position: "0"), .malformedMessage),
        (message(position: #""PT1M""#), .malformedMessage),
        (message(parameters: "null"), .malformedMessage),
        (message(parameters: "[]"), .malformedMessage), (message(sequence: "1"), .invalidSequence),
        (message(sequence: "3"), .invalidSequence), (message(sequence: "-2"), .invalidSequence),
        (message(sequence: "9223372036854775807"), .invalidSequence),
        (message(serverSequence: "2"), .invalidServerSequence),
        (message(id: "\"\(SignedRequest.organization)\""), .identifierMismatch),
        (message(id: "\"00000000-0000-0000-0000-000000000000\""), .identifierMismatch),
        (message(parameters: #"{"rtt":"1"}"#), .invalidParameters),
        (message("discarded"), .invalidParameters),
        (message("discarded", parameters: #"{"start":"PT1S","discarded":5}"#), .invalidParameters),
        (message("resumed", parameters: #"{"start":"PT1S"}"#), .invalidParameters),
        (message("update", parameters: #"{"language":5}"#), .invalidParameters),
        (message("update", parameters: #"{"language":"english please"}"#), .invalidParameters),
        (message("update", parameters: #"{"language":""}"#), .invalidParameters),
        (message("dtmf"), .invalidParameters),
        (message("dtmf", parameters: #"{"digit":1}"#), .invalidParameters),
        (message("error", parameters: #"{"code":"400","message":"x"}"#), .invalidParameters),
        (message("error", parameters: #"{"code":399,"message":"x"}"#), .invalidParameters),
        (message("error", parameters: #"{"code":400}"#), .invalidParameters),
        (
            message("error", parameters: #"{"code":429,"message":"x","retryAfter":1}"#),
            .invalidParameters
        ),
    ])
    func aBadTextMessageEndsAnOpenSession(text: String, violation: GenesysViolation) {
        var exchange = Exchange.opened()
        let actions = exchange.raw(text)
        #expect(actions.contains(.ended(.violation(violation))))
        expectError(violation, actions, in: &exchange)
    }

    @Test func limitCountsCharactersAndNotBytes() {
        var exchange = Exchange.opened()
        let room = 65_535 - Self.message(parameters: #"{"x":""}"#).utf16.count
        let exact = Self.message(
            parameters: #"{"x":"\#(String(repeating: "é", count: room))"}"#)
        #expect(exact.utf8.count > 65_535)
        #expect(exchange.raw(exact).sent == ["pong"])
        let longer = Self.message(
            sequence: "3", parameters: #"{"x":"\#(String(repeating: "é", count: room + 1))"}"#)
        #expect(exchange.raw(longer).violations == [.textTooLarge])
    }

    @Test(arguments: ["ping", "close", "dtmf", "paused", "hello"])
    func theFirstMessageMustBeOpen(type: String) {
        var exchange = Exchange()
        expectError(.firstMessageNotOpen, exchange.say(type), in: &exchange)
    }

    @Test(arguments: [
        #"{}"#, #"{"organizationId":"x"}"#,
        Exchange.openParameters(media: "1"),
        Exchange.openParameters(media: "", more: #","media":{}"#),
        Exchange.openParameters(media: "", more: #","conversationId":"x""#),
        Exchange.openParameters(media: "", more: #","participant":{"ani":""}"#),
        Exchange.openParameters(media: "", more: #","participant":[]"#),
        Exchange.openParameters(
            media: "", more: #","participant":{"id":"\#(Exchange.participant)","ani":5}"#),
        Exchange.openParameters(media: "", more: #","language":7"#),
        Exchange.openParameters(media: "", more: #","supportedLanguages":"yes""#),
        Exchange.openParameters(media: "", more: #","customConfig":7"#),
        Exchange.openParameters(media: "", more: #","inputVariables":["a"]"#),
    ])
    func aBadOpenIsInvalid(parameters: String) {
        var exchange = Exchange()
        let actions = exchange.say("open", parameters)
        expectError(.invalidParameters, actions, in: &exchange)
    }

    @Test(arguments: [
        (Exchange.internal, GenesysMode.connector), (Exchange.both, .connector),
        (#"{"type":"audio","format":"OPUS","channels":["external"],"rate":8000}"#, .monitor),
        (#"{"type":"audio","format":"PCMU","channels":["external"],"rate":16000}"#, .connector),
        (#"{"type":"video","format":"PCMU","channels":["external"],"rate":8000}"#, .connector),
        (
            #"{"type":"audio","format":"PCMU","channels":["internal","external"],"rate":8000}"#,
            .monitor
        ),
        (#"{"type":"audio","format":"PCMU","channels":[],"rate":8000}"#, .monitor),
        ("{}", .monitor),
    ])
    func mediaThatCannotBeTakenEndTheSession(offer: String, mode: GenesysMode) {
        var exchange = Exchange(mode)
        expectError(.noSupportedMedia, exchange.open(media: offer), in: &exchange)
    }

    @Test(arguments: [SignedRequest.session, GenesysIdentifier.null.text])
    func anotherOrganizationIsUnauthorized(organization: String) {
        var exchange = Exchange()
        let actions = exchange.say(
            "open", Exchange.openParameters(media: Exchange.external, organization: organization))
        #expect(actions.violations == [.organizationMismatch])
        #expect(actions.transcript.last == #"disconnect 1 {"reason":"unauthorized"}"#)
        #expect(exchange.session.state == .unauthorized)
        #expect(exchange.say("close", #"{"reason":"disconnect"}"#).sent == ["closed"])
    }

    @Test func anAbsentOrganizationHeaderMatchesNoOpen() {
        var exchange = Exchange()
        exchange.session = GenesysSession(
            identity: GenesysIdentity(
                sessionID: Exchange.identity.sessionID, organizationID: nil),
            mode: .connector, at: exchange.clock.now)
        #expect(exchange.open().violations == [.organizationMismatch])
    }

    @Test func audioBeforeOpenedIsRefused() {
        var preparing = Exchange()
        #expect(Self.violations(preparing.audio(160)) == [.audioBeforeOpened])
        var opening = Exchange()
        opening.open()
        guard case .refused(let actions) = opening.audio(160) else {
            Issue.record("audio was taken before opened")
            return
        }
        #expect(actions.contains(.ended(.violation(.audioBeforeOpened))))
        expectError(.audioBeforeOpened, actions, in: &opening)
    }

    @Test func audioWhilePausedIsRefusedButToleratedBeforeTheAnswerToOurPause() {
        var exchange = Exchange.opened()
        exchange.take(exchange.session.pause(at: exchange.clock.now))
        #expect(exchange.audio(160) == .accepted(at: .start, frameCount: 160))
        exchange.position = "PT0.02S"
        exchange.say("paused")
        guard case .refused(let actions) = exchange.audio(160) else {
            Issue.record("audio was taken while paused")
            return
        }
        expectError(.audioWhilePaused, actions, in: &exchange)
    }

    @Test func audioAfterCloseIsRefusedAndTheCloseIsStillAnswered() {
        var exchange = Exchange.opened()
        exchange.say("close", #"{"reason":"end"}"#)
        guard case .refused(let actions) = exchange.audio(160) else {
            Issue.record("audio was taken after close")
            return
        }
        #expect(actions.violations == [.audioAfterClose])
        #expect(actions.sent == ["disconnect", "closed"])
        #expect(exchange.session.state == .closed)
        #expect(exchange.audio(160) == .ignored)
    }

    @Test func audioWithoutSelectedMediaIsRefused() {
        var exchange = Exchange()
        exchange.open(media: "")
        exchange.take(exchange.session.accept(at: exchange.clock.now))
        guard case .refused(let actions) = exchange.audio(160) else {
            Issue.record("audio was taken without media")
            return
        }
        expectError(.audioWithoutMedia, actions, in: &exchange)
    }

    @Test func aPartialFrameIsRefused() {
        var stereo = Exchange.opened(.monitor)
        #expect(stereo.audio(3200) == .accepted(at: .start, frameCount: 1600))
        guard case .refused(let actions) = stereo.audio(3201) else {
            Issue.record("a partial frame was taken")
            return
        }
        expectError(.partialFrame, actions, in: &stereo)
    }

    private static func violations(_ verdict: GenesysAudioVerdict) -> [GenesysViolation] {
        guard case .refused(let actions) = verdict else { return [] }
        return actions.violations
    }

    @Test(arguments: [
        ("hello", "{}", GenesysViolation.unsupportedType),
        ("open", Exchange.openParameters(media: Exchange.external), .repeatedOpen),
        ("resumed", #"{"start":"PT0S","discarded":"PT0S"}"#, .unexpectedPauseState),
        ("dtmf", #"{"digit":"12"}"#, .unknownDigit), ("dtmf", #"{"digit":""}"#, .unknownDigit),
        ("dtmf", #"{"digit":"x"}"#, .unknownDigit),
    ])
    func theRestIsCountedAndTheSequenceGoesOn(
        type: String, parameters: String, violation: GenesysViolation
    ) {
        var exchange = Exchange.opened()
        #expect(exchange.say(type, parameters) == [.violated(violation)])
        #expect(exchange.session.state == .active)
        #expect(exchange.say("ping").transcript == ["pong 3 {}"])
    }

    @Test func pausedTwiceIsCountedAndIgnored() {
        var exchange = Exchange.opened()
        #expect(exchange.say("paused") == [.paused])
        #expect(exchange.say("paused") == [.violated(.unexpectedPauseState)])
        #expect(exchange.session.state == .paused)
    }

    @Test func messagesOfTheConnectorAreCountedInAMonitoredCall() {
        var exchange = Exchange.opened(.monitor)
        for (type, parameters) in [
            ("dtmf", #"{"digit":"1"}"#), ("playback_started", "{}"), ("playback_completed", "{}"),
        ] {
            #expect(exchange.say(type, parameters) == [.violated(.unexpectedMessage)])
        }
        #expect(!exchange.session.acceptsPlayout)
        #expect(exchange.session.bargeIn(at: exchange.clock.now).isEmpty)
    }

    @Test(
        arguments: [
            (nil, 1000), ("PT0.2S", 1000), ("PT3.5S", 3500), ("PT900S", 60_000),
        ] as [(String?, Int64)])
    func error429Throttles(retryAfter: String?, milliseconds: Int64) {
        var exchange = Exchange.opened()
        let member = retryAfter.map { #","retryAfter":"\#($0)""# } ?? ""
        let actions = exchange.say("error", #"{"code":429,"message":"slow"\#(member)}"#)
        #expect(actions == [.throttled(retryAfter: .milliseconds(milliseconds))])
        #expect(exchange.session.state == .active)
    }

    @Test func otherErrorsAreReported() {
        var exchange = Exchange.opened()
        #expect(
            exchange.say("error", #"{"code":409,"message":"unexpected"}"#)
                == [.clientError(code: 409, message: "unexpected")])
    }

    @Test func afterOurDisconnectTheRestIsIgnored() {
        var exchange = Exchange.opened()
        exchange.take(exchange.session.disconnect(.completed, at: exchange.clock.now))
        #expect(exchange.say("playback_completed").isEmpty)
        #expect(exchange.say("dtmf", #"{"digit":"1"}"#).isEmpty)
        #expect(exchange.audio(1600) == .ignored)
        #expect(exchange.say("ping").transcript == ["pong 4 {}"])
        #expect(exchange.raw("nonsense") == [.violated(.ignoredAfterEnd)])
        #expect(exchange.say("close", #"{"reason":"disconnect"}"#).transcript == ["closed 5 {}"])
        #expect(exchange.say("ping") == [.violated(.ignoredAfterEnd)])
    }

    @Test func everyFatalViolationHasATest() {
        let shown: Set<GenesysViolation> = [
            .textTooLarge, .notJSON, .malformedMessage, .identifierMismatch, .invalidSequence,
            .invalidServerSequence, .invalidParameters, .firstMessageNotOpen, .noSupportedMedia,
            .audioBeforeOpened, .audioWhilePaused, .audioAfterClose, .audioWithoutMedia,
            .partialFrame, .openTimedOut, .setUpTimedOut, .peerSilent,
        ]
        let fatal = GenesysViolation.allCases.filter {
            if case .error = $0.consequence { true } else { false }
        }
        #expect(Set(fatal) == shown)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Testing

@testable import NICECXone

@Suite struct CXoneConnectionSessionTests {
    /// A connection on a virtual clock, with what came out of it as texts.
    struct Connection {
        var session: CXoneConnectionSession
        var clock = VirtualClock()

        init(tokens: [String] = []) {
            session = CXoneConnectionSession(
                tokens: CXoneTokenCheck(accepted: tokens.map { CXoneToken($0) }), at: clock.now)
        }

        static func streaming() -> Connection {
            var connection = Connection()
            _ = connection.say(CXoneConnectionSessionTests.initial())
            _ = connection.session.accept(at: connection.clock.now)
            return connection
        }

        mutating func say(_ text: String) -> [String] {
            session.receive(text: text, at: clock.now).map(\.summary)
        }

        mutating func take(
            _ step: (inout CXoneConnectionSession, MediaInstant) -> [CXoneAction]
        ) -> [String] {
            step(&session, clock.now).map(\.summary)
        }

        mutating func audio(_ byteCount: Int) -> [String] {
            switch session.receiveAudio(byteCount: byteCount, at: clock.now) {
            case .accepted(let count): ["accepted \(count)"]
            case .ignored: ["ignored"]
            case .counted(let violation): ["violated \(violation.rawValue)"]
            case .refused(let actions): actions.map(\.summary)
            }
        }

        mutating func wait(_ milliseconds: Int64) -> [String] {
            clock.advance(by: .milliseconds(milliseconds))
            return session.advance(to: clock.now).map(\.summary)
        }
    }

    static func initial(
        token: String? = nil, contact: String = "1", perspective: String = "1"
    ) -> String {
        let member = token.map { #""authenticationToken":"\#($0)","# } ?? ""
        return #"{\#(member)"executionInfo":{"contactId":\#(contact),"busNo":2},"#
            + #""streamPerspective":\#(perspective)}"#
    }

    private static func error(_ message: String) -> String {
        #"send {"command":"ERROR","messageType":"COMMAND","message":"\#(message)"}"#
    }

    @Test func handshakeThenAudio() {
        var connection = Connection(tokens: ["Basic abc"])
        #expect(connection.say(Self.initial(token: "Basic abc")) == ["open 2/1/RX"])
        #expect(connection.session.stream?.perspective == .receive)
        #expect(
            connection.take { $0.accept(at: $1) } == [
                #"send {"command":"CONNECTED","messageType":"COMMAND","message":"BEGIN AUDIO STREAM"}"#
            ])
        for bytes in [160, 1, 65_536, 1600] {
            #expect(connection.audio(bytes) == ["accepted \(bytes)"])
        }
        #expect(
            connection.take { $0.connectionClosed(at: $1) }
                == ["detached"])
        #expect(connection.session.connectionClosed(at: connection.clock.now).isEmpty)
        #expect(connection.audio(160) == ["ignored"])
    }

    // MARK: The reject table, row by row

    @Test(arguments: [
        ("", CXoneViolation.notJSON), ("{", .notJSON), (#""executionInfo":{}"#, .notJSON),
        ("[]", .notAnObject), ("5", .notAnObject), (initial(contact: "null"), .badExecutionInfo),
        (initial(contact: #""x""#), .badExecutionInfo),
        (initial(perspective: "null"), .badPerspective),
        (initial(perspective: "9"), .badPerspective),
    ])
    func aBadInitialMessageIsAnsweredWithAnErrorAndClosed(text: String, violation: CXoneViolation) {
        guard case .error(let message) = violation.consequence else {
            Issue.record("\(violation) has no reply")
            return
        }
        var connection = Connection()
        #expect(
            connection.say(text) == [
                "violated \(violation.rawValue)", Self.error(message), "close 1008",
            ])
        #expect(connection.session.state == .closed)
        #expect(connection.say(Self.initial()).isEmpty)
        #expect(connection.session.accept(at: connection.clock.now).isEmpty)
    }

    @Test(arguments: [nil, "", "wrong", "Basic ab"])
    func aMissingOrWrongTokenIsRefusedWithoutAnEcho(token: String?) {
        var connection = Connection(tokens: ["Basic abc"])
        #expect(
            connection.say(Self.initial(token: token)) == [
                "violated wrong_token", Self.error("authentication failed"), "close 1008",
            ])
    }

    @Test func aStrangerLearnsNothingAboutTheRestOfItsMessage() {
        var connection = Connection(tokens: ["Basic abc"])
        #expect(connection.say("{}").contains("violated wrong_token"))
    }

    @Test func aTokenThatNobodyAskedForIsAccepted() {
        var connection = Connection()
        #expect(connection.say(Self.initial(token: "anything")) == ["open 2/1/RX"])
    }

    @Test func anIntegerInATextIsAccepted() {
        var connection = Connection()
        #expect(connection.say(Self.initial(contact: #""77""#)) == ["open 2/77/RX"])
    }

    @Test func aBinaryFirstMessageCloses() {
        var connection = Connection()
        #expect(
            connection.audio(160) == ["violated audio_before_initial_message", "close 1008"])
    }

    @Test func noInitialMessageInTimeCloses() {
        var connection = Connection()
        #expect(connection.wait(9_999).isEmpty)
        #expect(connection.wait(1) == ["violated initial_message_timed_out", "close 1008"])
        #expect(connection.wait(60_000).isEmpty)
    }

    @Test func anInitialMessageBeyondTheLimitCloses() {
        var connection = Connection()
        let padding = String(repeating: " ", count: 65_536 - Self.initial().utf8.count)
        var exact = Connection()
        #expect(exact.say(Self.initial() + padding) == ["open 2/1/RX"])
        #expect(
            connection.say(Self.initial() + padding + " ") == [
                "violated text_too_large", "close 1009",
            ])
    }

    @Test func aBinaryMessageBeyondTheLimitClosesButTheStreamIsKept() {
        var connection = Connection.streaming()
        #expect(
            connection.audio(65_537) == ["violated audio_too_large", "close 1009", "detached"])
    }

    @Test func anEmptyBinaryMessageIsIgnored() {
        var connection = Connection.streaming()
        #expect(connection.audio(0) == ["violated empty_audio"])
        #expect(connection.audio(160) == ["accepted 160"])
    }

    @Test func textAfterTheHandshakeIsIgnored() {
        var connection = Connection.streaming()
        #expect(connection.say("hello") == ["violated text_after_initial_message"])
        #expect(connection.say(Self.initial()) == ["violated text_after_initial_message"])
        #expect(connection.audio(160) == ["accepted 160"])
    }

    @Test func audioBeforeOurReplyIsDropped() {
        var connection = Connection()
        _ = connection.say(Self.initial())
        #expect(connection.audio(160) == ["violated audio_before_reply"])
        #expect(connection.session.accept(at: connection.clock.now).count == 1)
        #expect(connection.audio(160) == ["accepted 160"])
    }

    // MARK: The host

    @Test func aRefusalOfTheHostReachesTheClient() {
        var connection = Connection()
        _ = connection.say(Self.initial())
        #expect(
            connection.take { $0.refuse("over capacity", at: $1) }
                == [Self.error("over capacity"), "close 1008"])
        #expect(connection.session.connectionClosed(at: connection.clock.now).isEmpty)
    }

    @Test func aSlowHostIsNotWaitedFor() {
        var connection = Connection()
        _ = connection.say(Self.initial())
        #expect(connection.wait(999).isEmpty)
        #expect(
            connection.wait(1) == [
                "detached", Self.error("session set-up timed out"), "close 1008",
            ])
        #expect(connection.session.accept(at: connection.clock.now).isEmpty)
    }

    @Test func aReplacedConnectionClosesInGoodOrder() {
        var connection = Connection.streaming()
        #expect(
            connection.take { $0.close(at: $1) } == ["close 1000"])
        #expect(connection.session.close(at: connection.clock.now).isEmpty)
        #expect(connection.session.connectionClosed(at: connection.clock.now).isEmpty)
    }

    @Test func aSilentConnectionStaysOpen() {
        var connection = Connection.streaming()
        #expect(connection.wait(3_600_000).isEmpty)
        #expect(connection.audio(160) == ["accepted 160"])
    }
}

extension CXoneAction {
    /// The action as a short text.
    var summary: String {
        switch self {
        case .send(let text): "send \(text)"
        case .openRequested(let message): "open \(message.stream)"
        case .violated(let violation): "violated \(violation.rawValue)"
        case .detached: "detached"
        case .closeConnection(let code): "close \(code)"
        }
    }
}

@Suite struct CXoneConnectionCostTests {
    @Test(.enabled(if: allocation_counter_available()))
    func audioAllocatesNothing() {
        var connection = CXoneConnectionSessionTests.Connection.streaming()
        var timeline = CXoneStreamTimeline()
        var accepted = 0
        allocation_counter_start()
        for _ in 0..<1_000 {
            let now = connection.clock.now
            if case .accepted(let count) = connection.session.receiveAudio(byteCount: 160, at: now),
                timeline.receive(sampleCount: count, at: now) == 0
            {
                accepted += 1
            }
        }
        #expect(allocation_counter_stop() == 0)
        #expect(accepted == 1_000)
    }
}

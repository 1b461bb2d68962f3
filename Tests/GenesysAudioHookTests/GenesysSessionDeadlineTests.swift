// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import Testing

@testable import GenesysAudioHook

@Suite struct GenesysSessionDeadlineTests {
    @Test func aClientThatNeverOpensIsDisconnectedAndThenClosed() {
        var exchange = Exchange()
        #expect(exchange.wait(9_999).isEmpty)
        let actions = exchange.wait(1)
        #expect(actions.violations == [.openTimedOut])
        #expect(actions.sent == ["disconnect"])
        #expect(exchange.wait(9_999).isEmpty)
        #expect(exchange.wait(1) == [.violated(.closeTimedOut), .closeConnection(code: 1000)])
        #expect(exchange.wait(100_000).isEmpty)
    }

    @Test func aSlowSetUpEndsBeforeTheClientGivesUp() {
        var exchange = Exchange()
        exchange.open()
        #expect(exchange.wait(4_499).isEmpty)
        let actions = exchange.wait(1)
        #expect(actions.violations == [.setUpTimedOut])
        #expect(actions.last == .ended(.violation(.setUpTimedOut)))
        #expect(exchange.session.accept(at: exchange.clock.now).isEmpty)
    }

    @Test func anythingReceivedKeepsASessionAlive() {
        var exchange = Exchange.opened()
        exchange.wait(59_000)
        _ = exchange.audio(160)
        #expect(exchange.wait(59_999).isEmpty)
        exchange.position = "PT0.02S"
        exchange.say("ping")
        #expect(exchange.wait(59_999).isEmpty)
        let actions = exchange.wait(1)
        #expect(actions.violations == [.peerSilent])
        #expect(actions.last == .ended(.violation(.peerSilent)))
    }

    @Test func closedIsSentEvenWhenTheHostForgetsToFinish() {
        var exchange = Exchange.opened()
        exchange.say("close", #"{"reason":"end"}"#)
        #expect(exchange.wait(4_999).isEmpty)
        #expect(exchange.wait(1).sent == ["closed"])
        #expect(exchange.wait(10_000).last == .closeConnection(code: 1000))
    }

    @Test func aClientThatClosesTheConnectionItselfIsNotClosed() {
        var exchange = Exchange.opened()
        exchange.say("close", #"{"reason":"end"}"#)
        exchange.take(exchange.session.finish(at: exchange.clock.now))
        #expect(exchange.session.connectionClosed(at: exchange.clock.now).isEmpty)
        #expect(exchange.wait(100_000).isEmpty)
    }

    // MARK: Pace of events

    private static let turn = try! GenesysEvent.botTurn(.noInput)

    @Test func eventsBeyondTheBurstWaitForTheirTurn() {
        var exchange = Exchange.opened()
        var sent = 0
        for _ in 0..<25 {
            sent += exchange.take(exchange.session.send(Self.turn, at: exchange.clock.now)).count
        }
        #expect(sent == 20)
        #expect(exchange.wait(199).isEmpty)
        #expect(exchange.wait(1).sent == ["event"])
        #expect(exchange.wait(400).sent == ["event", "event"])
        #expect(exchange.wait(10_000).sent == ["event", "event"])
    }

    @Test func bargeInAndPongNeverWait() {
        var exchange = Exchange.opened()
        for _ in 0..<30 {
            exchange.take(exchange.session.send(Self.turn, at: exchange.clock.now))
        }
        #expect(exchange.take(exchange.session.bargeIn(at: exchange.clock.now)).sent == ["event"])
        #expect(exchange.say("ping").sent == ["pong"])
    }

    @Test func theQueueIsBoundedAndDropsTheNewest() throws {
        var exchange = Exchange.opened()
        var dropped = 0
        for index in 0..<100 {
            let event = try GenesysEvent.botTurn(.match, text: "\(index)")
            let actions = exchange.take(exchange.session.send(event, at: exchange.clock.now))
            dropped += actions.filter { $0 == .eventDropped }.count
        }
        #expect(dropped == 100 - 20 - 64)
        let rest = exchange.take(
            exchange.session.disconnect(.completed, at: exchange.clock.now))
        #expect(rest.sent == Array(repeating: "event", count: 64) + ["disconnect"])
        #expect(rest.transcript[63].contains(#""text":"83""#))
    }

    @Test func throttlingHaltsEventsAndHalvesTheirPace() {
        var exchange = Exchange.opened()
        exchange.say("error", #"{"code":429,"message":"slow","retryAfter":"PT2S"}"#)
        for _ in 0..<3 {
            #expect(exchange.session.send(Self.turn, at: exchange.clock.now).isEmpty)
        }
        #expect(exchange.wait(1_999).isEmpty)
        #expect(exchange.wait(1).sent == ["event"])
        #expect(exchange.wait(399).isEmpty)
        #expect(exchange.wait(1).sent == ["event"])
    }

    @Test func waitingEventsLeaveBeforeClosed() {
        var exchange = Exchange.opened()
        for _ in 0..<22 {
            exchange.take(exchange.session.send(Self.turn, at: exchange.clock.now))
        }
        exchange.say("close", #"{"reason":"end"}"#)
        #expect(
            exchange.take(exchange.session.finish(at: exchange.clock.now)).sent
                == ["event", "event", "closed"])
    }

    // MARK: Sizes of what we send

    @Test func anEventThatCannotFitIsRefusedToItsAuthor() {
        #expect(throws: GenesysEvent.EntityError.tooLarge) {
            try GenesysEvent.botTurn(.match, text: String(repeating: "\u{1}", count: 11_000))
        }
        #expect(throws: GenesysOutputVariables.VariablesError.tooLarge) {
            try GenesysOutputVariables(["a": String(repeating: "x", count: 64_000)])
        }
    }

    @Test func theLargestEventAndDisconnectFitAMessage() throws {
        var exchange = Exchange.opened()
        let event = try GenesysEvent(
            type: "x", data: .string(String(repeating: "x", count: 63_978)))
        #expect(event.text.utf16.count == GenesysPolicy.maximumPayloadCharacters)
        #expect(exchange.take(exchange.session.send(event, at: exchange.clock.now)).count == 1)
        let variables = try GenesysOutputVariables(["a": String(repeating: "x", count: 63_992)])
        exchange.take(
            exchange.session.disconnect(
                .completed, info: String(repeating: "\u{1}", count: 5_000),
                outputVariables: variables,
                at: exchange.clock.now))
    }
}

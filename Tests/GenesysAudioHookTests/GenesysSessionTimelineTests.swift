// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Testing

@testable import GenesysAudioHook

@Suite struct GenesysSessionTimelineTests {
    private func moved(
        _ from: Int64, _ to: Int64, _ cause: GenesysTimelineMove.Cause
    ) -> GenesysAction {
        .timelineMoved(
            GenesysTimelineMove(from: SamplePosition(from), to: SamplePosition(to), cause: cause))
    }

    @Test func audioOfAnySizeAdvancesThePosition() {
        var exchange = Exchange.opened(.monitor)
        var position: Int64 = 0
        for bytes in [0, 2, 320, 3200, 1600, 65_536] {
            #expect(
                exchange.audio(bytes)
                    == .accepted(at: SamplePosition(position), frameCount: bytes / 2))
            position += Int64(bytes / 2)
        }
        #expect(exchange.session.position == SamplePosition(position))
    }

    @Test func discardedMovesToItsEnd() {
        var exchange = Exchange.opened()
        _ = exchange.audio(1600)
        #expect(
            exchange.say("discarded", #"{"start":"PT0.2S","discarded":"PT1S"}"#)
                == [moved(1600, 9600, .discarded)])
        #expect(exchange.audio(160) == .accepted(at: SamplePosition(9600), frameCount: 160))
    }

    @Test func statedPositionWinsOnlyBeyondTheLongestMessage() {
        var exchange = Exchange.opened()
        _ = exchange.audio(1600)
        _ = exchange.audio(160)
        exchange.position = "PT0.42S"
        #expect(exchange.say("ping").count == 1)
        exchange.position = "PT0.420125S"
        #expect(exchange.say("ping").dropFirst() == [moved(1760, 3361, .position)])
        #expect(exchange.say("ping").count == 1)
    }

    @Test func statedPositionWinsBeyondTwentyMillisecondsOfShortMessages() {
        var exchange = Exchange.opened()
        _ = exchange.audio(80)
        exchange.position = "PT0.03S"
        #expect(exchange.say("ping").count == 1)
        exchange.position = "PT0.030125S"
        #expect(exchange.say("dtmf", ##"{"digit":"#"}"##).first == moved(80, 241, .position))
    }

    @Test func theClientMayCountLessThanItSent() {
        var exchange = Exchange.opened()
        for _ in 0..<10 { _ = exchange.audio(1600) }
        exchange.position = "PT1S"
        let actions = exchange.say("ping")
        #expect(actions.sent == ["pong"])
        #expect(actions.last == moved(16_000, 8000, .position))
    }

    @Test func pongComesBeforeEverythingElse() {
        var exchange = Exchange.opened()
        exchange.position = "PT100S"
        let actions = exchange.say("ping")
        #expect(actions.transcript.first == "pong 2 {}")
        #expect(actions.last == moved(0, 800_000, .position))
    }

    @Test func positionIsNotFollowedDuringAPause() {
        var exchange = Exchange.opened()
        _ = exchange.audio(1600)
        exchange.position = "PT0.2S"
        exchange.say("paused")
        exchange.position = "PT9S"
        #expect(exchange.say("ping").count == 1)
        #expect(
            exchange.say("resumed", #"{"start":"PT0.2S","discarded":"PT0S"}"#) == [.resumed])
        #expect(exchange.session.position == SamplePosition(1600))
    }

    @Test func extremePositionsDoNotTrap() {
        var exchange = Exchange.opened()
        exchange.position = "PT1000000000S"
        #expect(exchange.say("ping").last == moved(0, 8_000_000_000_000, .position))
        #expect(
            exchange.say(
                "discarded", #"{"start":"PT1000000000S","discarded":"PT999999999.9999999999S"}"#)
                == [moved(8_000_000_000_000, 16_000_000_000_000, .discarded)])
    }

    @Test func aSessionWithoutMediaHasNoTimeline() {
        var exchange = Exchange()
        exchange.open(media: "")
        exchange.take(exchange.session.accept(at: exchange.clock.now))
        exchange.position = "PT50S"
        #expect(exchange.say("ping").count == 1)
    }

    // MARK: Pauses

    @Test func serverPauseAndResume() {
        var exchange = Exchange.opened()
        let now = exchange.clock.now
        #expect(exchange.take(exchange.session.pause(at: now)).transcript == ["pause 1 {}"])
        #expect(exchange.say("paused") == [.paused])
        #expect(exchange.take(exchange.session.resume(at: now)).transcript == ["resume 2 {}"])
        #expect(
            exchange.say("resumed", #"{"start":"PT0S","discarded":"PT2S"}"#)
                == [moved(0, 16_000, .resumed), .resumed])
    }

    @Test func aClientPauseOutlivesOurResume() {
        var exchange = Exchange.opened()
        exchange.say("paused")
        exchange.take(exchange.session.resume(at: exchange.clock.now))
        #expect(exchange.say("paused").isEmpty)
        #expect(exchange.session.state == .paused)
        #expect(exchange.say("paused") == [.violated(.unexpectedPauseState)])
    }

    @Test func anAnswerThatChangesNothingIsNoViolation() {
        var exchange = Exchange.opened()
        exchange.take(exchange.session.resume(at: exchange.clock.now))
        #expect(exchange.say("resumed", #"{"start":"PT0S","discarded":"PT0S"}"#).isEmpty)
        #expect(exchange.session.state == .active)
    }

    @Test func startPausedWaitsForTheClientToPause() {
        var exchange = Exchange.opened(accept: GenesysAcceptance(startPaused: true))
        #expect(exchange.say("paused") == [.paused])
        exchange.take(exchange.session.resume(at: exchange.clock.now))
        #expect(
            exchange.say("resumed", #"{"start":"PT0S","discarded":"PT0S"}"#) == [.resumed])
        #expect(exchange.audio(160) == .accepted(at: .start, frameCount: 160))
    }

    @Test func playoutGoesOnWhileTheCallersAudioIsPaused() {
        var exchange = Exchange.opened()
        exchange.say("paused")
        #expect(exchange.session.acceptsPlayout)
        #expect(exchange.take(exchange.session.bargeIn(at: exchange.clock.now)).sent == ["event"])
    }
}

@Suite struct GenesysSessionCostTests {
    @Test(.enabled(if: allocation_counter_available()))
    func audioAndAnIdleTickAllocateNothing() {
        var exchange = Exchange.opened(.monitor)
        var accepted = 0
        allocation_counter_start()
        for _ in 0..<1_000 {
            let now = exchange.clock.now
            if case .accepted = exchange.session.receiveAudio(byteCount: 3_200, at: now) {
                accepted += 1
            }
            if !exchange.session.advance(to: now).isEmpty { accepted = 0 }
        }
        #expect(allocation_counter_stop() == 0)
        #expect(accepted == 1_000)
    }
}

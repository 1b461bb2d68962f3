// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import Testing

@testable import MediaServer

/// What bot and platform tell each other beside audio: expectations, events, inputs.
@Suite struct CallSessionInputTests {
    private func log(of rig: ShardRig) -> [String] {
        rig.platform.log.filter { $0 != "flush" }
    }

    @Test func thePlatformHearsOfTheExpectationAfterTheLastPacket() throws {
        let rig = ShardRig()
        let session = rig.begin()
        _ = playTone(session, milliseconds: 1200)
        session.listen(for: InputExpectation(.digits))
        #expect(log(of: rig) == ["audio 1"])
        rig.advance(milliseconds: 2000)
        #expect(rig.platform.sentBytes == 9600)
        #expect(log(of: rig).last == "listen digits")
        #expect(log(of: rig).count { $0.hasPrefix("listen") } == 1)
    }

    @Test func withoutAnythingToSayTheExpectationGoesOutAtOnceAndIsFlushed() {
        let rig = ShardRig()
        let session = rig.begin()
        rig.platform.log = []
        session.listen()
        #expect(rig.platform.log == ["listen voiceAndDigits", "flush"])
    }

    @Test func anUnfinishedResponseHoldsTheExpectationUntilItIsFinished() throws {
        let rig = ShardRig()
        let session = rig.begin()
        let response = try #require(session.beginResponse())
        let samples = [Int16](repeating: 3000, count: 3200)
        _ = session.play(LinearAudio(samples.span, rate: .hz8000), in: response)
        session.listen()
        rig.advance(milliseconds: 5000)
        #expect(rig.platform.sentBytes == 3200)
        #expect(!log(of: rig).contains("listen voiceAndDigits"))
        session.endResponse(response)
        #expect(log(of: rig).last == "listen voiceAndDigits")
    }

    @Test func theLatestExpectationHolds() throws {
        let rig = ShardRig()
        let session = rig.begin()
        _ = playTone(session, milliseconds: 900)
        session.listen(for: InputExpectation(.voice))
        session.listen(for: InputExpectation(.digits))
        rig.advance(milliseconds: 2000)
        #expect(log(of: rig).filter { $0.hasPrefix("listen") } == ["listen digits"])
    }

    @Test func aCallThatEndsExpectsNothing() throws {
        let rig = ShardRig()
        let session = rig.begin()
        _ = playTone(session, milliseconds: 900)
        session.listen()
        session.endAfterPlayout(CallEnding(.completed))
        rig.advance(milliseconds: 2000)
        #expect(log(of: rig).last == "end completed")
        #expect(!log(of: rig).contains { $0.hasPrefix("listen") })
    }

    @Test func anEndingWaitsHoweverLongTheAudioIs() throws {
        let rig = ShardRig()
        let session = rig.begin()
        for _ in 0..<2 { _ = playTone(session, milliseconds: 29_000) }
        session.endAfterPlayout(CallEnding(.completed))
        rig.advance(milliseconds: 30_000)
        _ = playTone(session, milliseconds: 20_000)
        rig.advance(milliseconds: 47_500)
        #expect(!log(of: rig).contains("end completed"))
        rig.advance(milliseconds: 1000)
        #expect(log(of: rig).contains("end completed"))
    }

    @Test func anEventOfTheBotReachesThePlatform() {
        let rig = ShardRig()
        let session = rig.begin()
        rig.platform.log = []
        session.send(CustomEvent(name: "verified", values: ["by": "pin"]))
        #expect(rig.platform.log == ["event verified", "flush"])
        session.end(.platformEnded)
        session.send(CustomEvent(name: "late"))
        #expect(!log(of: rig).contains("event late"))
    }

    @Test func aBotMayAnswerAnInputOfThePlatformAtOnce() throws {
        let rig = ShardRig()
        let session = rig.begin()
        session.receive(.noInput)
        session.receive(.custom(CustomEvent(name: "held", values: ["a": "1"])))
        session.receive(try #require(DTMFDigit("7")))
        session.receive(.digitsCompleted)
        session.end(.platformEnded)
        session.receive(.noInput)
        #expect(
            rig.bot.inputs
                == [
                    .noInput, .custom(CustomEvent(name: "held", values: ["a": "1"])),
                    .digitsCompleted,
                ])
        #expect(rig.bot.events.count == 1)
    }
}

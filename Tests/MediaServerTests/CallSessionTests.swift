// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import Testing

@testable import MediaServer

@Suite struct CallSessionTests {
    @Test func botAudioLeavesInTheRoundItWasPlayedAndIsFlushedOnce() throws {
        let rig = ShardRig()
        let session = rig.begin()
        rig.platform.log = []
        let response = try #require(playTone(session, milliseconds: 300))
        #expect(rig.platform.log.first == "audio \(response.number)")
        #expect(rig.platform.log.last == "flush")
        rig.advance(milliseconds: 400)
        #expect(rig.platform.sentBytes == 2400)
        #expect(rig.bot.events.contains(.responseStarted(response)))
    }

    @Test func aClearReachesThePlatformBeforeTheNextResponse() throws {
        let rig = ShardRig()
        let session = rig.begin()
        _ = playTone(session, milliseconds: 3000)
        rig.advance(milliseconds: 200)
        rig.platform.log = []
        session.clear()
        _ = playTone(session, milliseconds: 300)
        #expect(rig.platform.log.filter { $0 != "flush" } == ["clear 1", "audio 2"])
    }

    @Test func aBotMayAnswerInsideItsOwnEvent() throws {
        let rig = ShardRig()
        let session = rig.begin()
        rig.bot.onEvent = { event, session in
            if case .digit = event { _ = playTone(session, milliseconds: 300) }
        }
        session.receive(try #require(DTMFDigit("5")))
        #expect(rig.platform.log.contains("audio 1"))
    }

    @Test func anEndingWaitsUntilEverythingWasHeard() throws {
        let rig = ShardRig()
        let session = rig.begin()
        rig.platform.endsAtOnce = session
        _ = playTone(session, milliseconds: 1000)
        session.endAfterPlayout(CallEnding(.completed))
        rig.advance(milliseconds: 900)
        #expect(!rig.platform.log.contains("end completed"))
        rig.advance(milliseconds: 150)
        #expect(rig.platform.log.contains("end completed"))
        #expect(rig.bot.endings == [.botEnded])
        #expect(rig.directory.count == 0)
    }

    @Test func anEndingWaitsForThePlatformsWordWhereItGivesOne() throws {
        let rig = ShardRig()
        rig.platform.confirmsPlayback = true
        let session = rig.begin()
        _ = playTone(session, milliseconds: 400)
        session.endAfterPlayout(CallEnding(.completed))
        rig.advance(milliseconds: 1000)
        #expect(!rig.platform.log.contains("end completed"))
        session.playbackCompleted()
        #expect(rig.platform.log.contains("end completed"))
        rig.advance(milliseconds: 5000)
        #expect(rig.platform.log.filter { $0 == "end completed" }.count == 1)
    }

    @Test func anEndingFollowsTheAudioWhereThePlatformPlaysItFirst() throws {
        let rig = ShardRig()
        rig.platform.playsBeforeEnding = true
        let session = rig.begin()
        _ = playTone(session, milliseconds: 1000)
        #expect(session.botIsAudible)
        session.endAfterPlayout(CallEnding(.completed))
        #expect(!rig.platform.log.contains("end completed"))
        rig.advance(milliseconds: 950)
        #expect(rig.platform.log.contains("end completed"))
        #expect(rig.platform.sentBytes == 8000)
    }

    @Test func anEndingNowDoesNotWait() {
        let rig = ShardRig()
        let session = rig.begin()
        _ = playTone(session, milliseconds: 4000)
        session.endNow(CallEnding(.failed, info: "gone"))
        #expect(rig.platform.log.contains("end failed"))
    }

    @Test func afterTheEndNothingHappensAnyMore() throws {
        let rig = ShardRig()
        let session = rig.begin()
        session.end(.connectionLost)
        let log = rig.platform.log
        session.end(.platformEnded)
        receiveSilence(session, milliseconds: 100)
        #expect(playTone(session, milliseconds: 100) == nil)
        session.clear()
        session.receive(try #require(DTMFDigit("1")))
        rig.advance(milliseconds: 1000)
        #expect(rig.bot.endings == [.connectionLost])
        #expect(rig.platform.log == log)
        #expect(rig.bot.events.isEmpty)
    }

    @Test func aGapIsToldWithTheBurstAlthoughItsAudioIsPutAside() {
        let rig = ShardRig()
        let session = rig.begin()
        let silence = [UInt8](repeating: 0xFF, count: 160)
        for _ in 0..<75 {
            rig.advance(milliseconds: 20)
            session.receive(EncodedAudio(silence.span, format: .pcmu8000))
            session.completeBurst()
        }
        #expect(rig.bot.events.isEmpty)
        session.moveTimeline(to: session.ingressPosition.advanced(by: 400))
        session.receive(EncodedAudio(silence.span, format: .pcmu8000))
        session.completeBurst()
        #expect(rig.bot.events == [.timelineJumped(samples: 400)])
    }

    @Test func aCallOutlivesItsConnection() {
        let rig = ShardRig()
        let session = rig.begin()
        receiveSilence(session, milliseconds: 100)
        session.detach()
        rig.advance(milliseconds: 60_000)
        #expect(!session.hasEnded)
        #expect(rig.bot.events.isEmpty)
        let second = RecordingPlatform()
        session.attach(second)
        receiveSilence(session, milliseconds: 100)
        _ = playTone(session, milliseconds: 300)
        rig.advance(milliseconds: 300)
        #expect(second.sentBytes == 2400)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Histogram
import MediaEngine
import NIOCore
import Testing

@testable import MediaServer

@Suite struct MediaShardTests {
    @Test func ticksComeEveryTenMillisecondsByAbsoluteDeadline() {
        let rig = ShardRig()
        _ = rig.begin()
        rig.advance(milliseconds: 1000)
        #expect(rig.shard.snapshot.ticks == 100)
        #expect(rig.shard.snapshot.tickLateness.max < 1000)
    }

    @Test func aCallIsServedByTheTickAfterItsDeadlineAndNotBefore() {
        let rig = ShardRig()
        let session = rig.begin()
        rig.advance(milliseconds: 1000)
        #expect((4...6).contains(rig.bot.ticks), "every 200 ms, and at the stall")
        rig.bot.ticks = 0
        rig.bot.deadline = rig.shard.now() + .milliseconds(25)
        receiveSilence(session, milliseconds: 20)
        rig.advance(milliseconds: 20)
        #expect(rig.bot.ticks == 0)
        rig.advance(milliseconds: 10)
        #expect(rig.bot.ticks == 1)
    }

    @Test func aCallWhoseAudioWaitsIsServedUntilAllOfItIsSent() {
        let rig = ShardRig()
        let session = rig.begin()
        _ = playTone(session, milliseconds: 3000)
        rig.advance(milliseconds: 2600)
        #expect(rig.platform.sentBytes == 24_000, "half a second ahead")
        rig.bot.ticks = 0
        rig.advance(milliseconds: 200)
        #expect(rig.bot.ticks <= 2)
        rig.advance(milliseconds: 200)
        #expect(rig.bot.events.contains { if case .responseEnded = $0 { true } else { false } })
    }

    @Test func endingACallInItsTickLeavesTheOthersTheirs() {
        let rig = ShardRig()
        let sessions = (0..<5).map { rig.begin("c\($0)") }
        var ended = 0
        rig.bot.onEvent = { event, session in
            if event == .mediaStalled, session === sessions[1] || session === sessions[3] {
                ended += 1
                session.end(.connectionLost)
            }
        }
        rig.bot.ticks = 0
        rig.advance(milliseconds: 1500)
        #expect(ended == 2 || rig.shard.liveCount == 5)
        rig.advance(milliseconds: 100)
        #expect(rig.shard.snapshot.callsStarted == 5)
        #expect(rig.shard.liveCount + rig.shard.snapshot.callsEnded == 5)
    }

    @Test func aCallThatEndsIsForgotten() {
        let rig = ShardRig()
        weak var forgotten: CallSession?
        do {
            let session = rig.begin()
            forgotten = session
            session.end(.platformEnded)
        }
        #expect(forgotten == nil)
        #expect(rig.shard.liveCount == 0)
        #expect(rig.shard.snapshot.callsEnded == 1)
    }

    @Test func samplesOfEndedCallsAreSummedUp() {
        let rig = ShardRig()
        let session = rig.begin()
        receiveSilence(session, milliseconds: 200)
        _ = playTone(session, milliseconds: 300)
        rig.advance(milliseconds: 500)
        session.end(.platformEnded)
        #expect(rig.shard.snapshot.samplesReceived == 1600)
        #expect(rig.shard.snapshot.samplesSent == 2400)
        #expect(rig.shard.snapshot.samplesConcealed == 0)
    }

    @Test func whatNeverCameIsSummedUpAsConcealedOrSkipped() {
        let rig = ShardRig()
        for key in ["a", "b"] {
            let session = rig.begin(key)
            receiveSilence(session, milliseconds: 200)
            // 60 ms are missing, then a quarter of a minute.
            #expect(session.moveTimeline(to: SamplePosition(1600 + 480)) == 480)
            receiveSilence(session, milliseconds: 20)
            #expect(session.moveTimeline(to: SamplePosition(2240 + 120_000)) == 120_000)
            receiveSilence(session, milliseconds: 20)
            session.end(.platformEnded)
        }
        let sum = ShardStatistics(sum: [rig.shard.snapshot])
        #expect(sum.samplesReceived == 2 * 1920)
        #expect(sum.samplesConcealed == 2 * 480)
        #expect(sum.samplesSkipped == 2 * 120_000)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import NICECXone

@Suite struct CXoneCallDirectoryTests {
    private let call = CXoneCallKey(businessUnit: 4410, contact: 88_123)
    private var contact: CXoneStreamKey { CXoneStreamKey(call: call, perspective: .transmit) }
    private var agent: CXoneStreamKey { CXoneStreamKey(call: call, perspective: .receive) }

    private func directory(_ streams: CXoneStreamKey...) -> CXoneCallDirectory {
        var directory = CXoneCallDirectory()
        for (index, stream) in streams.enumerated() {
            #expect(directory.attach(stream, connection: UInt64(index + 1)) == .started)
            directory.ready(stream)
        }
        return directory
    }

    private func seconds(_ count: Int64) -> MediaInstant {
        MediaInstant(nanoseconds: count * 1_000_000_000)
    }

    @Test func twoPerspectivesAreTwoStreamsOfOneCall() {
        #expect(directory(contact, agent).count == 1)
    }

    @Test func sameContactInAnotherBusinessUnitIsAnotherCall() {
        var directory = directory(contact)
        let other = CXoneStreamKey(
            call: CXoneCallKey(businessUnit: 1, contact: 88_123), perspective: .transmit)
        #expect(directory.attach(other, connection: 2) == .started)
        #expect(directory.count == 2)
    }

    @Test func holdByCloseResumesTheSameStream() {
        var directory = directory(contact)
        #expect(directory.detach(contact, connection: 1, at: seconds(10)) == true)
        #expect(directory.advance(to: seconds(105)).isEmpty)
        #expect(directory.attach(contact, connection: 2) == .resumed(replacing: nil))
        #expect(directory.advance(to: seconds(100_000)).isEmpty)
    }

    @Test func aSecondConnectionReplacesTheFirstAndItsLateCloseChangesNothing() {
        var directory = directory(contact)
        #expect(directory.attach(contact, connection: 2) == .resumed(replacing: 1))
        #expect(directory.detach(contact, connection: 1, at: seconds(1)) == false)
        #expect(directory.advance(to: seconds(10_000)).isEmpty)
        #expect(directory.detach(contact, connection: 2, at: seconds(10_000)) == true)
    }

    @Test func aCallEndsWhenTheGraceAfterItsLastConnectionHasPassed() {
        var directory = directory(contact, agent)
        directory.detach(contact, connection: 1, at: seconds(100))
        #expect(directory.advance(to: seconds(10_000)).isEmpty)
        directory.detach(agent, connection: 2, at: seconds(10_000))
        #expect(directory.advance(to: seconds(10_599)).isEmpty)
        #expect(directory.advance(to: seconds(10_600)) == [contact, agent])
        #expect(directory.count == 0)
        #expect(directory.attach(contact, connection: 3) == .started)
    }

    @Test func everyReturnStartsTheGraceAnew() {
        var directory = CXoneCallDirectory(grace: .milliseconds(60_000))
        for turn in 0..<10 {
            let connection = UInt64(turn)
            _ = directory.attach(contact, connection: connection)
            directory.ready(contact)
            directory.detach(contact, connection: connection, at: seconds(Int64(turn) * 50))
            #expect(directory.advance(to: seconds(Int64(turn) * 50 + 49)).isEmpty)
        }
        #expect(directory.advance(to: seconds(509)).isEmpty)
        #expect(directory.advance(to: seconds(510)) == [contact])
    }

    @Test func aStoppedStreamIsNotResumedWhileItsCallIsRemembered() {
        var directory = directory(contact, agent)
        directory.stop(contact, at: seconds(10))
        #expect(directory.attach(contact, connection: 3) == .stopped)
        #expect(directory.detach(contact, connection: 1, at: seconds(11)) == false)
        #expect(directory.attach(agent, connection: 4) == .resumed(replacing: 2))
        directory.detach(agent, connection: 4, at: seconds(20))
        #expect(directory.advance(to: seconds(619)).isEmpty)
        #expect(directory.advance(to: seconds(620)) == [agent])
        #expect(directory.count == 0)
        #expect(directory.attach(contact, connection: 5) == .started)
    }

    @Test func aCallWhoseStreamsAreAllStoppedIsForgottenAfterTheGrace() {
        var directory = directory(contact)
        directory.stop(contact, at: seconds(10))
        #expect(!directory.awaitsConnection)
        #expect(directory.advance(to: seconds(609)).isEmpty)
        #expect(directory.count == 1)
        #expect(directory.advance(to: seconds(610)).isEmpty)
        #expect(directory.count == 0)
    }

    @Test func aStreamIsCreatedByOneConnectionAtATime() {
        var directory = CXoneCallDirectory()
        #expect(directory.attach(contact, connection: 1) == .started)
        #expect(directory.attach(contact, connection: 2) == .busy)
        directory.ready(contact)
        #expect(directory.attach(contact, connection: 3) == .resumed(replacing: 1))
    }

    @Test func aHeldStreamAwaitsItsConnection() {
        var directory = directory(contact, agent)
        #expect(!directory.awaitsConnection)
        directory.detach(agent, connection: 2, at: seconds(1))
        #expect(directory.awaitsConnection)
        _ = directory.attach(agent, connection: 3)
        #expect(!directory.awaitsConnection)
    }

    @Test func aFullDirectoryTakesStreamsOfKnownCallsOnly() {
        var directory = CXoneCallDirectory(capacity: 1)
        _ = directory.attach(contact, connection: 1)
        let other = CXoneStreamKey(
            call: CXoneCallKey(businessUnit: 1, contact: 1), perspective: .mixed)
        #expect(directory.attach(other, connection: 2) == .full)
        #expect(directory.attach(agent, connection: 3) == .started)
    }

    @Test func aStreamThatCouldNotBeCreatedLeavesNothingBehind() {
        var directory = CXoneCallDirectory()
        _ = directory.attach(contact, connection: 1)
        directory.abandon(contact, at: seconds(1))
        #expect(directory.count == 0)
        var pair = self.directory(contact)
        _ = pair.attach(agent, connection: 3)
        pair.abandon(agent, at: seconds(2))
        #expect(pair.attach(agent, connection: 4) == .started)
        #expect(pair.attach(contact, connection: 5) == .resumed(replacing: 1))
    }

    @Test func nothingRemainsOfManyCalls() {
        var directory = CXoneCallDirectory()
        for index in 0..<4_000 {
            let stream = CXoneStreamKey(
                call: CXoneCallKey(businessUnit: 1, contact: Int64(index)), perspective: .mixed)
            #expect(directory.attach(stream, connection: UInt64(index)) == .started)
            directory.detach(stream, connection: UInt64(index), at: seconds(Int64(index) / 10))
        }
        #expect(directory.advance(to: seconds(600)).count == 10)
        #expect(directory.advance(to: seconds(1_000)).count == 3_990)
        #expect(directory.count == 0)
    }
}

@Suite struct CXoneStreamTimelineTests {
    private func milliseconds(_ count: Int64) -> MediaInstant {
        MediaInstant(nanoseconds: count * 1_000_000)
    }

    @Test func lateAudioIsNotMissingAudio() {
        var timeline = CXoneStreamTimeline()
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(50_000)) == 0)
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(50_020)) == 0)
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(55_019)) == 0)
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(55_019)) == 0)
    }

    @Test func aSilentHoldIsAGap() {
        var timeline = CXoneStreamTimeline()
        _ = timeline.receive(sampleCount: 160, at: milliseconds(0))
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(5_000)) == 40_000 - 160)
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(5_020)) == 0)
    }

    @Test func theTimeBetweenTwoConnectionsIsAGapHoweverShort() {
        var timeline = CXoneStreamTimeline()
        _ = timeline.receive(sampleCount: 160, at: milliseconds(0))
        timeline.resume()
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(300)) == 2_400 - 160)
        timeline.resume()
        #expect(timeline.receive(sampleCount: 1_600, at: milliseconds(310)) == 0)
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(1_000)) == 0)
    }

    @Test func nothingIsMissingBeforeTheFirstSample() {
        var timeline = CXoneStreamTimeline()
        timeline.resume()
        #expect(timeline.receive(sampleCount: 160, at: milliseconds(90_000)) == 0)
    }
}

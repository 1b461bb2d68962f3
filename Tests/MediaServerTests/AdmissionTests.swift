// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Logging
import MediaEngine
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import MediaServer

/// Who is let in while ticks are late or memory is short. Time is the test's.
@Suite struct AdmissionTests {
    /// A loop's own time, and how far a shard has fallen behind it.
    private final class Clock: Sendable {
        let loop: NIOAsyncTestingEventLoop
        private let behind = Atomic<Int64>(0)

        init(_ loop: NIOAsyncTestingEventLoop) { self.loop = loop }

        func now() -> MediaInstant {
            MediaInstant(
                nanoseconds: Int64(loop.now.uptimeNanoseconds) + behind.load(ordering: .relaxed))
        }

        /// Work of `milliseconds` holds the loop.
        func hold(milliseconds: Int64) {
            behind.add(milliseconds * 1_000_000, ordering: .relaxed)
        }
    }

    private final class Provider: BotProvider {
        static let farByteCount = 1_000_000
        let made = Atomic<Int>(0)

        func makeBot(for call: CallInfo) -> BotSetup? {
            made.add(1, ordering: .relaxed)
            return BotSetup(
                connector: RecordingBot(), rate: .hz8000, cleansAudio: call.bot == "clean",
                byteCount: call.bot == "far" ? Self.farByteCount : 0)
        }
    }

    private struct Rig {
        let loop: NIOAsyncTestingEventLoop
        let clock: Clock
        let server: MediaServer
        let bots = Provider()

        init(_ policy: AdmissionPolicy = AdmissionPolicy()) async throws {
            loop = NIOAsyncTestingEventLoop()
            let clock = Clock(loop)
            self.clock = clock
            server = try await MediaServer.start(
                configuration: .init(maximumCalls: 100, admission: policy), bots: bots, group: loop,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                clock: { clock.now() })
        }

        func admit(
            _ conversation: String, bot: String? = nil, completesCall: Bool = false
        ) async throws -> AdmissionError? {
            let (loop, server) = (loop, server)
            return try await loop.executeInContext {
                do throws(AdmissionError) {
                    let platform = RecordingPlatform()
                    platform.endsAtOnce = try server.admit(
                        CallInfo(
                            key: CallKey(platform: "test", conversation: conversation), bot: bot),
                        ingress: .pcmu8000,
                        egress: .init(format: .pcmu8000, pacing: ShardRig.pacing),
                        completesCall: completesCall, platform: platform, on: loop)
                    return nil
                } catch {
                    return error
                }
            }
        }

        func end(_ conversation: String) async throws {
            let (loop, server) = (loop, server)
            try await loop.executeInContext {
                server.session(
                    for: CallKey(platform: "test", conversation: conversation), on: loop)?
                    .end(.platformEnded)
            }
        }

        /// Three ticks of five are late.
        func beLate(milliseconds: Int64) async {
            for _ in 0..<(milliseconds / 50) {
                await loop.advanceTime(by: .milliseconds(10))
                clock.hold(milliseconds: 40)
            }
        }
    }

    @Test func latenessThatNobodyHearsRefusesNobody() async throws {
        let rig = try await Rig()
        await rig.loop.advanceTime(by: .milliseconds(1500))
        await rig.beLate(milliseconds: 1500)
        rig.clock.hold(milliseconds: 1100)
        #expect(rig.server.refusal() == nil && rig.server.refusal(on: rig.loop) == nil)
        #expect(try await rig.admit("a") == nil)
        // What was late before there was a call is no evidence against the next one.
        await rig.loop.advanceTime(by: .milliseconds(100))
        #expect(try await rig.admit("b") == nil)
        await rig.beLate(milliseconds: 1500)
        #expect(try await rig.admit("c") == .overloaded)
        try await rig.end("a")
        #expect(try await rig.admit("c") == .overloaded)
        try await rig.end("b")
        #expect(try await rig.admit("c") == nil)
        #expect(try await rig.server.statistics().overloads == 1)
    }

    @Test func aStallOfTheMachineRefusesNobody() async throws {
        let rig = try await Rig()
        #expect(try await rig.admit("live") == nil)
        await rig.loop.advanceTime(by: .milliseconds(1500))
        rig.clock.hold(milliseconds: 300)
        for number in 0..<200 {
            #expect(try await rig.admit("\(number)") == nil)
            try await rig.end("\(number)")
            await rig.loop.advanceTime(by: .milliseconds(10))
        }
        #expect(rig.server.refusedCalls.isEmpty)
        #expect(try await rig.server.statistics().ticksSkipped > 20)
    }

    @Test func aLateShardRefusesNewCallsUntilItHasCaughtUpAndKeepsItsOwn() async throws {
        let rig = try await Rig()
        #expect(try await rig.admit("a") == nil)
        await rig.loop.advanceTime(by: .milliseconds(1500))
        #expect(rig.server.refusal() == nil)
        await rig.beLate(milliseconds: 1500)
        #expect(rig.server.refusal() == .overloaded)
        #expect(rig.server.refusal(on: rig.loop) == .overloaded)
        let made = rig.bots.made.load(ordering: .relaxed)
        #expect(try await rig.admit("b") == .overloaded)
        #expect(rig.bots.made.load(ordering: .relaxed) == made, "who is refused gets no bot")
        #expect(rig.server.refusedCalls == [.overloaded: 1])
        // The other side of a call that is live is let in.
        #expect(try await rig.admit("a/agent", completesCall: true) == nil)
        let during = try await rig.server.statistics()
        #expect(during.liveCalls == 2 && during.overloads == 1)

        await rig.loop.advanceTime(by: .milliseconds(1300))
        #expect(rig.server.refusal() == .overloaded)
        await rig.loop.advanceTime(by: .milliseconds(700))
        #expect(rig.server.refusal() == nil)
        #expect(try await rig.admit("b") == nil)
        #expect(try await rig.server.statistics().liveCalls == 3)
    }

    @Test func aShardThatDoesNotTickAtAllRefuses() async throws {
        let rig = try await Rig()
        #expect(try await rig.admit("a") == nil)
        await rig.loop.advanceTime(by: .milliseconds(100))
        rig.clock.hold(milliseconds: 950)
        #expect(rig.server.refusal() == nil)
        rig.clock.hold(milliseconds: 100)
        #expect(rig.server.refusal() == .overloaded)
    }

    @Test func callsAreRefusedWhenWhatTheyDeclareWouldNotFit() async throws {
        let ordinary = Call.declaredByteCount + AdmissionPolicy.connectionByteCount
        var policy = AdmissionPolicy()
        policy.memoryLimit = 2 * ordinary + CallConfiguration.cleanAudioByteCount
        let rig = try await Rig(policy)
        #expect(try await rig.admit("a", bot: "clean") == nil)
        #expect(
            rig.server.directory.declaredByteCount
                == ordinary + CallConfiguration.cleanAudioByteCount)
        #expect(try await rig.admit("b", bot: "clean") == .outOfMemory)
        #expect(try await rig.admit("b") == nil)
        #expect(rig.server.refusal() == .outOfMemory)
        #expect(try await rig.admit("c") == .outOfMemory)
        #expect(rig.server.refusedCalls == [.outOfMemory: 2])
        try await rig.end("a")
        #expect(rig.server.directory.declaredByteCount == ordinary)
        #expect(try await rig.admit("c") == nil)
    }

    @Test func aCallThatIsOnlyHeardDeclaresLess() {
        func declared(_ egress: CallConfiguration.Egress?) -> Int {
            AdmissionPolicy.declaredByteCount(
                of: CallConfiguration(ingress: .pcmu8000, egress: egress, botRate: .hz8000))
        }
        #expect(
            declared(.init(format: .pcmu8000, pacing: ShardRig.pacing))
                == AdmissionPolicy.ordinaryByteCount)
        #expect(
            declared(nil) == Call.declaredByteCount + AdmissionPolicy.listeningByteCount)
        #expect(declared(nil) < AdmissionPolicy.ordinaryByteCount)
    }

    @Test func whatABotMayKeepWaitingCountsWithItsCall() async throws {
        let ordinary = Call.declaredByteCount + AdmissionPolicy.connectionByteCount
        var policy = AdmissionPolicy()
        policy.memoryLimit = 2 * ordinary + Provider.farByteCount
        let rig = try await Rig(policy)
        #expect(try await rig.admit("a", bot: "far") == nil)
        #expect(rig.server.directory.declaredByteCount == ordinary + Provider.farByteCount)
        #expect(try await rig.admit("b", bot: "far") == .outOfMemory)
        #expect(try await rig.admit("b") == nil)
        try await rig.end("a")
        #expect(rig.server.directory.declaredByteCount == ordinary)
    }
}

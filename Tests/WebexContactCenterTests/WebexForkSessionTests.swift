// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import Testing
import WebexMessages

@testable import WebexContactCenter

/// A session on an event loop, without a transport.
@Suite(.timeLimit(.minutes(1))) struct WebexForkSessionTests {
    private final class DeafBot: BotConnector {
        func callStarted(_ session: CallSession) {}
        func receive(_ audio: borrowing LinearAudio) {}
        func handle(_ event: CallEvent) {}
        func callEnded(_ reason: CallEndReason) {}
    }

    private struct DeafBots: BotProvider {
        func makeBot(for call: CallInfo) -> BotSetup? {
            BotSetup(connector: DeafBot(), rate: .hz8000, delivery: .continuous)
        }
    }

    private func with<Result: Sendable>(
        maximumCalls: Int = 10,
        _ body: @escaping @Sendable (WebexForkCalls, any EventLoop) throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let media = try await MediaServer.start(
            configuration: MediaServer.Configuration(maximumCalls: maximumCalls),
            bots: DeafBots(), group: group, logger: logger)
        let calls = WebexForkCalls(server: media, grace: .seconds(60), logger: logger)
        let eventLoop = group.next()
        let result = try await eventLoop.submit { try body(calls, eventLoop) }.get()
        try await media.stop(deadline: .zero)
        return result
    }

    @Test(.enabled(if: allocation_counter_available()))
    func audioReachesItsCallWithoutAllocation() async throws {
        let allocations = try await with { calls, eventLoop in
            let session = WebexForkSession(calls, eventLoop: eventLoop)
            let caller = try ForkRequest.message(milliseconds: 20)
            let agent = try ForkRequest.message(
                role: .agent, roleID: "r-2", audio: [UInt8](repeating: 1, count: 321),
                encoding: .linear16)
            var count: UInt64 = 0
            for round in 0..<100 {
                allocation_counter_start()
                for _ in 0..<9 {
                    _ = session.receive(caller.span)
                    _ = session.receive(agent.span)
                }
                session.readCompleted()
                let allocations = allocation_counter_stop()
                // The first rounds warm up.
                if round >= 50 { count += allocations }
            }
            session.halfClosed()
            return count
        }
        #expect(allocations == 0)
    }

    @Test func whatIsFullNowMayBeTakenLater() async throws {
        try await with(maximumCalls: 1) { calls, eventLoop in
            let caller = try ForkRequest.message()
            let agent = try ForkRequest.message(role: .agent, roleID: "r-2")
            let session = WebexForkSession(calls, eventLoop: eventLoop)
            #expect(session.receive(caller.span) == nil)
            #expect(session.receive(agent.span) == .noCapacity)
            // The leg that was there waits for the next RPC; nothing more is said of this one.
            #expect(session.receive(agent.span) == nil)
            let next = WebexForkSession(calls, eventLoop: eventLoop)
            #expect(next.receive(caller.span) == nil)
            #expect(calls.counts.legsResumed == 1)
            #expect(calls.counts.refusals == [.noCapacity: 1])
            next.halfClosed()
            next.halfClosed()
            #expect(calls.counts.acknowledgements == 1)
            #expect(calls.conversationCount == 0)
        }
    }

    @Test func aBrokenRequestEndsItsLegs() async throws {
        try await with { calls, eventLoop in
            let session = WebexForkSession(calls, eventLoop: eventLoop)
            let good = try ForkRequest.message()
            let other = try ForkRequest.message(rate: 16_000)
            #expect(session.receive(good.span) == nil)
            #expect(calls.conversationCount == 1)
            #expect(session.receive(other.span) == .formatChanged)
            #expect(calls.conversationCount == 0)
            session.lost()
        }
    }
}

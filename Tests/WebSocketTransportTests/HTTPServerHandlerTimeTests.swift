// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebSocketTransport

/// The deadlines of the HTTP side, on an embedded loop whose clock the test moves.
@Suite struct HTTPServerHandlerTimeTests {
    private struct Bench {
        let channel = EmbeddedChannel()
        let state: ServerState
        let decision: EventLoopPromise<UpgradeDecision>

        init() throws {
            let decision = channel.eventLoop.makePromise(of: UpgradeDecision.self)
            self.decision = decision
            state = ServerState(
                WebSocketServer.Configuration(), accept: { _, _ in decision.futureResult },
                respond: nil)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            #expect(state.admit(channel))
            try HTTPServerHandler.install(state, in: channel.pipeline.syncOperations)
        }

        func receive(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
        }

        func sent() throws -> String {
            var all = ByteBuffer()
            while let part = try channel.readOutbound(as: ByteBuffer.self) {
                all.writeImmutableBuffer(part)
            }
            return String(buffer: all)
        }

        func advance(_ time: TimeAmount) {
            channel.embeddedEventLoop.advanceTime(by: time)
        }
    }

    @Test(arguments: [
        "", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
    ])
    func aRequestThatNeverEndsIsCutAtTheDeadline(_ beginning: String) throws {
        let bench = try Bench()
        bench.advance(.seconds(4))
        if !beginning.isEmpty { try bench.receive(beginning) }
        bench.advance(.milliseconds(5999))
        #expect(bench.channel.isActive)
        bench.advance(.milliseconds(1))
        #expect(!bench.channel.isActive)
        #expect(bench.state.counters.handshakeTimeouts == 1)
        bench.decision.fail(ChannelError.ioOnClosedChannel)
    }

    @Test func anIdleConnectionHasTheSameTimeForItsNextRequest() throws {
        let bench = try Bench()
        bench.advance(.seconds(9))
        try bench.receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try bench.sent().hasPrefix("HTTP/1.1 426 "))
        bench.advance(.seconds(9))
        #expect(bench.channel.isActive)
        bench.advance(.seconds(1))
        #expect(!bench.channel.isActive)
        bench.decision.fail(ChannelError.ioOnClosedChannel)
    }

    @Test func aDecisionInTimeUpgradesAndStopsTheClock() throws {
        let journal = Journal()
        let bench = try Bench()
        bench.advance(.seconds(9))
        try bench.receive(RawPeer.upgradeRequest)
        bench.advance(.seconds(9))
        bench.decision.succeed(.accept { RecordingHandler(journal) })
        bench.channel.embeddedEventLoop.run()
        #expect(try bench.sent().hasPrefix("HTTP/1.1 101 "))
        bench.advance(.hours(1))
        #expect(bench.channel.isActive)
        #expect(bench.state.counters.openWebSockets == 1)
        _ = try bench.channel.finish()
        bench.channel.embeddedEventLoop.run()
        #expect(bench.state.counters.openWebSockets == 0)
    }

    @Test func aDecisionThatComesTooLateStillMakesAndEndsItsHandler() async throws {
        let journal = Journal()
        try decideTooLate(journal)
        let seen = try await journal.untilClosed()
        #expect(seen.first == .connected)
        #expect(seen.count == 2)
        #expect(seen.soleClose?.code == .abnormal)
    }

    private func decideTooLate(_ journal: Journal) throws {
        let bench = try Bench()
        try bench.receive(RawPeer.upgradeRequest)
        bench.advance(.seconds(10))
        #expect(try bench.sent().hasPrefix("HTTP/1.1 503 "))
        bench.decision.succeed(.accept { RecordingHandler(journal) })
        bench.channel.embeddedEventLoop.run()
        #expect(bench.state.counters.handshakeTimeouts == 1)
        #expect(bench.state.counters.upgraded == 0)
    }

    @Test func aDecisionAfterThePeerLeftStillMakesAndEndsItsHandler() async throws {
        let journal = Journal()
        try decideAfterTheEnd(journal)
        let seen = try await journal.untilClosed()
        #expect(seen.first == .connected)
        #expect(seen.count == 2)
        #expect(seen.soleClose?.code == .abnormal)
    }

    private func decideAfterTheEnd(_ journal: Journal) throws {
        let bench = try Bench()
        try bench.receive(RawPeer.upgradeRequest)
        _ = try bench.channel.finish()
        bench.decision.succeed(.accept { RecordingHandler(journal) })
        bench.channel.embeddedEventLoop.run()
        #expect(bench.state.counters.upgraded == 0)
    }
}

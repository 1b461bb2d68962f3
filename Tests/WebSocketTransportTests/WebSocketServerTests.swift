// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Testing
import WebSocketTransport

@Suite struct WebSocketServerTests {
    @Test func aConnectionAboveTheMaximumIsClosedAtOnce() async throws {
        let server = try await startEchoServer { $0.maximumConnections = 1 }
        let first = try await RawPeer.upgraded(to: server.port)
        let second = try await RawPeer.connect(to: server.port)
        #expect(await second.readToEnd() == [])
        #expect(server.counters.overCapacity == 1)
        #expect(server.counters.openConnections == 1)
        first.send(clientFrame(0x81, [0x61]))
        #expect(await first.read(3) == [0x81, 1, 0x61])
        await first.close()
        #expect(await server.finish())
    }

    @Test func shutdownClosesWithGoingAwayAndWaitsForThePeers() async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.upgraded(to: server.port)
        let idle = try await RawPeer.connect(to: server.port)
        async let done: Void = server.shutdown(within: .seconds(10))
        #expect(await peer.read(4) == closeFrame(1001))
        #expect(await idle.readToEnd() == [])
        peer.send(clientFrame(0x88, [0x03, 0xE9]))
        await done
        let close = try #require(try await journal.untilClosed().soleClose)
        #expect(close == WebSocketClose(code: .goingAway, wasClean: true, initiator: .local))
        #expect(server.counters.openConnections == 0)
        #expect(server.counters.openWebSockets == 0)
        await #expect(throws: (any Error).self) { try await RawPeer.connect(to: server.port) }
    }

    @Test func shutdownCutsAtItsDeadlineWhoDoesNotAnswer() async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.upgraded(to: server.port)
        await server.shutdown(within: .milliseconds(50))
        let close = try #require(try await journal.untilClosed().soleClose)
        #expect(close.code == .goingAway)
        #expect(!close.wasClean)
        #expect(server.counters.openConnections == 0)
        await peer.close()
    }

    @Test func aPortInUseIsAnError() async throws {
        let server = try await startEchoServer()
        await #expect(throws: (any Error).self) {
            try await startEchoServer { $0.port = server.port }
        }
        #expect(await server.finish())
    }

    @Test func manyConnectionsComeAndGoAndNothingStaysBehind() async throws {
        let server = try await startEchoServer()
        for round in 0..<100 {
            let journal = Journal()
            let connection = try await WebSocketClient.connect(
                to: WebSocketURL("ws://127.0.0.1:\(server.port)/"), on: testGroup.next()
            ) { RecordingHandler(journal) }.get()
            try await connection.onLoop { connection in
                connection.send(text: "hello")
                connection.flush()
            }
            #expect(await journal.next(2) == [.connected, .text("hello")])
            try await connection.onLoop { connection in
                if round.isMultiple(of: 2) { connection.close() } else { connection.abort() }
            }
            let seen = try await journal.untilClosed()
            #expect(seen.soleClose?.wasClean == round.isMultiple(of: 2))
        }
        #expect(await server.finish())
        #expect(server.counters.upgraded == 100)
        #expect(server.counters.connectionsLost == 50)
    }
}

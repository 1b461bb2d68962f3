// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import WebSocketTransport

let testGroup = MultiThreadedEventLoopGroup.singleton

/// A server on loopback whose handlers echo and write into the journal.
func startEchoServer(
    _ journal: Journal = Journal(),
    configure: (inout WebSocketServer.Configuration) -> Void = { _ in }
) async throws -> WebSocketServer {
    var configuration = WebSocketServer.Configuration()
    configure(&configuration)
    return try await WebSocketServer.start(configuration, group: testGroup) { _, loop in
        loop.makeSucceededFuture(.accept { RecordingHandler(journal, echoes: true) })
    }
}

extension WebSocketServer {
    /// Ends the server at the end of a test and checks that nothing was left open.
    func finish() async -> Bool {
        await shutdown(within: .seconds(5))
        return counters.openConnections == 0 && counters.openWebSockets == 0
    }
}

extension WebSocketConnection {
    /// Runs on the connection's loop.
    func onLoop(_ body: @escaping @Sendable (WebSocketConnection) -> Void) async throws {
        try await eventLoop.submit { body(self) }.get()
    }
}

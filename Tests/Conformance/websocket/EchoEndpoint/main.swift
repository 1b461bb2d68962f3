// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import WebSocketTransport

// An endpoint for the conformance suite: prints its URL, then says everything back until it is
// stopped. The limits are lifted, since the suite sends messages of 16 MiB.

private final class Echo: WebSocketHandler {
    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        connection.send(text: text)
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        connection.send(binary: binary)
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {}
}

var configuration = WebSocketServer.Configuration()
configuration.limits.maximumMessageBytes = 32 << 20
configuration.limits.maximumBufferedBytes = 256 << 20

let server = try await WebSocketServer.start(
    configuration, group: MultiThreadedEventLoopGroup.singleton
) { _, eventLoop in
    eventLoop.makeSucceededFuture(.accept { Echo() })
}
print("ws://127.0.0.1:\(server.port)/")
fflush(nil)
while true { try await Task.sleep(for: .seconds(3600)) }

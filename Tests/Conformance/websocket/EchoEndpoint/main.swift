// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import WebSocketTransport

// An endpoint for the conformance suite and for `make bench-websocket`: prints its URL, then says
// everything back until it is stopped. The limits are lifted, since the suite sends messages of
// 16 MiB. `--threads N` takes so many event loops instead of one for each core.

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

let arguments = CommandLine.arguments.dropFirst()
let threads = arguments.first == "--threads" ? arguments.last.flatMap(Int.init) : nil
guard arguments.isEmpty || arguments.count == 2 && threads ?? 0 > 0 else {
    print("usage: websocket-echo [--threads N]")
    exit(2)
}
let server = try await WebSocketServer.start(
    configuration,
    group: threads.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) }
        ?? MultiThreadedEventLoopGroup.singleton
) { _, eventLoop in
    eventLoop.makeSucceededFuture(.accept { Echo() })
}
print("ws://127.0.0.1:\(server.port)/")
fflush(nil)
while true { try await Task.sleep(for: .seconds(3600)) }

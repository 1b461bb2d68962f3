// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Testing
import WebSocketTransport

@Suite struct WebSocketClientTests {
    let group = MultiThreadedEventLoopGroup.singleton

    @Test func textAndBinaryComeBack() async throws {
        let server = try await WebSocketServer.start(group: group) { _, loop in
            loop.makeSucceededFuture(.accept { EchoHandler() })
        }
        let loop = group.next()
        let text = loop.makePromise(of: String.self)
        let binary = loop.makePromise(of: ByteBuffer.self)
        let connection = try await WebSocketClient.connect(
            to: WebSocketURL("ws://127.0.0.1:\(server.port)/call?x=1"), on: loop
        ) {
            Collector(text: text, binary: binary)
        }.get()
        try await loop.submit {
            connection.send(text: "häuser")
            connection.send(binary: ByteBuffer(bytes: 0...255))
            connection.flush()
        }.get()
        #expect(try await text.futureResult.get() == "häuser")
        #expect(try await binary.futureResult.get() == ByteBuffer(bytes: 0...255))
        await server.shutdown(within: .seconds(2))
        #expect(server.counters.openConnections == 0)
    }
}

private final class Collector: WebSocketHandler {
    let text: EventLoopPromise<String>
    let binary: EventLoopPromise<ByteBuffer>
    init(text: EventLoopPromise<String>, binary: EventLoopPromise<ByteBuffer>) {
        self.text = text
        self.binary = binary
    }
    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        self.text.succeed(String(buffer: text))
    }
    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        self.binary.succeed(binary)
    }
    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {}
}

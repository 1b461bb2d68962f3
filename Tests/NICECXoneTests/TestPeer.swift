// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import WebSocketTransport

/// What a WebSocket client of a test received, in order.
enum PeerNote: Equatable, Sendable {
    case text(String)
    case binary([UInt8])
    case closed(UInt16)
}

/// A WebSocket client whose messages a test awaits one by one.
final class TestPeer: Sendable {
    private final class Recorder: WebSocketHandler {
        let notes: AsyncStream<PeerNote>.Continuation

        init(_ notes: AsyncStream<PeerNote>.Continuation) { self.notes = notes }

        func received(text: ByteBuffer, on connection: WebSocketConnection) {
            notes.yield(.text(String(buffer: text)))
        }

        func received(binary: ByteBuffer, on connection: WebSocketConnection) {
            notes.yield(.binary(Array(binary.readableBytesView)))
        }

        func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
            notes.yield(.closed(close.code.rawValue))
            notes.finish()
        }
    }

    let connection: WebSocketConnection
    let notes: AsyncStream<PeerNote>

    static func connect(
        port: Int, target: String, headers: HTTPHeaders = [:], on eventLoop: any EventLoop
    ) async throws -> TestPeer {
        let (notes, continuation) = AsyncStream<PeerNote>.makeStream()
        let connection = try await WebSocketClient.connect(
            to: WebSocketURL("ws://127.0.0.1:\(port)\(target)"), headers: headers, on: eventLoop
        ) { Recorder(continuation) }.get()
        // The HTTP decoder leaves the client's pipeline a turn of the loop after the handshake.
        try await connection.eventLoop.submit {}.get()
        return TestPeer(connection: connection, notes: notes)
    }

    private init(connection: WebSocketConnection, notes: AsyncStream<PeerNote>) {
        self.connection = connection
        self.notes = notes
    }

    func send(_ text: String) {
        let connection = connection
        connection.eventLoop.execute {
            connection.send(text: text)
            connection.flush()
        }
    }

    func send(_ bytes: [UInt8]) {
        let connection = connection
        connection.eventLoop.execute {
            connection.send(binary: ByteBuffer(bytes: bytes))
            connection.flush()
        }
    }

    func close() {
        let connection = connection
        connection.eventLoop.execute { connection.close() }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import WebSocketTransport

/// Sends every message back and tells a promise how the connection ended.
final class EchoHandler: WebSocketHandler {
    let closed: EventLoopPromise<WebSocketClose>?

    init(closed: EventLoopPromise<WebSocketClose>? = nil) {
        self.closed = closed
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        connection.send(text: text)
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        connection.send(binary: binary)
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        closed?.succeed(close)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Receives what happens on one WebSocket connection.
///
/// Every method is called on the connection's event loop, never from inside a call the handler
/// itself makes on the connection, and in this order: ``connected(_:)`` once, then messages, then
/// ``closed(_:_:)`` once. Messages sent from inside a method leave together after
/// ``readCompleted(_:)``; messages sent at any other time need ``WebSocketConnection/flush()``.
///
/// The connection holds its handler until `closed` has returned, and releases it then, so the
/// handler may hold the connection.
public protocol WebSocketHandler: AnyObject {
    /// The handshake is done and messages may be sent.
    func connected(_ connection: WebSocketConnection)

    /// A complete text message; its bytes are valid UTF-8.
    func received(text: ByteBuffer, on connection: WebSocketConnection)

    /// A complete binary message.
    func received(binary: ByteBuffer, on connection: WebSocketConnection)

    /// Everything that one read of the socket brought has been delivered: the place to answer
    /// several messages at once.
    func readCompleted(_ connection: WebSocketConnection)

    /// More bytes wait for the peer than the channel's high-water mark, or again fewer.
    func writabilityChanged(_ connection: WebSocketConnection, isWritable: Bool)

    /// No message will be delivered or sent any more. Called exactly once for each `connected`,
    /// whatever ended the connection; the TCP connection may end a moment later.
    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose)
}

extension WebSocketHandler {
    public func connected(_ connection: WebSocketConnection) {}
    public func readCompleted(_ connection: WebSocketConnection) {}
    public func writabilityChanged(_ connection: WebSocketConnection, isWritable: Bool) {}
}

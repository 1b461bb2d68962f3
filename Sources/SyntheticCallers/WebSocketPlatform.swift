// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
package import NIOCore

/// What a platform wants done with its WebSockets. A call has one (Genesys) or several (CXone);
/// each is known by its number.
package enum WebSocketOutput: Hashable, Sendable {
    /// Open a WebSocket and report it with `connected`, or with `failed`.
    case connect(Int)
    case text(ByteBuffer, on: Int)
    case binary(ByteBuffer, on: Int)
    /// Begin the closing handshake; report its end with `closed`.
    case close(code: UInt16, on: Int)
    /// Drop the connection without a closing handshake; report it with `closed`.
    case abort(Int)
    /// The call is over and its report is complete.
    case finished
}

extension [WebSocketOutput]: OutputBatch {
    package mutating func removeAll() { removeAll(keepingCapacity: true) }
}

/// A platform that speaks over WebSockets.
package protocol WebSocketPlatform: CallPlatform where Outputs == [WebSocketOutput] {
    /// The headers of the platform's upgrade request.
    ///
    /// - Parameters:
    ///   - target: path and query as sent.
    ///   - authority: the `Host` header in lower case, without a default port.
    ///   - unixTime: seconds, for signatures.
    func headers(target: String, authority: String, unixTime: Int) -> [(String, String)]
    mutating func connected(_ connection: Int, at now: MediaInstant)
    mutating func failed(_ connection: Int, reason: String, at now: MediaInstant)
    mutating func received(text: ByteBuffer, on connection: Int, at now: MediaInstant)
    mutating func received(binary: ByteBuffer, on connection: Int, at now: MediaInstant)
    /// The connection is gone.
    ///
    /// - Parameters:
    ///   - code: of the first close frame, nil when there was none.
    ///   - fault: what the server did against RFC 6455, when that ended it.
    mutating func closed(
        _ connection: Int, code: UInt16?, fault: String?, at now: MediaInstant)
}

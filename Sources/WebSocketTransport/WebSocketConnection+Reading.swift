// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension WebSocketConnection {
    /// Whether the socket is read. While it is not, what the peer sends piles up on its way, and
    /// even the end of the connection is not noticed: for clients that play slow readers.
    public func setReading(_ isReading: Bool) {
        eventLoop.preconditionInEventLoop()
        context?.channel.setOption(.autoRead, value: isReading).whenFailure { _ in }
    }
}

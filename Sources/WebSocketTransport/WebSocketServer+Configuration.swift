// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

extension WebSocketServer {
    /// What a server listens on and what it allows.
    public struct Configuration: Sendable {
        /// A name or address of this machine; the default is reachable from this machine only.
        public var host = "127.0.0.1"

        /// The TCP port; 0 lets the system choose, see ``WebSocketServer/port``.
        public var port = 0

        /// Serves `wss` and `https` with this identity; `nil` serves `ws` and `http`.
        public var tls: ServerTLS?

        public var limits = WebSocketLimits()

        /// The most TCP connections at a time, whatever they carry. A further one is closed as
        /// soon as it is accepted.
        public var maximumConnections = 10_000

        /// The longest head of an HTTP request, in bytes, the target included.
        public var maximumHeaderBytes = 16 * 1024

        /// The longest body of a plain HTTP request, in bytes.
        public var maximumBodyBytes = 1024 * 1024

        /// The length of the system's queue of connections not yet accepted.
        public var backlog = 1024

        public init() {}
    }

    /// Decides about an upgrade. Called on the connection's event loop with a request whose
    /// handshake is correct; may answer from any loop, within
    /// ``WebSocketLimits/handshakeTimeout``, after which the peer gets 503.
    public typealias Accept =
        @Sendable (HTTPRequest, any EventLoop) -> EventLoopFuture<UpgradeDecision>

    /// Answers a plain HTTP request. Called on the connection's event loop with the whole body;
    /// may answer from any loop, within ``WebSocketLimits/handshakeTimeout``.
    public typealias Respond =
        @Sendable (HTTPRequest, any EventLoop) -> EventLoopFuture<HTTPResponse>
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What a peer may ask of one side of a connection.
public struct GRPCLimits: Hashable, Sendable {
    /// The longest message, in bytes.
    public var maximumMessageBytes = 4 * 1024 * 1024
    /// The longest header block, in bytes, counted as RFC 9113, section 6.5.2 does.
    public var maximumHeaderListBytes = 16 * 1024
    /// Calls at a time on one connection.
    public var maximumStreams = 2048
    /// Bytes a peer may send on one call before they were taken.
    public var streamWindow = 128 * 1024
    /// As `streamWindow`, for all calls of a connection together.
    public var connectionWindow = 1024 * 1024
    /// Bytes of incomplete and waiting messages on one connection; the call that exceeds it fails.
    public var maximumHeldBytes = 32 * 1024 * 1024
    /// A call with so many bytes waiting to be sent is not writable.
    public var writableBytes = 64 * 1024
    /// A call with more bytes waiting to be sent fails: its peer does not read.
    public var maximumBufferedBytes = 8 * 1024 * 1024
    /// A new connection must speak HTTP/2 within this.
    public var handshakeTimeout = TimeAmount.seconds(10)
    /// Silence after which the peer is asked whether it is there, and how long its answer may take.
    public var keepAlive = TimeAmount.seconds(30)
    public var keepAliveTimeout = TimeAmount.seconds(10)
    /// A connection without calls is closed after this; nil keeps it.
    public var idleTimeout: TimeAmount?

    public init() {}

    func session(_ role: HTTP2Configuration.Role) -> HTTP2Configuration {
        HTTP2Configuration(
            role: role, maximumStreams: maximumStreams,
            maximumHeaderListBytes: maximumHeaderListBytes, streamWindow: streamWindow,
            connectionWindow: connectionWindow)
    }

    var times: HTTP2Connection.Times {
        HTTP2Connection.Times(
            handshake: handshakeTimeout, keepAlive: keepAlive, keepAliveAnswer: keepAliveTimeout,
            idle: idleTimeout)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What one connection may cost. The same limits serve both ends.
public struct WebSocketLimits: Sendable {
    /// The longest message accepted, in bytes, in one frame or in fragments. A longer one is
    /// refused with 1009 as soon as its length is known. Platforms send at most 64 KiB.
    public var maximumMessageBytes = 128 * 1024

    /// The most bytes that may wait for a peer that does not read. Above it the connection is cut
    /// and reported as ``WebSocketFailure/slowReader``. The default is 32 s of 16-bit audio at
    /// 8 kHz.
    public var maximumBufferedBytes = 512 * 1024

    /// What the system is asked to hold for a peer that does not read, in bytes; Linux takes twice
    /// that. Left to itself it grows to megabytes, minutes of a call's audio that nobody hears,
    /// before anything waits here.
    public var systemBufferBytes = 64 * 1024

    /// The time for the TLS and HTTP handshakes together, for each further HTTP request on the
    /// connection, and for the decision about an upgrade.
    public var handshakeTimeout = TimeAmount.seconds(10)

    /// The time from our Close frame to the end of the TCP connection.
    public var closeTimeout = TimeAmount.seconds(5)

    /// Sends a ping this often and takes the peer for gone when a whole interval passes after one
    /// without any byte from it. `nil`, the default: no pings, a vanished peer is noticed only
    /// when something is sent to it.
    public var pingInterval: TimeAmount?

    public init() {}
}

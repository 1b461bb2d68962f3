// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What one side of an HTTP/2 connection announces and tolerates.
struct HTTP2Configuration: Sendable {
    enum Role: Sendable {
        case server
        case client
    }

    var role: Role
    var maximumStreams: Int
    /// Octets of one header block, counted as RFC 9113, section 6.5.2 does.
    var maximumHeaderListBytes: Int
    /// Octets a peer may send on a stream before its receiver has taken them.
    var streamWindow: Int
    /// As `streamWindow`, for all streams together.
    var connectionWindow: Int
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import GRPCTransport

/// A server as Webex knows it: where it listens, and how many calls share a connection to it.
///
/// Calls that are given the same endpoint share connections with those of their event loop; a
/// connection closes after its last call.
public final class WebexEndpoint: Sendable {
    public let url: GRPCURL
    /// For `grpcs`; nil trusts the system's authorities.
    public let tls: GRPCClientTLS?
    public let callsPerConnection: Int

    public init(_ url: GRPCURL, tls: GRPCClientTLS? = nil, callsPerConnection: Int = 100) {
        precondition(callsPerConnection > 0, "A connection carries at least one call")
        self.url = url
        self.tls = tls
        self.callsPerConnection = callsPerConnection
    }
}

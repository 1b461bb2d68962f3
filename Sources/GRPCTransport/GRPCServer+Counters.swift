// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension GRPCServer {
    /// What has happened since the start, for metrics.
    public struct Counters: Sendable, Equatable {
        public internal(set) var openConnections = 0
        public internal(set) var connectionsAccepted = 0
        /// Connections closed at once because ``Configuration/maximumConnections`` were open.
        public internal(set) var overCapacity = 0
        /// Calls that a service accepted.
        public internal(set) var callsStarted = 0
        /// Calls by the status they ended with, refused ones included; cancelled by the client, or
        /// lost with the connection, counts as `cancelled`.
        public internal(set) var callsEnded: [GRPCStatusCode: Int] = [:]
        /// Requests that are HTTP/2 but not gRPC.
        public internal(set) var notGRPC = 0
        /// Calls reset because the client did not read.
        public internal(set) var slowReaders = 0
        /// Connections that did not become HTTP/2 in time, or speak something else.
        public internal(set) var handshakeFailures = 0
        public internal(set) var tlsFailures = 0
        /// Connections whose peer did not answer a ping.
        public internal(set) var unresponsivePeers = 0
        /// Connections ended because the peer broke HTTP/2.
        public internal(set) var protocolViolations = 0
        /// Connections ended with ENHANCE_YOUR_CALM.
        public internal(set) var floods = 0

        mutating func count(_ end: HTTP2Connection.End) {
            switch end {
            case .closed: break
            case .handshakeTimeout, .notHTTP2: handshakeFailures += 1
            case .unresponsive: unresponsivePeers += 1
            case .protocolViolation: protocolViolations += 1
            case .flood: floods += 1
            case .tlsFailure: tlsFailures += 1
            }
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension WebSocketServer {
    /// What has happened since the start, for metrics.
    public struct Counters: Sendable, Equatable {
        /// TCP connections open now, whatever they carry.
        public internal(set) var openConnections = 0
        /// WebSockets open now, or still being taken down.
        public internal(set) var openWebSockets = 0
        /// TCP connections accepted.
        public internal(set) var accepted = 0
        /// TCP connections closed at once because ``Configuration/maximumConnections`` were open.
        public internal(set) var overCapacity = 0
        /// Upgrades answered with 101.
        public internal(set) var upgraded = 0
        /// Correct upgrade requests answered with a refusal.
        public internal(set) var refused = 0
        /// Plain requests answered.
        public internal(set) var responded = 0
        /// Requests that are not HTTP, above a limit, or not a correct handshake.
        public internal(set) var malformedRequests = 0
        /// Connections whose handshake, request or decision took too long.
        public internal(set) var handshakeTimeouts = 0
        /// TLS handshakes and records that failed.
        public internal(set) var tlsFailures = 0
        /// WebSockets cut because the peer did not read.
        public internal(set) var slowReaders = 0
        /// WebSockets cut because nothing came after a ping.
        public internal(set) var unresponsivePeers = 0
        /// Closing handshakes the peer did not finish in time.
        public internal(set) var closeTimeouts = 0
        /// WebSockets whose TCP connection ended without a closing handshake.
        public internal(set) var connectionsLost = 0
        /// Violations of the protocol or a limit, by kind.
        public internal(set) var violations: [WebSocketViolation: Int] = [:]

        mutating func count(_ failure: WebSocketFailure) {
            switch failure {
            case .violation(let violation): violations[violation, default: 0] += 1
            case .slowReader: slowReaders += 1
            case .unresponsivePeer: unresponsivePeers += 1
            case .closeTimeout: closeTimeouts += 1
            case .connectionLost: connectionsLost += 1
            }
        }
    }
}

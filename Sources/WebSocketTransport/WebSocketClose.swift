// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// How a WebSocket connection ended.
public struct WebSocketClose: Hashable, Sendable {
    /// Who ended it.
    public enum Initiator: Hashable, Sendable {
        case local
        case peer
    }

    /// The code of the first Close frame; ``WebSocketCloseCode/noStatus`` when that frame carried
    /// none, ``WebSocketCloseCode/abnormal`` when the connection ended without one.
    public let code: WebSocketCloseCode

    /// The reason of the first Close frame; empty when it carried none.
    public let reason: String

    /// Both sides' Close frames have passed (RFC 6455 section 7.1.4).
    public let wasClean: Bool

    public let initiator: Initiator

    /// What went wrong, when something did.
    public let failure: WebSocketFailure?

    public init(
        code: WebSocketCloseCode, reason: String = "", wasClean: Bool, initiator: Initiator,
        failure: WebSocketFailure? = nil
    ) {
        self.code = code
        self.reason = reason
        self.wasClean = wasClean
        self.initiator = initiator
        self.failure = failure
    }
}

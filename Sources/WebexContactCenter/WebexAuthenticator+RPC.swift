// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import GRPCTransport
public import NIOCore

extension WebexAuthenticator {
    /// Checks who calls: the client certificate where a rule was given, then the token.
    ///
    /// - Returns: nil when the RPC is let in, else the status to refuse it with. Completed already
    ///   unless keys have to be fetched. Never fails.
    public func authenticate(
        _ head: GRPCCallHead, on eventLoop: any EventLoop
    ) -> EventLoopFuture<GRPCStatus?> {
        if let refusal = refusal(ofCertificate: head.peer.certificate) {
            return eventLoop.makeSucceededFuture(
                GRPCStatus(.unauthenticated, "client certificate refused: \(refusal.rawValue)"))
        }
        return authenticate(authorization: head.metadata["authorization"], on: eventLoop)
            .map { $0?.status }
    }
}

extension WebexTokenRefusal {
    /// What the peer gets: the check's own failure is not the peer's.
    public var status: GRPCStatus {
        GRPCStatus(self == .internal ? .internalError : .unauthenticated, message)
    }
}

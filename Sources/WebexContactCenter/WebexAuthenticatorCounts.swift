// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// What an authenticator has decided since its start.
public struct WebexAuthenticatorCounts: Hashable, Sendable {
    /// RPCs let in.
    public var admitted = 0
    /// Of these, by a token that had been verified before.
    public var remembered = 0
    /// By reason.
    public var refusals: [WebexTokenRefusal: Int] = [:]
    /// RPCs refused for the connection's client certificate, by reason.
    public var certificateRefusals: [WebexClientCertificateRefusal: Int] = [:]
}

/// When a refusal is worth a line in the log: the first of its reason, and then one now and again.
struct WebexAuthenticatorLog: Sendable {
    private var next: [WebexTokenRefusal: MediaInstant] = [:]
    private var suppressed: [WebexTokenRefusal: Int] = [:]

    /// - Returns: how many of the reason went without a line since the last one; nil: no line now.
    mutating func admits(_ refusal: WebexTokenRefusal, at now: MediaInstant) -> Int? {
        if let next = next[refusal], now < next {
            suppressed[refusal, default: 0] += 1
            return nil
        }
        next[refusal] = now + WebexTokenPolicy.refusalLogInterval
        return suppressed.removeValue(forKey: refusal) ?? 0
    }
}

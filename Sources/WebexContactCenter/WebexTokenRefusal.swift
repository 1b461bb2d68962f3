// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Why an RPC was not let in, each counted under its own name.
///
/// A reason is all that leaves the check: neither the peer nor the log learns anything else of a
/// token.
public enum WebexTokenRefusal: String, Error, Hashable, Sendable, CaseIterable {
    /// No `authorization`.
    case missing
    /// No three-part JWS, or parts of it that cannot be read.
    case malformed
    /// An OAuth access token, which is no data-source token.
    case oauthToken = "oauth_token"
    case issuerNotAllowed = "issuer_not_allowed"
    /// Anything but RS256, `none` above all.
    case algorithmNotAllowed = "algorithm_not_allowed"
    /// The issuer's keys could not be fetched and no old ones are at hand.
    case keyUnavailable = "key_unavailable"
    /// The issuer has no such key.
    case unknownKey = "unknown_key"
    case badSignature = "bad_signature"
    case expired
    case notYetValid = "not_yet_valid"
    /// One of `exp`, `aud`, `sub`, `jti`, the data source's address or its schema is absent.
    case missingClaim = "missing_claim"
    case wrongAudience = "wrong_audience"
    case wrongSubject = "wrong_subject"
    /// The token is for a data source at another address.
    case wrongURL = "wrong_url"
    /// The token is for another service.
    case wrongSchema = "wrong_schema"
    /// The check itself failed. Answer with `INTERNAL`, everything else with `UNAUTHENTICATED`.
    case `internal`

    /// What the peer is told: the reason and nothing of the token.
    public var message: String {
        self == .internal
            ? "authentication could not be carried out" : "authentication failed: \(rawValue)"
    }
}

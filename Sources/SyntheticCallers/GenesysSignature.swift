// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Foundation

/// The HTTP message signature with which Genesys signs its upgrade request (AudioHook protocol v2,
/// after IETF HTTP Message Signatures draft 11).
package struct GenesysSignature: Sendable {
    package var target: String
    package var authority: String
    package var organization: String
    package var session: String
    package var correlation: String
    package var key: String
    /// The client secret's bytes.
    package var secret: [UInt8]
    package var nonce: String
    /// Unix time in seconds.
    package var created: Int
    package var expires: Int

    package init(
        target: String, authority: String, organization: String, session: String,
        correlation: String, key: String, secret: [UInt8], nonce: String, created: Int, expires: Int
    ) {
        self.target = target
        self.authority = authority
        self.organization = organization
        self.session = session
        self.correlation = correlation
        self.key = key
        self.secret = secret
        self.nonce = nonce
        self.created = created
        self.expires = expires
    }

    private static let components = [
        "@request-target", "@authority", "audiohook-organization-id", "audiohook-session-id",
        "audiohook-correlation-id", "x-api-key",
    ]

    private var parameters: String {
        let list = Self.components.map { "\"\($0)\"" }.joined(separator: " ")
        return "(\(list));keyid=\"\(key)\";nonce=\"\(nonce)\";alg=\"hmac-sha256\""
            + ";created=\(created);expires=\(expires)"
    }

    /// The value of `Signature-Input`.
    package var input: String { "sig1=" + parameters }

    /// The bare signature, base64.
    package var signature: String {
        let values = [target, authority, organization, session, correlation, key]
        let lines = zip(Self.components, values).map { "\"\($0)\": \($1)" }
        let base = (lines + ["\"@signature-params\": \(parameters)"]).joined(separator: "\n")
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(base.utf8), using: SymmetricKey(data: secret))
        return Data(code).base64EncodedString()
    }
}

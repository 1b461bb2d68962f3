// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A data-source token as it was presented: read, not yet believed.
struct WebexToken: Sendable {
    /// What a header says (RFC 7515 section 4.1).
    private struct Header: Decodable {
        let alg: String?
        let kid: String?
    }

    private struct Extensions: Decodable {
        enum CodingKeys: CodingKey {
            case crit
        }

        /// Extensions that a reader has to understand; we know none.
        let areCritical: Bool

        init(from decoder: any Decoder) throws {
            areCritical = try decoder.container(keyedBy: CodingKeys.self).contains(.crit)
        }
    }

    let algorithm: String?
    let keyID: String?
    let claims: WebexTokenClaims
    /// What was signed.
    let signedOctets: [UInt8]
    let signature: [UInt8]

    /// Reads a compact JWS.
    init(_ compact: [UInt8]) throws(WebexTokenRefusal) {
        guard compact.count <= WebexTokenPolicy.maximumTokenBytes else { throw .malformed }
        let parts = compact.split(
            separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let header = WebexTokenBase64URL.decode(parts[0]),
            let payload = WebexTokenBase64URL.decode(parts[1]),
            let signature = WebexTokenBase64URL.decode(parts[2])
        else { throw .malformed }
        do {
            let fields = try JSONDecoder().decode(Header.self, from: Data(header))
            let extensions = try JSONDecoder().decode(Extensions.self, from: Data(header))
            guard !extensions.areCritical else { throw WebexTokenRefusal.malformed }
            algorithm = fields.alg
            keyID = fields.kid
            claims = try JSONDecoder().decode(WebexTokenClaims.self, from: Data(payload))
        } catch {
            throw .malformed
        }
        signedOctets = Array(compact[..<parts[1].endIndex])
        self.signature = signature
    }

    /// The token in an `authorization` value: bare, or after `Bearer` in any case.
    static func compact(in authorization: String?) throws(WebexTokenRefusal) -> [UInt8] {
        guard let authorization else { throw .missing }
        var octets = ArraySlice(authorization.utf8)
        let scheme = Array("bearer".utf8)
        let space = UInt8(ascii: " ")
        let first = octets.prefix { $0 != space }
        if first.count == scheme.count, first.count < octets.count,
            zip(first, scheme).allSatisfy({ $0 | 0x20 == $1 })
        {
            octets = octets.dropFirst(scheme.count)
        }
        octets = octets.drop { $0 == space }
        guard !octets.isEmpty else { throw .missing }
        return Array(octets)
    }
}

/// The claims of a data-source token that are looked at.
struct WebexTokenClaims: Decodable, Sendable {
    /// One text or several (RFC 7519 section 4.1.3).
    struct Audience: Decodable, Sendable {
        let values: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(String.self) {
                values = [value]
            } else {
                values = try container.decode([String].self)
            }
        }
    }

    private enum CodingKeys: String, CodingKey {
        case tokenType = "token_type"
        case issuer = "iss"
        case expiry = "exp"
        case notBefore = "nbf"
        case audience = "aud"
        case subject = "sub"
        case identifier = "jti"
        case url = "com.cisco.datasource.url"
        case schema = "com.cisco.datasource.schema.uuid"
    }

    let tokenType: String?
    let issuer: String?
    /// Seconds since 1970, perhaps with a fraction (RFC 7519 section 2).
    let expiry: Double?
    let notBefore: Double?
    let audience: Audience?
    let subject: String?
    let identifier: String?
    let url: String?
    let schema: String?
}

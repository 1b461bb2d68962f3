// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Foundation

/// An API key of an integration and, when one is configured, its client secret.
///
/// The secret is kept for computing signatures only: no description, reflection or error shows it.
public struct GenesysCredential: Sendable, CustomStringConvertible, CustomReflectable {
    public enum ConfigurationError: Error, Equatable, Sendable {
        /// The API key does not match `[a-zA-Z0-9+/_-]+={0,2}`.
        case malformedAPIKey
        /// The client secret is not base64, or empty.
        case malformedSecret
    }

    let apiKey: String
    let keyDigest: SHA256.Digest
    let secret: SymmetricKey?

    /// - Parameters:
    ///   - apiKey: the value of `X-API-KEY`.
    ///   - clientSecret: base64 as configured in Genesys Cloud. Without one, unsigned requests with
    ///     this key are taken.
    public init(apiKey: String, clientSecret: String?) throws(ConfigurationError) {
        guard Self.isWellFormed(apiKey) else { throw .malformedAPIKey }
        self.apiKey = apiKey
        keyDigest = SHA256.hash(data: Data(apiKey.utf8))
        guard let clientSecret else {
            secret = nil
            return
        }
        guard let bytes = Data(base64Encoded: clientSecret), !bytes.isEmpty else {
            throw .malformedSecret
        }
        secret = SymmetricKey(data: bytes)
    }

    public var description: String {
        secret == nil ? "credential without secret" : "credential with secret"
    }

    public var customMirror: Mirror { Mirror(self, children: []) }

    static func isWellFormed(_ apiKey: String) -> Bool {
        var body = Substring(apiKey)
        for _ in 0..<2 where body.last == "=" { body.removeLast() }
        return !body.isEmpty
            && body.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "+"), UInt8(ascii: "/"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

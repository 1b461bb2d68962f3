// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import JWTKit

/// One RSA key of an issuer.
struct WebexIssuerKey: Sendable {
    let id: String?
    private let modulus: String
    private let exponent: String
    /// Verifies RS256 and knows nothing else, whatever a token's header says.
    private let verifier: any JWTAlgorithm

    fileprivate init?(_ member: WebexIssuerKeySet.Member) async {
        guard member.kty == "RSA", member.use == nil || member.use == "sig",
            member.alg == nil || member.alg == WebexTokenPolicy.algorithm,
            let modulus = member.n, let exponent = member.e,
            let key = try? Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
        else { return nil }
        let collection = JWTKeyCollection()
        await collection.add(rsa: key, digestAlgorithm: .sha256)
        guard let verifier = try? await collection.getKey() else { return nil }
        id = member.kid
        self.modulus = modulus
        self.exponent = exponent
        self.verifier = verifier
    }

    /// Whether `signature` is this key's RS256 signature of `octets`. About 50 microseconds.
    func verifies(_ signature: [UInt8], of octets: [UInt8]) -> Bool {
        (try? verifier.verify(signature, signs: octets)) ?? false
    }

    func isSame(as other: WebexIssuerKey) -> Bool {
        id == other.id && modulus == other.modulus && exponent == other.exponent
    }
}

/// The usable keys of an issuer at one time: RSA, for signatures, of 2048 bits or more.
struct WebexIssuerKeySet: Sendable {
    enum Failure: String, Error, Hashable, Sendable {
        case unreadable
        case noUsableKey = "no_usable_key"
    }

    fileprivate struct Member: Decodable, Sendable {
        let kty: String?
        let kid: String?
        let use: String?
        let alg: String?
        let n: String?
        let e: String?
    }

    /// Never fails: a key of a kind that is not known must not hide the others.
    private struct Element: Decodable {
        let member: Member?

        init(from decoder: any Decoder) throws {
            member = try? Member(from: decoder)
        }
    }

    private struct Document: Decodable {
        let keys: [Element]
    }

    private let keys: [WebexIssuerKey]

    /// Reads a JSON Web Key Set (RFC 7517 section 5). Members and keys of no use are passed over.
    init(reading document: [UInt8]) async throws(Failure) {
        guard let read = try? JSONDecoder().decode(Document.self, from: Data(document)) else {
            throw .unreadable
        }
        var keys: [WebexIssuerKey] = []
        for element in read.keys.prefix(WebexTokenPolicy.maximumKeys) {
            guard let member = element.member, let key = await WebexIssuerKey(member) else {
                continue
            }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw .noUsableKey }
        self.keys = keys
    }

    /// The keys that may have signed a token with that `kid`. An issuer that uses an identifier
    /// twice means either; a token that names no key can only mean an only one.
    func candidates(for keyID: String?) -> [WebexIssuerKey] {
        guard let keyID else { return keys.count == 1 ? keys : [] }
        return keys.filter { $0.id == keyID }
    }

    func isSame(as other: WebexIssuerKeySet) -> Bool {
        keys.count == other.keys.count
            && zip(keys, other.keys).allSatisfy { $0.isSame(as: $1) }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Foundation

/// Why a request was refused: for logs and metrics. It holds nothing of the request.
public enum GenesysAuthenticationFailure: String, Error, CaseIterable, Sendable {
    case missingSessionID = "missing_session_id"
    case missingAPIKey = "missing_api_key"
    case unknownAPIKey = "unknown_api_key"
    case missingSignature = "missing_signature"
    case malformedSignatureInput = "malformed_signature_input"
    case malformedSignature = "malformed_signature"
    case missingComponent = "missing_component"
    case unsupportedComponent = "unsupported_component"
    case absentComponent = "absent_component"
    case wrongAlgorithm = "wrong_algorithm"
    case wrongKeyID = "wrong_keyid"
    case badNonce = "bad_nonce"
    case missingCreated = "missing_created"
    case badExpires = "bad_expires"
    case notYetValid = "not_yet_valid"
    case expired = "expired"
    case wrongSignature = "wrong_signature"
    case replayedNonce = "replayed_nonce"
    case tooManyNonces = "too_many_nonces"
}

/// Verifies the HTTP message signature (draft 11) of an upgrade request.
///
/// A pure function of the request, the secret and the time; remembering nonces is the caller's.
struct SignatureVerifier {
    /// Components that a signature must cover.
    static let requiredComponents = [
        "@request-target", "@authority", "audiohook-organization-id", "audiohook-session-id",
        "audiohook-correlation-id", "x-api-key",
    ]

    /// What has to be remembered of a good signature.
    struct Verified: Equatable {
        var nonce: String
        /// The last second in which the same signature would still pass.
        var validUntil: Int64
    }

    let secret: SymmetricKey
    let apiKey: String

    /// Tries the request's signatures in their order; the first good one wins.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Throws: what is wrong with the first signature when none is good.
    func verify(
        _ request: GenesysUpgradeRequest, now: Int64
    ) throws(GenesysAuthenticationFailure) -> Verified {
        guard let inputs = request.header("signature-input"),
            let signatures = request.header("signature")
        else { throw .missingSignature }
        guard let inputs = StructuredDictionary(inputs), !inputs.members.isEmpty else {
            throw .malformedSignatureInput
        }
        guard let signatures = StructuredDictionary(signatures) else { throw .malformedSignature }
        var failure: GenesysAuthenticationFailure?
        for (label, input) in inputs.members.prefix(GenesysPolicy.maximumSignatures) {
            do throws(GenesysAuthenticationFailure) {
                return try verify(input, signatures[label], request, now: now)
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? .missingSignature
    }

    private func verify(
        _ input: StructuredDictionary.Value, _ signature: StructuredDictionary.Value?,
        _ request: GenesysUpgradeRequest, now: Int64
    ) throws(GenesysAuthenticationFailure) -> Verified {
        guard case .innerList(let items, let parameters) = input else {
            throw .malformedSignatureInput
        }
        guard let signature else { throw .missingSignature }
        guard case .item(let item) = signature, case .bytes(let received) = item.value else {
            throw .malformedSignature
        }
        let names = try Self.componentNames(items)
        let verified = try check(parameters, now: now)
        let base = try Self.signatureBase(names, parameters, request)
        // Compares in constant time.
        let isValid = HMAC<SHA256>.isValidAuthenticationCode(
            received, authenticating: Data(base.utf8), using: secret)
        guard isValid else { throw .wrongSignature }
        return verified
    }

    private static func componentNames(
        _ items: [StructuredDictionary.Item]
    ) throws(GenesysAuthenticationFailure) -> [String] {
        var names: [String] = []
        for item in items {
            guard case .string(let name) = item.value, !names.contains(name) else {
                throw .malformedSignatureInput
            }
            guard item.parameters.names.isEmpty else { throw .unsupportedComponent }
            names.append(name)
        }
        guard requiredComponents.allSatisfy(names.contains) else { throw .missingComponent }
        return names
    }

    private func check(
        _ parameters: StructuredDictionary.Parameters, now: Int64
    ) throws(GenesysAuthenticationFailure) -> Verified {
        guard parameters["alg"] == .string("hmac-sha256") else { throw .wrongAlgorithm }
        guard parameters["keyid"] == .string(apiKey) else { throw .wrongKeyID }
        guard case .string(let nonce) = parameters["nonce"],
            (GenesysPolicy.nonceMinimumCharacters...GenesysPolicy.nonceMaximumCharacters)
                .contains(nonce.utf8.count)
        else { throw .badNonce }
        guard case .integer(let created) = parameters["created"] else { throw .missingCreated }
        let skew = GenesysPolicy.signatureClockSkewSeconds
        guard created <= now + skew else { throw .notYetValid }
        var validUntil = created + GenesysPolicy.signatureMaximumAgeSeconds + skew
        if let expires = parameters["expires"] {
            guard case .integer(let expires) = expires else { throw .badExpires }
            validUntil = min(validUntil, expires + skew)
        }
        guard now <= validUntil else { throw .expired }
        return Verified(nonce: nonce, validUntil: validUntil)
    }

    /// Draft 11 section 2.3: a line for each component in the order of the list, then the list
    /// itself in canonical form, no line feed at the end.
    private static func signatureBase(
        _ names: [String], _ parameters: StructuredDictionary.Parameters,
        _ request: GenesysUpgradeRequest
    ) throws(GenesysAuthenticationFailure) -> String {
        var base = ""
        for name in names {
            let value: String?
            switch name {
            case "@request-target": value = request.target
            case "@authority": value = request.authority
            case _ where name.hasPrefix("@"): throw .unsupportedComponent
            default: value = request.header(name)
            }
            guard let value else { throw .absentComponent }
            base += "\"\(name)\": \(value)\n"
        }
        let list = names.map { StructuredDictionary.BareItem.string($0).canonical }
        base += "\"@signature-params\": (\(list.joined(separator: " ")))\(parameters.canonical)"
        return base
    }
}

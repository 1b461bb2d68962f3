// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

@testable import GenesysAudioHook

/// The published example of a signed upgrade request, to be damaged part by part.
struct SignedRequest {
    static let secret = "TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU="
    static let apiKey = "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh"
    static let created: Int64 = 1_641_013_200
    static let session = "30b0e395-84d3-4570-ac13-9a62d8f514c0"
    static let organization = "d7934305-0972-4844-938e-9060eef73d05"
    static let correlation = "e160e428-53e2-487c-977d-96989bf5c99d"
    static let signature = "NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4="
    static let components = [
        "@request-target", "@authority", "audiohook-organization-id", "audiohook-session-id",
        "audiohook-correlation-id", "x-api-key",
    ]

    var label = "sig1"
    var components = Self.components
    var parameters: [(name: String, value: String)] = [
        ("keyid", "\"\(Self.apiKey)\""), ("nonce", "\"VGhpc0lzQVVuaXF1ZU5vbmNl\""),
        ("alg", "\"hmac-sha256\""), ("created", "\(Self.created)"), ("expires", "3282026430"),
    ]
    var target = "/api/v1/voicebiometrics/ws"
    var headers: [(name: String, value: String)] = [
        ("Host", "audiohook.example.com"),
        ("Audiohook-Organization-Id", Self.organization),
        ("Audiohook-Session-Id", Self.session),
        ("Audiohook-Correlation-Id", Self.correlation),
        ("X-API-KEY", Self.apiKey),
    ]
    /// Nil: the published signature.
    var signature: String? = Self.signature

    static let credential = try! GenesysCredential(apiKey: apiKey, clientSecret: secret)

    var signatureParameters: String {
        let list = components.map { "\"\($0)\"" }.joined(separator: " ")
        return "(\(list))" + parameters.map { ";\($0.name)=\($0.value)" }.joined()
    }

    var signatureInput: String { "\(label)=\(signatureParameters)" }

    /// The same request with a signature computed over its present content, by the text of the
    /// draft and not by the code under test.
    func signed() -> SignedRequest {
        var lines = components.map { name in
            let value: String
            switch name {
            case "@request-target": value = target
            case "@authority":
                value = headers.first { $0.name == "Host" }!.value.lowercased()
            default: value = headers.first { $0.name.lowercased() == name }?.value ?? ""
            }
            return "\"\(name)\": \(value)"
        }
        lines.append("\"@signature-params\": \(signatureParameters)")
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(lines.joined(separator: "\n").utf8),
            using: SymmetricKey(data: Data(base64Encoded: Self.secret)!))
        var copy = self
        copy.signature = Data(code).base64EncodedString()
        return copy
    }

    mutating func set(parameter name: String, _ value: String?) {
        parameters.removeAll { $0.name == name }
        if let value { parameters.append((name, value)) }
    }

    mutating func set(header name: String, _ value: String?) {
        headers.removeAll { $0.name == name }
        if let value { headers.append((name, value)) }
    }

    var request: GenesysUpgradeRequest {
        var all = headers
        all.append(("Signature-Input", signatureInput))
        if let signature { all.append(("Signature", "\(label)=:\(signature):")) }
        return GenesysUpgradeRequest(target: target, headers: all)
    }

    /// What the verifier says about it `age` seconds after its creation; nil when it is good.
    func failure(age: Int64 = 0) -> GenesysAuthenticationFailure? {
        Self.failure(request, age: age)
    }

    static func failure(
        _ request: GenesysUpgradeRequest, age: Int64 = 0
    ) -> GenesysAuthenticationFailure? {
        let verifier = SignatureVerifier(secret: credential.secret!, apiKey: apiKey)
        do throws(GenesysAuthenticationFailure) {
            _ = try verifier.verify(request, now: created + age)
            return nil
        } catch {
            return error
        }
    }
}

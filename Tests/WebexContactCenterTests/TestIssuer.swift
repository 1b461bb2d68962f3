// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import JWTKit
import Synchronization

@testable import WebexContactCenter

/// Signs tokens and publishes keys as an issuer does.
struct TestIssuer: Sendable {
    static let address = "https://idbroker.webex.com/idb"
    static let url = "https://media.example.com:443"
    /// What the tests' clocks show at first.
    static let start: Int64 = 1_800_000_000

    let kid: String
    let publicKey: Insecure.RSA.PublicKey
    private let signer: any JWTAlgorithm

    init(_ pem: String = TestIssuerKeys.first, kid: String = "k-1") async throws {
        let key = try Insecure.RSA.PrivateKey(pem: pem)
        let collection = JWTKeyCollection()
        await collection.add(rsa: key, digestAlgorithm: .sha256)
        signer = try await collection.getKey()
        publicKey = key.publicKey
        self.kid = kid
    }

    /// The public key as a member of a key set.
    func jwk(kid: String? = nil, extra: String = "") throws -> String {
        let (modulus, exponent) = try publicKey.getKeyPrimitives()
        return
            #"{"kty":"RSA","kid":"\#(kid ?? self.kid)","use":"sig","n":"\#(Self.base64(Array(modulus)))","#
            + #""e":"\#(Self.base64(Array(exponent)))"\#(extra)}"#
    }

    func keySet() throws -> [UInt8] {
        Array(#"{"keys":[\#(try jwk())],"issuer":"x"}"#.utf8)
    }

    /// A good token; `changes` replace claims by JSON, nil takes them away.
    func token(
        _ changes: [String: String?] = [:], header: String? = nil,
        signer other: (any JWTAlgorithm)? = nil
    ) throws -> String {
        let header = header ?? #"{"alg":"RS256","kid":"\#(kid)","typ":"JWT"}"#
        return try token(header: header, payload: Self.claims(changes), signer: other)
    }

    func token(
        header: String, payload: String, signer other: (any JWTAlgorithm)? = nil
    ) throws -> String {
        let text = Self.base64(Array(header.utf8)) + "." + Self.base64(Array(payload.utf8))
        return text + "." + Self.base64(try (other ?? signer).sign(Array(text.utf8)))
    }

    static func claims(_ changes: [String: String?] = [:]) -> String {
        var claims: [String: String] = [
            "iss": "\"\(address)\"", "exp": "\(start + 3_600)", "nbf": "\(start - 60)",
            "iat": "\(start - 60)", "aud": "\"the-audience\"", "sub": "\"the-subject\"",
            "jti": "\"j-1\"", "com.cisco.datasource.url": "\"\(url)\"",
            "com.cisco.datasource.schema.uuid":
                "\"\(WebexTokenPolicy.voiceVirtualAgentSchema)\"",
        ]
        for (name, value) in changes { claims[name] = value }
        let members = claims.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return "{\(members.joined(separator: ","))}"
    }

    static func base64(_ octets: [UInt8]) -> String {
        Data(octets).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}

/// A clock that moves when it is told to, or when somebody sleeps by it.
final class TestTime: Sendable {
    private struct State {
        var elapsed = MediaDuration.zero
        var sleeps: [MediaDuration] = []
    }

    private let state = Mutex(State())

    var sleeps: [MediaDuration] { state.withLock { $0.sleeps } }

    func advance(by duration: MediaDuration) {
        state.withLock { $0.elapsed += duration }
    }

    var now: MediaInstant {
        MediaInstant(nanoseconds: 0) + state.withLock { $0.elapsed }
    }

    var clock: WebexTokenClock {
        WebexTokenClock(
            unixSeconds: {
                TestIssuer.start + self.state.withLock { $0.elapsed }.nanoseconds / 1_000_000_000
            },
            now: { self.now },
            sleep: { duration in
                self.state.withLock { state in
                    state.sleeps.append(duration)
                    state.elapsed += duration
                }
            })
    }
}

/// A key server whose answers a test writes beforehand.
final class ScriptedFetcher: WebexIssuerKeyFetching {
    struct Unreachable: Error {}

    private struct State {
        /// Nil: no answer. The last one is given for ever.
        var answers: [WebexIssuerKeyResponse?]
        var urls: [String] = []
        var held: CheckedContinuation<Void, Never>?
        var isHeld = false
    }

    private let state: Mutex<State>
    private let arrived: AsyncStream<Void>.Continuation
    /// One element for each fetch that has begun.
    let arrivals: AsyncStream<Void>

    init(_ answers: [WebexIssuerKeyResponse?]) {
        state = Mutex(State(answers: answers))
        (arrivals, arrived) = AsyncStream.makeStream()
    }

    var urls: [String] { state.withLock { $0.urls } }
    var fetchCount: Int { urls.count }

    func set(_ answers: [WebexIssuerKeyResponse?]) {
        state.withLock { $0.answers = answers }
    }

    /// Fetches that begin now get no answer until ``release()``.
    func hold() {
        state.withLock { $0.isHeld = true }
    }

    func release() {
        state.withLock { state in
            state.isHeld = false
            state.held?.resume()
            state.held = nil
        }
    }

    func fetch(_ url: String) async throws -> WebexIssuerKeyResponse {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                state.urls.append(url)
                guard state.isHeld else { return true }
                state.held = continuation
                return false
            }
            arrived.yield()
            if goesOn { continuation.resume() }
        }
        let answer = state.withLock { state in
            state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        guard let answer else { throw Unreachable() }
        return answer
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import Crypto
internal import Foundation
internal import Synchronization

/// Who connects: what the headers of the upgrade request said.
public struct GenesysIdentity: Hashable, Sendable {
    /// `Audiohook-Session-Id`; every message must carry it.
    public var sessionID: GenesysIdentifier
    /// `Audiohook-Organization-Id`; `open` must name the same. Nil when missing or not a UUID, and
    /// then no `open` matches.
    public var organizationID: GenesysIdentifier?
    /// `Audiohook-Correlation-Id`, for logs.
    public var correlationID: GenesysIdentifier?

    public init(
        sessionID: GenesysIdentifier, organizationID: GenesysIdentifier?,
        correlationID: GenesysIdentifier? = nil
    ) {
        self.sessionID = sessionID
        self.organizationID = organizationID
        self.correlationID = correlationID
    }
}

/// The answer to an upgrade request.
public enum GenesysAdmission: Equatable, Sendable {
    case admitted(GenesysIdentity)
    /// Answer with HTTP `status`, not earlier than `delay` after the check began.
    case refused(status: Int, failure: GenesysAuthenticationFailure, delay: MediaDuration)
}

/// Decides which upgrade requests may become sessions.
///
/// One for the process, called from any thread, at most once a connection: the nonces of signed
/// requests are shared by all of them behind a lock.
public final class GenesysAuthenticator: Sendable {
    /// Nil: anyone may connect.
    private let credentials: [GenesysCredential]?
    private let nonces: Mutex<NonceCache>

    /// Without any credential every request is refused.
    public convenience init(credentials: [GenesysCredential]) {
        self.init(credentials: credentials, nonceCapacity: GenesysPolicy.nonceCapacity)
    }

    /// Takes everyone, with or without a key: for a server that only trusted hosts can reach.
    public static func admittingAnyone() -> GenesysAuthenticator {
        GenesysAuthenticator(credentials: nil, nonceCapacity: 0)
    }

    init(credentials: [GenesysCredential]?, nonceCapacity: Int) {
        self.credentials = credentials
        nonces = Mutex(NonceCache(capacity: nonceCapacity))
    }

    /// Checks the session identifier (HTTP 400), then the API key and the signature (HTTP 401).
    ///
    /// - Parameter unixSeconds: wall-clock time in seconds since 1970, as signatures carry it.
    public func admit(_ request: GenesysUpgradeRequest, unixSeconds: Int64) -> GenesysAdmission {
        let sessionID = request.header("audiohook-session-id").flatMap { GenesysIdentifier($0) }
        guard let sessionID else {
            return .refused(status: 400, failure: .missingSessionID, delay: .zero)
        }
        do throws(GenesysAuthenticationFailure) {
            try authenticate(request, now: unixSeconds)
        } catch {
            return .refused(status: 401, failure: error, delay: GenesysPolicy.refusalDelay)
        }
        return .admitted(
            GenesysIdentity(
                sessionID: sessionID,
                organizationID: request.header("audiohook-organization-id")
                    .flatMap { GenesysIdentifier($0) },
                correlationID: request.header("audiohook-correlation-id")
                    .flatMap { GenesysIdentifier($0) }))
    }

    private func authenticate(
        _ request: GenesysUpgradeRequest, now: Int64
    ) throws(GenesysAuthenticationFailure) {
        guard let credentials else { return }
        guard let apiKey = request.header("x-api-key") else { throw .missingAPIKey }
        guard let credential = Self.credential(for: apiKey, among: credentials) else {
            throw .unknownAPIKey
        }
        guard let secret = credential.secret else { return }
        let verifier = SignatureVerifier(secret: secret, apiKey: apiKey)
        let verified = try verifier.verify(request, now: now)
        let verdict = nonces.withLock { cache in
            cache.insert(verified.nonce, of: apiKey, validUntil: verified.validUntil, now: now)
        }
        switch verdict {
        case .fresh: return
        case .replayed: throw .replayedNonce
        case .full: throw .tooManyNonces
        }
    }

    /// Looks at every key, and at digests, so that the time tells nothing about a near match.
    private static func credential(
        for apiKey: String, among credentials: [GenesysCredential]
    ) -> GenesysCredential? {
        let digest = SHA256.hash(data: Data(apiKey.utf8))
        var match: GenesysCredential?
        for credential in credentials where credential.keyDigest == digest {
            match = credential
        }
        return match
    }
}

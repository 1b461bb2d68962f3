// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import GenesysAudioHook

@Suite struct GenesysAuthenticatorTests {
    let authenticator = GenesysAuthenticator(credentials: [
        try! GenesysCredential(apiKey: "open-key", clientSecret: nil), SignedRequest.credential,
    ])

    private func admit(_ request: SignedRequest, age: Int64 = 0) -> GenesysAdmission {
        authenticator.admit(request.request, unixSeconds: SignedRequest.created + age)
    }

    private func refused(_ failure: GenesysAuthenticationFailure) -> GenesysAdmission {
        .refused(status: 401, failure: failure, delay: .milliseconds(500))
    }

    @Test func aSignedRequestIsAdmittedWithItsIdentity() {
        let identity = GenesysIdentity(
            sessionID: GenesysIdentifier(SignedRequest.session)!,
            organizationID: GenesysIdentifier(SignedRequest.organization),
            correlationID: GenesysIdentifier(SignedRequest.correlation))
        #expect(admit(SignedRequest()) == .admitted(identity))
    }

    @Test func theSameSignatureIsAdmittedOnce() {
        _ = admit(SignedRequest())
        #expect(admit(SignedRequest(), age: 13) == refused(.replayedNonce))
        var fresh = SignedRequest()
        fresh.set(parameter: "nonce", "\"another-nonce-of-22-chars\"")
        guard case .admitted = admit(fresh.signed()) else {
            Issue.record("a fresh nonce was refused")
            return
        }
    }

    @Test func aRefusedSignatureDoesNotUseUpItsNonce() {
        var forged = SignedRequest()
        forged.target = "/other"
        #expect(admit(forged) == refused(.wrongSignature))
        guard case .admitted = admit(SignedRequest()) else {
            Issue.record("a forged request blocked the genuine one")
            return
        }
    }

    @Test func aFullNonceCacheRefusesUntilNoncesExpire() {
        let small = GenesysAuthenticator(
            credentials: [SignedRequest.credential], nonceCapacity: 1)
        func admit(_ nonce: String, age: Int64) -> GenesysAdmission {
            var request = SignedRequest()
            request.set(parameter: "nonce", "\"\(nonce)\"")
            request.set(parameter: "created", "\(SignedRequest.created + age)")
            return small.admit(
                request.signed().request, unixSeconds: SignedRequest.created + age)
        }
        _ = admit("first-nonce-of-22-characters", age: 0)
        #expect(admit("second-nonce-of-22-characters", age: 13) == refused(.tooManyNonces))
        guard case .admitted = admit("second-nonce-of-22-characters", age: 14) else {
            Issue.record("the expired nonce still takes room")
            return
        }
    }

    @Test(arguments: [nil, "", "no-uuid", "30b0e395-84d3-6570-ac13-9a62d8f514c0"])
    func aBadSessionIdentifierIsABadRequest(value: String?) {
        var request = SignedRequest()
        request.set(header: "Audiohook-Session-Id", value)
        let expected = GenesysAdmission.refused(
            status: 400, failure: .missingSessionID, delay: .zero)
        #expect(admit(request) == expected)
    }

    @Test func keysAreChecked() {
        var request = SignedRequest()
        request.set(header: "X-API-KEY", nil)
        #expect(admit(request) == refused(.missingAPIKey))
        request.set(header: "X-API-KEY", "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkg")
        #expect(admit(request) == refused(.unknownAPIKey))
        request.headers.append(("X-API-KEY", SignedRequest.apiKey))
        #expect(admit(request) == refused(.unknownAPIKey))
    }

    @Test func aKeyWithASecretDemandsASignature() {
        var request = SignedRequest()
        request.signature = nil
        #expect(admit(request) == refused(.missingSignature))
        let unsigned = GenesysUpgradeRequest(target: request.target, headers: request.headers)
        #expect(
            authenticator.admit(unsigned, unixSeconds: SignedRequest.created)
                == refused(.missingSignature))
    }

    @Test func aKeyWithoutASecretTakesUnsignedRequests() {
        var request = SignedRequest()
        request.set(header: "X-API-KEY", "open-key")
        request.set(header: "Audiohook-Organization-Id", nil)
        request.set(header: "Audiohook-Correlation-Id", "free text")
        let unsigned = GenesysUpgradeRequest(target: request.target, headers: request.headers)
        let identity = GenesysIdentity(
            sessionID: GenesysIdentifier(SignedRequest.session)!, organizationID: nil)
        #expect(authenticator.admit(unsigned, unixSeconds: 0) == .admitted(identity))
    }

    @Test func withoutCredentialsNobodyIsAdmitted() {
        let closed = GenesysAuthenticator(credentials: [])
        #expect(
            closed.admit(SignedRequest().request, unixSeconds: SignedRequest.created)
                == refused(.unknownAPIKey))
    }

    @Test(arguments: ["", "=", "a===", "a b", "a,b", "ä", "a=b"])
    func malformedKeysCannotBeConfigured(key: String) {
        #expect(throws: GenesysCredential.ConfigurationError.malformedAPIKey) {
            try GenesysCredential(apiKey: key, clientSecret: nil)
        }
    }

    @Test(arguments: ["", "not base64!", "abc"])
    func malformedSecretsCannotBeConfigured(secret: String) {
        #expect(throws: GenesysCredential.ConfigurationError.malformedSecret) {
            try GenesysCredential(apiKey: "key+/_-==", clientSecret: secret)
        }
    }

    @Test func credentialsShowNothingOfThemselves() {
        var dumped = ""
        dump(SignedRequest.credential, to: &dumped)
        for text in [
            "\(SignedRequest.credential)", String(reflecting: SignedRequest.credential), dumped,
        ] {
            #expect(!text.contains(SignedRequest.apiKey))
            #expect(!text.contains("secret: "))
        }
    }
}

@Suite struct NonceCacheTests {
    @Test func refusesANonceUntilItsSignatureHasExpired() {
        var cache = NonceCache(capacity: 10)
        #expect(cache.insert("n", of: "a", validUntil: 13, now: 0) == .fresh)
        #expect(cache.insert("n", of: "b", validUntil: 13, now: 0) == .fresh)
        #expect(cache.insert("n", of: "a", validUntil: 26, now: 13) == .replayed)
        #expect(cache.insert("n", of: "a", validUntil: 27, now: 14) == .fresh)
    }

    @Test func neverHoldsMoreThanItsCapacity() {
        var cache = NonceCache(capacity: 100)
        var refused = 0
        for second in 0..<1000 {
            for index in 0..<10
            where cache.insert(
                "\(second).\(index)", of: "k", validUntil: Int64(second) + 13, now: Int64(second))
                == .full
            {
                refused += 1
            }
            #expect(cache.count <= 100)
        }
        // Ten a second for fourteen seconds do not fit a hundred: about 30 % are refused.
        #expect((2000...4000).contains(refused))
    }
}

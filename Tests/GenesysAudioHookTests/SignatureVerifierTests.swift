// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import GenesysAudioHook

@Suite struct SignatureVerifierTests {
    typealias Failure = GenesysAuthenticationFailure

    @Test func acceptsThePublishedExample() {
        #expect(SignedRequest().failure() == nil)
    }

    @Test func signingTheExampleAnewGivesThePublishedSignature() {
        #expect(SignedRequest().signed().signature == SignedRequest.signature)
    }

    @Test func remembersTheNonceForAsLongAsTheSignatureWouldPass() throws {
        let verifier = SignatureVerifier(
            secret: SignedRequest.credential.secret!, apiKey: SignedRequest.apiKey)
        let verified = try verifier.verify(SignedRequest().request, now: SignedRequest.created)
        #expect(verified.nonce == "VGhpc0lzQVVuaXF1ZU5vbmNl")
        #expect(verified.validUntil == SignedRequest.created + 13)
    }

    @Test func labelComponentOrderAndParameterOrderAreFree() {
        var request = SignedRequest()
        request.label = "genesys-2.x_*"
        request.components.reverse()
        request.parameters.reverse()
        #expect(request.failure() == .wrongSignature)
        #expect(request.signed().failure() == nil)
    }

    @Test func furtherComponentsAndParametersAreCovered() {
        var request = SignedRequest()
        request.components.append("user-agent")
        request.headers.append(("User-Agent", "GenesysCloud-AudioHook-Client"))
        request.parameters.append(("x", "1.5"))
        request.parameters.append(("tag", "*tok/en"))
        request.parameters.append(("data", ":AAEC:"))
        request.parameters.append(("yes", "?0"))
        let signed = request.signed()
        #expect(signed.failure() == nil)
        var forged = signed
        forged.set(header: "User-Agent", "curl")
        #expect(forged.failure() == .wrongSignature)
    }

    @Test func spacingOfTheReceivedListDoesNotMatter() {
        let request = SignedRequest()
        var headers = request.request.headers
        headers.removeAll { $0.name == "Signature-Input" }
        let spaced =
            "  sig1=(  " + request.components.map { "\"\($0)\"" }.joined(separator: "   ")
            + "  )" + request.parameters.map { ";  \($0.name)=\($0.value)" }.joined()
        headers.append(("signature-input", spaced))
        let respelled = GenesysUpgradeRequest(target: request.target, headers: headers)
        #expect(SignedRequest.failure(respelled) == nil)
    }

    @Test func headerNamesInAnyCaseFoldedAndPaddedValuesCount() {
        var request = SignedRequest().request
        request.headers = request.headers.map { ($0.name.uppercased(), " \t\($0.value)  ") }
        #expect(SignedRequest.failure(request) == nil)
        var folded = SignedRequest()
        folded.components.append("x-note")
        folded.headers.append(("X-Note", "one two"))
        var received = folded.signed().request
        received.headers = received.headers.map {
            ($0.name, $0.name == "X-Note" ? "one\r\n  two" : $0.value)
        }
        #expect(SignedRequest.failure(received) == nil)
    }

    @Test func repeatedFieldsAreJoinedWithACommaAndASpace() {
        var request = SignedRequest()
        request.components.append("x-note")
        request.headers.append(("X-Note", "one, two"))
        var received = request.signed().request
        received.headers.removeAll { $0.name == "X-Note" }
        received.headers.append(("x-note", "one"))
        received.headers.append(("X-NOTE", " two "))
        #expect(SignedRequest.failure(received) == nil)
    }

    @Test(arguments: ["AudioHook.Example.COM", "audiohook.example.com:443"])
    func authorityIsLowerCaseWithoutTheDefaultPort(host: String) {
        var request = SignedRequest()
        request.set(header: "Host", host)
        #expect(request.failure() == nil)
    }

    @Test func anotherPortIsPartOfTheAuthority() {
        var request = SignedRequest()
        request.set(header: "Host", "audiohook.example.com:8443")
        #expect(request.failure() == .wrongSignature)
        #expect(request.signed().failure() == nil)
    }

    @Test(
        arguments: [
            (-4, Failure.notYetValid), (-3, nil), (0, nil), (10, nil), (13, nil), (14, .expired),
        ] as [(Int64, Failure?)])
    func ageIsLimitedWithSkewBothWays(age: Int64, failure: Failure?) {
        #expect(SignedRequest().failure(age: age) == failure)
    }

    @Test(arguments: [(2, nil), (5, nil), (6, .expired)] as [(Int64, Failure?)])
    func expiresEndsASignatureEarlier(age: Int64, failure: Failure?) {
        var request = SignedRequest()
        request.set(parameter: "expires", "\(SignedRequest.created + 2)")
        #expect(request.signed().failure(age: age) == failure)
    }

    @Test func expiresMayBeMissing() {
        var request = SignedRequest()
        request.set(parameter: "expires", nil)
        #expect(request.signed().failure() == nil)
    }

    @Test(
        arguments: [
            ("alg", nil, Failure.wrongAlgorithm), ("alg", "\"hmac-sha512\"", .wrongAlgorithm),
            ("alg", "hmac-sha256", .wrongAlgorithm), ("keyid", nil, .wrongKeyID),
            ("keyid", "\"other\"", .wrongKeyID), ("nonce", nil, .badNonce),
            ("nonce", "\"012345678901234567890\"", .badNonce),
            ("nonce", "\"\(String(repeating: "n", count: 257))\"", .badNonce),
            ("created", nil, .missingCreated), ("created", "\"1641013200\"", .missingCreated),
            ("created", "1641013200.0", .missingCreated), ("expires", "\"soon\"", .badExpires),
            ("created", "1641013200;created=1641013200", .malformedSignatureInput),
        ] as [(String, String?, Failure)])
    func parametersAreDemandedEvenWhenProperlySigned(
        name: String, value: String?, failure: Failure
    ) {
        var request = SignedRequest()
        request.set(parameter: name, value)
        #expect(request.signed().failure() == failure)
    }

    @Test func aNonceOfTwentyTwoCharactersIsEnough() {
        var request = SignedRequest()
        request.set(parameter: "nonce", "\"0123456789012345678901\"")
        #expect(request.signed().failure() == nil)
    }

    @Test(arguments: SignedRequest.components)
    func everyRequiredComponentMustBeCovered(name: String) {
        var request = SignedRequest()
        request.components.removeAll { $0 == name }
        #expect(request.signed().failure() == .missingComponent)
    }

    @Test(arguments: [
        "Host", "Audiohook-Organization-Id", "Audiohook-Session-Id", "Audiohook-Correlation-Id",
        "X-API-KEY",
    ])
    func everyCoveredValueIsProtected(name: String) {
        var changed = SignedRequest()
        changed.set(header: name, "00000000-0000-0000-0000-000000000000")
        #expect(changed.failure() == .wrongSignature)
        var absent = SignedRequest()
        absent.set(header: name, nil)
        #expect(absent.failure() == .absentComponent)
    }

    @Test(arguments: ["/api/v1/voicebiometrics/ws?", "/api/v1/voicebiometrics/WS", "/", ""])
    func theTargetIsProtected(target: String) {
        var request = SignedRequest()
        request.target = target
        #expect(request.failure() == .wrongSignature)
    }

    @Test func everyBitOfTheSignatureCounts() throws {
        let characters = Array(SignedRequest.signature)
        for index in characters.indices.dropLast(2) {
            var damaged = characters
            damaged[index] = damaged[index] == "A" ? "B" : "A"
            var request = SignedRequest()
            request.signature = String(damaged)
            #expect(request.failure() == .wrongSignature)
        }
        for wrong in ["", "NZBwyBHR", SignedRequest.signature + "AAAA"] {
            var request = SignedRequest()
            request.signature = wrong
            #expect(request.failure() != nil)
        }
    }

    @Test(arguments: [
        ("@method", Failure.unsupportedComponent), ("x-absent", .absentComponent),
        ("x-api-key", .malformedSignatureInput), ("X-Upper", .absentComponent),
    ])
    func componentsThatCannotBeCheckedAreRefused(name: String, failure: Failure) {
        var request = SignedRequest()
        request.components.append(name)
        #expect(request.signed().failure() == failure)
    }

    @Test(arguments: [
        ("sig1=(\"x-api-key\";sf)", Failure.unsupportedComponent),
        ("sig1=(x-api-key)", .malformedSignatureInput), ("sig1=\"text\"", .malformedSignatureInput),
        ("", .malformedSignatureInput), ("sig1=(\"a\"", .malformedSignatureInput),
        ("sig1=(\"a\"\"b\")", .malformedSignatureInput), ("SIG=()", .malformedSignatureInput),
        ("other=()", .missingSignature), ("sig1=()", .missingComponent),
        ("sig1=(),sig1=()", .malformedSignatureInput), ("sig1=(),", .malformedSignatureInput),
    ])
    func malformedInputIsNamed(input: String, failure: Failure) {
        var headers = SignedRequest().request.headers
        headers.removeAll { $0.name == "Signature-Input" }
        headers.append(("Signature-Input", input))
        let request = GenesysUpgradeRequest(target: "/", headers: headers)
        #expect(SignedRequest.failure(request) == failure)
    }

    @Test(arguments: [
        ("sig1=\"NZBw\"", Failure.malformedSignature), ("sig1=:NZ!w:", .malformedSignature),
        ("sig1", .malformedSignature), ("sig1=(:AA==:)", .malformedSignature),
        ("sig2=:AAAA:", .missingSignature),
        ("sig1=:\(SignedRequest.signature)", .malformedSignature),
    ])
    func malformedSignatureIsNamed(signature: String, failure: Failure) {
        var headers = SignedRequest().request.headers
        headers.removeAll { $0.name == "Signature" }
        headers.append(("Signature", signature))
        let request = GenesysUpgradeRequest(target: SignedRequest().target, headers: headers)
        #expect(SignedRequest.failure(request) == failure)
    }

    @Test func anotherSignatureBesideAGoodOneDoesNotHurtAndTooManyAreNotTried() {
        let good = SignedRequest()
        func request(foreign: Int) -> GenesysUpgradeRequest {
            var headers = good.headers
            for index in 0..<foreign {
                headers.append(("Signature-Input", "proxy\(index)=(\"x-a\");alg=\"rsa\""))
                headers.append(("Signature", "proxy\(index)=:AAAA:"))
            }
            headers.append(("Signature-Input", good.signatureInput))
            headers.append(("Signature", "sig1=:\(SignedRequest.signature):"))
            return GenesysUpgradeRequest(target: good.target, headers: headers)
        }
        #expect(SignedRequest.failure(request(foreign: 3)) == nil)
        #expect(SignedRequest.failure(request(foreign: 4)) == .missingComponent)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import WebexContactCenter

@Suite struct WebexTokenRequirementsTests {
    private func token(
        _ changes: [String: String?] = [:], algorithm: String = "\"RS256\""
    ) throws -> WebexToken {
        let header = TestIssuer.base64(Array(#"{"alg":\#(algorithm)}"#.utf8))
        let payload = TestIssuer.base64(Array(TestIssuer.claims(changes).utf8))
        return try WebexToken(Array("\(header).\(payload).AAAA".utf8))
    }

    private func refusal(
        _ changes: [String: String?] = [:], algorithm: String = "\"RS256\"", age: Int64 = 0,
        _ requirements: WebexTokenRequirements = WebexTokenRequirements(
            dataSourceURL: TestIssuer.url)
    ) throws -> WebexTokenRefusal? {
        let token = try token(changes, algorithm: algorithm)
        do throws(WebexTokenRefusal) {
            _ = try requirements.checkOrigin(of: token)
            _ = try requirements.check(token.claims, unixSeconds: TestIssuer.start + age)
            return nil
        } catch {
            return error
        }
    }

    @Test func theProductionIssuersAreTheSixStatedOnes() throws {
        #expect(WebexTokenPolicy.issuers.count == 6)
        for issuer in WebexTokenPolicy.issuers {
            #expect(try refusal(["iss": "\"\(issuer)\""]) == nil)
        }
    }

    @Test(arguments: [
        "\"https://evil.example/idb\"", "\"https://idbroker.webex.com/idb/\"",
        "\"https://idbroker.webex.com\"", "\"http://idbroker.webex.com/idb\"",
        "\"https://IDBROKER.webex.com/idb\"", "\"https://idbroker.webex.com.evil.example/idb\"",
        "\"https://idbroker.webex.com/idb?\"", "\" https://idbroker.webex.com/idb\"",
        "\"https://idbroker.webex.com@evil.example/idb\"", "\"\"", nil,
    ])
    func otherIssuersAreNot(issuer: String?) throws {
        #expect(try refusal(["iss": issuer]) == .issuerNotAllowed)
    }

    @Test func addressesAreOctetsAndNotCharacters() throws {
        // The Kelvin sign is canonically the letter K.
        let requirements = WebexTokenRequirements(
            dataSourceURL: "https://K.example", issuers: ["https://K.example/idb"])
        #expect("\u{212A}" == "K")
        #expect(
            try refusal(["iss": "\"https://\u{212A}.example/idb\""], requirements)
                == .issuerNotAllowed)
        #expect(
            try refusal(
                [
                    "iss": "\"https://K.example/idb\"",
                    "com.cisco.datasource.url": "\"https://\u{212A}.example\"",
                ], requirements) == .wrongURL)
    }

    @Test(arguments: [
        "\"none\"", "\"None\"", "\"HS256\"", "\"RS384\"", "\"RS512\"", "\"PS256\"", "\"ES256\"",
        "\"EdDSA\"", "\"rs256\"", "\"RS256 \"", "\"\"", "null",
    ])
    func onlyRS256IsVerified(algorithm: String) throws {
        #expect(try refusal(algorithm: algorithm) == .algorithmNotAllowed)
    }

    @Test func anOAuthTokenIsNoDataSourceToken() throws {
        #expect(try refusal(["token_type": "\"Bearer\""]) == .oauthToken)
        #expect(
            try refusal(["token_type": "\"bearer\"", "iss": "\"https://evil.example\""])
                == .oauthToken)
        #expect(try refusal(["token_type": "\"datasource\""]) == nil)
    }

    private static let ages: [(Int64, WebexTokenRefusal?)] = [
        // Good until 3600 s, and the skew of 30 s on top.
        (0, nil), (3_600, nil), (3_629, nil), (3_630, .expired),
        // Good from -60 s.
        (-90, nil), (-91, .notYetValid), (10_000, .expired),
    ]

    @Test func datesAllowForThirtySeconds() throws {
        for (age, expected) in Self.ages { #expect(try refusal(age: age) == expected) }
    }

    @Test(arguments: [
        ("0", WebexTokenRefusal.expired), ("-1", .malformed), ("1e18", .malformed),
        ("9223372036854775807", .malformed), ("99999999999999999999999", .malformed),
        ("253402300800", .malformed), ("1e300", .malformed),
    ])
    func expiriesThatAreNoDatesDoNotOverflow(expiry: String, expected: WebexTokenRefusal) throws {
        #expect(try refusal(["exp": expiry]) == expected)
    }

    @Test func aStartThatIsNoDateIsMalformed() throws {
        #expect(try refusal(["nbf": "1e18"]) == .malformed)
        #expect(try refusal(["nbf": nil]) == nil)
        #expect(try refusal(["exp": "1800003600.75"]) == nil)
    }

    @Test func whenATokenWasIssuedDoesNotMatter() throws {
        #expect(try refusal(["iat": "\(TestIssuer.start + 100_000)"]) == nil)
        #expect(try refusal(["iat": nil]) == nil)
    }

    @Test(arguments: [
        "exp", "aud", "sub", "jti", "com.cisco.datasource.url", "com.cisco.datasource.schema.uuid",
    ])
    func claimsThatMustBeThere(name: String) throws {
        #expect(try refusal([name: nil]) == .missingClaim)
        #expect(try refusal([name: "null"]) == .missingClaim)
    }

    @Test func anEmptyAudienceIsNone() throws {
        #expect(try refusal(["aud": "[]"]) == .missingClaim)
    }

    @Test func audienceAndSubjectAreComparedWhereTheyAreKnown() throws {
        let requirements = WebexTokenRequirements(
            dataSourceURL: TestIssuer.url, audience: "the-audience", subject: "the-subject")
        #expect(try refusal(requirements) == nil)
        #expect(try refusal(["aud": #"["x","the-audience"]"#], requirements) == nil)
        #expect(try refusal(["aud": "\"other\""], requirements) == .wrongAudience)
        #expect(try refusal(["aud": #"["x"]"#], requirements) == .wrongAudience)
        #expect(try refusal(["sub": "\"other\""], requirements) == .wrongSubject)
        #expect(try refusal(["sub": "\"the-subject \""], requirements) == .wrongSubject)
    }

    @Test(arguments: [
        "https://media.example.com", "https://media.example.com:443/",
        "HTTPS://media.example.com:443",
        "https://media.example.com:4430", "",
    ])
    func theAddressIsComparedAsText(url: String) throws {
        #expect(try refusal(["com.cisco.datasource.url": "\"\(url)\""]) == .wrongURL)
    }

    @Test func theSchemaIsComparedAsAUUID() throws {
        let name = "com.cisco.datasource.schema.uuid"
        let schema = WebexTokenPolicy.voiceVirtualAgentSchema
        #expect(try refusal([name: "\"\(schema.uppercased())\""]) == nil)
        #expect(try refusal([name: "\"\(WebexTokenPolicy.mediaForkingSchema)\""]) == .wrongSchema)
        #expect(try refusal([name: "\"\(schema) \""]) == .wrongSchema)
        let forking = WebexTokenRequirements(
            dataSourceURL: TestIssuer.url, schemaUUID: WebexTokenPolicy.mediaForkingSchema)
        #expect(try refusal(forking) == .wrongSchema)
    }

    @Test func theFirstFaultIsTheReason() throws {
        let everything: [String: String?] = [
            "exp": "1", "aud": nil, "com.cisco.datasource.url": "\"x\"",
            "com.cisco.datasource.schema.uuid": "\"x\"",
        ]
        #expect(try refusal(everything) == .expired)
        #expect(
            try refusal([
                "aud": nil, "com.cisco.datasource.url": "\"x\"",
            ]) == .missingClaim)
        #expect(
            try refusal([
                "com.cisco.datasource.url": "\"x\"", "com.cisco.datasource.schema.uuid": "\"x\"",
            ]) == .wrongURL)
    }

    private func refusal(_ requirements: WebexTokenRequirements) throws -> WebexTokenRefusal? {
        try refusal([:], requirements)
    }

    private func refusal(
        _ changes: [String: String?], _ requirements: WebexTokenRequirements
    ) throws -> WebexTokenRefusal? {
        try refusal(changes, algorithm: "\"RS256\"", age: 0, requirements)
    }
}

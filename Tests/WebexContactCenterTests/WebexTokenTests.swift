// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import WebexContactCenter

@Suite struct WebexTokenTests {
    private static func refusal(_ body: () throws -> Void) -> WebexTokenRefusal? {
        do {
            try body()
            return nil
        } catch {
            return error as? WebexTokenRefusal
        }
    }

    private static func part(_ json: String) -> String { TestIssuer.base64(Array(json.utf8)) }

    private static func text(
        header: String = #"{"alg":"RS256","kid":"k"}"#, payload: String = TestIssuer.claims()
    ) -> String {
        "\(part(header)).\(part(payload)).AAAA"
    }

    @Test(arguments: [
        "a.b.c", "Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", "BeArEr a.b.c", "  a.b.c",
    ])
    func theTokenStandsBareOrAfterBearer(value: String) throws {
        #expect(try WebexToken.compact(in: value) == Array("a.b.c".utf8))
    }

    @Test(arguments: [nil, "", " ", "Bearer ", "bearer    "])
    func nothingIsMissing(value: String?) {
        #expect(Self.refusal { _ = try WebexToken.compact(in: value) } == .missing)
    }

    @Test func otherSchemesAreNoToken() throws {
        let basic = try WebexToken.compact(in: "Basic YTpi")
        #expect(Self.refusal { _ = try WebexToken(basic) } == .malformed)
        // Without a space it is part of the token.
        #expect(try WebexToken.compact(in: "bearera.b.c") == Array("bearera.b.c".utf8))
    }

    @Test func readsHeaderClaimsAndWhatWasSigned() throws {
        let text = Self.text()
        let token = try WebexToken(Array(text.utf8))
        #expect(token.algorithm == "RS256")
        #expect(token.keyID == "k")
        #expect(token.claims.issuer == TestIssuer.address)
        #expect(token.claims.audience?.values == ["the-audience"])
        #expect(token.signedOctets == Array(text.dropLast(5).utf8))
        #expect(token.signature == [0, 0, 0])
    }

    @Test func anAudienceMayBeSeveral() throws {
        let payload = TestIssuer.claims(["aud": #"["a","b"]"#])
        let token = try WebexToken(Array(Self.text(payload: payload).utf8))
        #expect(token.claims.audience?.values == ["a", "b"])
    }

    static let malformed: [String] =
        [
            "a", "a.b", "...", "..", "a.b.c.d", String(repeating: ".", count: 10_000),
            text() + ".", "." + text(), text() + "=", text() + "!", text() + "\n",
            // Standard base64, padding, impossible lengths, bits beyond the end.
            "\(part("{}"))==.\(part("{}")).AAAA", "\(part("{}")).\(part("{}")).A",
            "\(part("{}")).\(part("{}")).AB", "\(part("{}")).\(part("{}")).+/+/",
            "\(part("[]")).\(part("{}")).AAAA", "\(part("{}")).\(part("[]")).AAAA",
            "\(part("{")).\(part("{}")).AAAA", "\(part("{}")).\(part("null")).AAAA",
            "\(part("\u{0}")).\(part("{}")).AAAA",
            text(header: #"{"alg":256}"#), text(header: #"{"alg":"RS256","kid":7}"#),
            text(header: #"{"alg":"RS256","crit":["b64"],"b64":false}"#),
            text(header: #"{"alg":"RS256","crit":null}"#),
            // Dates that are none.
            text(payload: TestIssuer.claims(["exp": "\"1800000000\""])),
            text(payload: TestIssuer.claims(["exp": "1e999"])),
            text(payload: TestIssuer.claims(["exp": "true"])),
            text(payload: TestIssuer.claims(["nbf": "{}"])),
            text(payload: TestIssuer.claims(["iss": "7"])),
            text(payload: TestIssuer.claims(["aud": "[1]"])),
            text(payload: TestIssuer.claims(["sub": "[]"])),
            // Not UTF-8.
            "\(part("{}")).\(TestIssuer.base64([0xFF, 0xFE, 0x7B])).AAAA",
            // Deep, and long.
            text(payload: String(repeating: "[", count: 5_000)),
            text(payload: TestIssuer.claims(["x": "\"\(String(repeating: "a", count: 20_000))\""])),
        ]

    @Test(arguments: malformed.indices)
    func whatIsNoTokenIsMalformed(index: Int) {
        let text = Self.malformed[index]
        #expect(Self.refusal { _ = try WebexToken(Array(text.utf8)) } == .malformed)
    }

    @Test func base64HasOneSpelling() {
        for count in 0..<50 {
            let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count) }
            let text = Array(TestIssuer.base64(octets).utf8)
            #expect(WebexTokenBase64URL.decode(text[...]) == octets)
            if !text.isEmpty {
                #expect(WebexTokenBase64URL.decode((text + [UInt8(ascii: "=")])[...]) == nil)
            }
        }
        #expect(WebexTokenBase64URL.decode(ArraySlice("QQ".utf8)) == [0x41])
        #expect(WebexTokenBase64URL.decode(ArraySlice("QR".utf8)) == nil)
    }

    @Test func randomOctetsNeverTrap() {
        let seed: UInt64 = 0x5EED_000A
        print("seed \(seed)")
        var state = seed
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let good = Array(Self.text().utf8)
        for _ in 0..<2_000 {
            var octets = good
            for _ in 0...next() % 4 { octets[Int(next()) % octets.count] = next() }
            _ = try? WebexToken(octets)
        }
    }
}

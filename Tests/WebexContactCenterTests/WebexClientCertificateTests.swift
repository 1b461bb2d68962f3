// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JWTKit
import Testing
import X509

@testable import WebexContactCenter

@Suite struct WebexClientCertificateTests {
    private typealias Attribute = RelativeDistinguishedName.Attribute

    /// A certificate with that subject, in DER. What stands behind the signed part is never looked
    /// at, so it is left out.
    private static func certificate(_ subject: DistinguishedName) throws -> [UInt8] {
        let key = try Certificate.PrivateKey(pemEncoded: ES256PrivateKey().pemRepresentation)
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(bytes: [1, 2, 3]),
            publicKey: key.publicKey, notValidBefore: Date(timeIntervalSince1970: 0),
            notValidAfter: Date(timeIntervalSince1970: 4_000_000_000),
            issuer: try DistinguishedName {
                CommonName("authority.ciscoccservice.com")
                OrganizationName("Authority")
            },
            subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions(), issuerPrivateKey: key)
        return sequence(Array(certificate.tbsCertificateBytes) + [0x30, 0x00, 0x03, 0x01, 0x00])
    }

    private static func sequence(_ contents: [UInt8]) -> [UInt8] {
        let (high, low) = (UInt8(contents.count >> 8), UInt8(contents.count & 0xFF))
        let length: [UInt8] =
            contents.count < 0x80 ? [low] : high == 0 ? [0x81, low] : [0x82, high, low]
        return [0x30] + length + contents
    }

    private static func webex(
        _ name: String = "insight-orchestrator.intgus1.ciscoccservice.com",
        organization: String = "Cisco Systems Inc."
    ) throws -> [UInt8] {
        try certificate(
            DistinguishedName {
                CountryName("US")
                StateOrProvinceName("California")
                LocalityName("San Jose")
                OrganizationName(organization)
                CommonName(name)
            })
    }

    @Test func readsTheSubjectAndNotTheIssuer() throws {
        let certificate = try WebexClientCertificate(der: Self.webex())
        #expect(certificate.commonNames == ["insight-orchestrator.intgus1.ciscoccservice.com"])
        #expect(certificate.organizations == ["Cisco Systems Inc."])
    }

    @Test func webexItselfIsTaken() throws {
        let der = try Self.webex()
        for text in [
            "CN=*.ciscoccservice.com", "CN=*.ciscoccservice.com, O=Cisco Systems Inc.",
            "CN=*.intgus1.ciscoccservice.com,O=Cisco Systems Inc.",
            "CN=insight-orchestrator.intgus1.ciscoccservice.com",
            "CN=Insight-Orchestrator.INTGUS1.ciscoccservice.com",
        ] {
            #expect(try WebexClientCertificateRule(text).refusal(of: der) == nil)
        }
        let rule = try WebexClientCertificateRule("CN=*.ciscoccservice.com, O=Cisco Systems Inc.")
        #expect(
            try rule.refusal(of: Self.webex(organization: "cisco systems inc."))
                == .wrongOrganization)
        #expect(rule.refusal(of: nil) == .missing)
    }

    @Test(arguments: [
        "ciscoccservice.com", ".ciscoccservice.com", "a..ciscoccservice.com",
        "evilciscoccservice.com", "a.ciscoccservice.com.evil.example",
        "evil.example\u{0}.ciscoccservice.com", "*.ciscoccservice.com", "a b.ciscoccservice.com",
        "a.ciscoccservice.com.", "a.ciscoccservice.com ", "evil.example/a.ciscoccservice.com",
        "\u{212A}.ciscoccservice.com", "a.cisco\u{FF43}cservice.com", "",
        String(repeating: "a", count: 64) + ".ciscoccservice.com",
    ])
    func aNameThatOnlyLooksAlikeIsNot(name: String) throws {
        let rule = try WebexClientCertificateRule(commonName: "*.ciscoccservice.com")
        #expect(try rule.refusal(of: Self.webex(name)) == .wrongCommonName)
    }

    @Test func anExactNameIsExact() throws {
        let rule = try WebexClientCertificateRule(commonName: "a.example")
        for name in ["b.a.example", "a.example.", "xa.example", "*.example", "a-example"] {
            #expect(try rule.refusal(of: Self.webex(name)) == .wrongCommonName)
        }
        // A letter that becomes another one in lower case.
        let kelvin = try WebexClientCertificateRule(commonName: "k.example")
        #expect(try kelvin.refusal(of: Self.webex("\u{212A}.example")) == .wrongCommonName)
        #expect(try kelvin.refusal(of: Self.webex("K.example")) == nil)
    }

    @Test func whichOfSeveralNamesCountsNobodyCanTell() throws {
        let rule = try WebexClientCertificateRule("CN=*.ciscoccservice.com, O=Cisco Systems Inc.")
        let two = try Self.certificate(
            DistinguishedName {
                OrganizationName("Cisco Systems Inc.")
                CommonName("a.ciscoccservice.com")
                CommonName("evil.example")
            })
        #expect(rule.refusal(of: two) == .noSingleCommonName)
        let none = try Self.certificate(
            DistinguishedName { OrganizationName("Cisco Systems Inc.") })
        #expect(rule.refusal(of: none) == .noSingleCommonName)
        #expect(try rule.refusal(of: Self.certificate(DistinguishedName())) == .noSingleCommonName)
        let organizations = try Self.certificate(
            DistinguishedName {
                OrganizationName("Cisco Systems Inc.")
                OrganizationName("Evil")
                CommonName("a.ciscoccservice.com")
            })
        #expect(rule.refusal(of: organizations) == .wrongOrganization)
        let sameSet = try Self.certificate(
            DistinguishedName([
                RelativeDistinguishedName([
                    Attribute(
                        type: .RDNAttributeType.commonName, utf8String: "a.ciscoccservice.com"),
                    Attribute(type: .RDNAttributeType.commonName, utf8String: "evil.example"),
                ])
            ]))
        #expect(rule.refusal(of: sameSet) == .noSingleCommonName)
    }

    @Test func otherKindsOfTextAreRead() throws {
        let rule = try WebexClientCertificateRule("CN=*.ciscoccservice.com")
        let name = "a.ciscoccservice.com"
        for attribute in [
            try Attribute(type: .RDNAttributeType.commonName, printableString: name),
            try Attribute(type: .RDNAttributeType.commonName, ia5String: name),
            Attribute(type: .RDNAttributeType.commonName, utf8String: name),
        ] {
            let der = try Self.certificate(
                DistinguishedName([RelativeDistinguishedName([attribute])]))
            #expect(rule.refusal(of: der) == nil)
        }
    }

    @Test func damagedCertificatesAreUnreadableOrRefused() throws {
        let rule = try WebexClientCertificateRule("CN=*.ciscoccservice.com")
        let good = try Self.webex()
        #expect(rule.refusal(of: good) == nil)
        for count in 0..<good.count {
            #expect(rule.refusal(of: Array(good.prefix(count))) == .unreadable)
        }
        #expect(rule.refusal(of: good + [0]) == .unreadable)
        for index in good.indices {
            var damaged = good
            damaged[index] ^= 0xFF
            _ = rule.refusal(of: damaged)
        }
        // Indefinite and needlessly long lengths.
        for lengths in [[0x80], [0x81, 0x05], [0x82, 0x00, 0x90], [0xFF], [0x84, 1, 0, 0, 0]] {
            let der = [0x30] + lengths.map { UInt8($0) } + [UInt8](repeating: 0x30, count: 0x90)
            #expect(rule.refusal(of: der) == .unreadable)
        }
    }

    @Test(arguments: [
        ("*", WebexClientCertificateRule.ConfigurationError.badWildcard), ("*.com", .badWildcard),
        ("*.", .badWildcard), ("a.*.example.com", .badWildcard), ("*a.example.com", .badWildcard),
        ("*.*.example.com", .badWildcard), ("*..com", .badWildcard), ("", .badCommonName),
        ("\u{212A}.example", .badCommonName), ("a\n", .badCommonName),
    ])
    func rulesThatCannotBeMeantAreRefused(
        name: String, expected: WebexClientCertificateRule.ConfigurationError
    ) {
        #expect(throws: expected) { try WebexClientCertificateRule(commonName: name) }
    }

    @Test func aRuleHasOneForm() throws {
        for text in ["", "*.example.com", "O=x", "CN=a.example, OU=x", "cn=a.example", "CN=a,b"] {
            #expect(throws: WebexClientCertificateRule.ConfigurationError.badForm) {
                try WebexClientCertificateRule(text)
            }
        }
        #expect(throws: WebexClientCertificateRule.ConfigurationError.emptyOrganization) {
            try WebexClientCertificateRule("CN=a.example, O=")
        }
        #expect(
            try WebexClientCertificateRule("CN=a.example, O=Firm, Inc.")
                == WebexClientCertificateRule(commonName: "a.example", organization: "Firm, Inc."))
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GRPCTransport
import JWTKit
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import WebexContactCenter

/// The whole check with a scripted key server and a clock of its own.
@Suite(.timeLimit(.minutes(1))) struct WebexAuthenticatorTests {
    private struct Rig: Sendable {
        let issuer: TestIssuer
        let time = TestTime()
        let fetcher: ScriptedFetcher
        let keys: WebexIssuerKeys
        let authenticator: WebexAuthenticator
        let log = RecordedLog()
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

        init(
            _ answers: [WebexIssuerKeyResponse?]? = nil, certificates: String? = nil
        ) async throws {
            issuer = try await TestIssuer()
            fetcher = ScriptedFetcher(
                try answers ?? [WebexIssuerKeyResponse(status: 200, body: issuer.keySet())])
            let log = log
            let logger = Logger(label: "test") { _ in log }
            keys = WebexIssuerKeys(fetcher: fetcher, clock: time.clock, logger: logger)
            authenticator = WebexAuthenticator(
                requirements: WebexTokenRequirements(dataSourceURL: TestIssuer.url), keys: keys,
                logger: logger, clock: time.clock)
        }

        func check(_ authorization: String?) async throws -> WebexTokenRefusal? {
            try await authenticator.authenticate(authorization: authorization, on: eventLoop).get()
        }
    }

    private func good(_ issuer: TestIssuer) throws -> WebexIssuerKeyResponse {
        WebexIssuerKeyResponse(status: 200, body: try issuer.keySet())
    }

    @Test func aGoodTokenIsLetInAndRecognisedAfterwards() async throws {
        let rig = try await Rig()
        let token = try rig.issuer.token()
        for prefix in ["", "Bearer ", "bearer "] {
            let refusal = try await rig.check(prefix + token)
            #expect(refusal == nil)
        }
        #expect(rig.authenticator.counts.admitted == 3)
        #expect(rig.authenticator.counts.remembered == 2)
        #expect(rig.fetcher.urls == [TestIssuer.address + "/oauth2/v2/keys/verificationjwk"])
    }

    @Test func whoeverIsAdmittedNeedsNoToken() async throws {
        let anyone = WebexAuthenticator.admittingAnyone()
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let refusal = try await anyone.authenticate(authorization: nil, on: eventLoop).get()
        #expect(refusal == nil)
        #expect(anyone.counts.admitted == 1)
    }

    // MARK: Hostile tokens

    @Test func noTokenOfAStrangerCausesAFetch() async throws {
        let rig = try await Rig()
        let issuer = rig.issuer
        let cases: [(String?, WebexTokenRefusal)] = [
            (nil, .missing), ("", .missing), ("Bearer ", .missing), ("garbage", .malformed),
            (String(repeating: "A", count: 1_000_000), .malformed),
            (String(repeating: ".", count: 100_000), .malformed),
            (try issuer.token(["iss": "\"https://evil.example/idb\""]), .issuerNotAllowed),
            (try issuer.token(["iss": nil]), .issuerNotAllowed),
            (try issuer.token(["token_type": "\"Bearer\""]), .oauthToken),
            (try issuer.token(header: #"{"alg":"none"}"#), .algorithmNotAllowed),
            (try issuer.token(header: #"{"alg":"HS256","kid":"k-1"}"#), .algorithmNotAllowed),
            (try issuer.token(header: #"{"alg":"RS256","kid":"k-1","crit":["x"]}"#), .malformed),
            (try issuer.token(header: #"{"kid":"k-1"}"#), .algorithmNotAllowed),
        ]
        for (token, expected) in cases {
            let refusal = try await rig.check(token)
            #expect(refusal == expected)
        }
        #expect(rig.fetcher.fetchCount == 0)
        #expect(rig.authenticator.counts.refusals[.algorithmNotAllowed] == 3)
        #expect(rig.authenticator.counts.refusals[.missing] == 3)
    }

    @Test func aPublicKeyIsNoSharedSecret() async throws {
        let rig = try await Rig()
        let secrets = JWTKeyCollection()
        await secrets.add(
            hmac: HMACKey(from: rig.issuer.publicKey.pemRepresentation), digestAlgorithm: .sha256)
        let hmac = try await secrets.getKey()
        for algorithm in ["HS256", "RS256"] {
            let token = try rig.issuer.token(
                header: #"{"alg":"\#(algorithm)","kid":"k-1"}"#, payload: TestIssuer.claims(),
                signer: hmac)
            let refusal = try await rig.check(token)
            #expect(refusal == (algorithm == "HS256" ? .algorithmNotAllowed : .badSignature))
        }
    }

    @Test func anotherDigestIsAnotherSignature() async throws {
        let rig = try await Rig()
        let others = JWTKeyCollection()
        let key = try Insecure.RSA.PrivateKey(pem: TestIssuerKeys.first)
        await others.add(rsa: key, digestAlgorithm: .sha512, kid: "512")
        await others.add(pss: key, digestAlgorithm: .sha256, kid: "pss")
        for kid in ["512", "pss"] {
            let signer = try await others.getKey(for: JWKIdentifier(string: kid))
            let refusal = try await rig.check(try rig.issuer.token(signer: signer))
            #expect(refusal == .badSignature)
        }
    }

    @Test func noOctetOfATokenMayChange() async throws {
        let rig = try await Rig()
        let token = try rig.issuer.token()
        #expect(try await rig.check(token) == nil)
        let parts = token.split(separator: ".").map(String.init)
        let other = try await TestIssuer(TestIssuerKeys.second)
        let forged = [
            // Claims of one token with the signature of another.
            "\(parts[0]).\(TestIssuer.base64(Array(TestIssuer.claims(["exp": "1900000000"]).utf8))).\(parts[2])",
            "\(parts[0]).\(parts[1]).",
            "\(parts[0]).\(parts[1]).\(TestIssuer.base64([UInt8](repeating: 0, count: 256)))",
            "\(parts[0]).\(parts[1]).\(TestIssuer.base64([UInt8](repeating: 0xFF, count: 256)))",
            "\(parts[0]).\(parts[1]).\(parts[2].dropLast(2))",
            try other.token(),
        ]
        for token in forged {
            let refusal = try await rig.check(token)
            #expect(refusal == .badSignature)
        }
        #expect(rig.authenticator.counts.admitted == 1)
    }

    @Test func aHeaderMayNameItsKeyTwiceButNotEscapeIt() async throws {
        let rig = try await Rig()
        for header in [
            #"{"alg":"RS256","kid":"k-1","kid":"k-9"}"#,
            #"{"alg":"RS256","kid":"k-9","kid":"k-1"}"#,
            #"{"alg":"none","alg":"RS256","kid":"k-1"}"#,
            #"{"alg":"RS256","alg":"none","kid":"k-1"}"#,
        ] {
            let forged = try rig.issuer.token(
                header: header, payload: TestIssuer.claims(),
                signer: try await JWTKeyCollection().add(
                    hmac: HMACKey(from: String(repeating: "x", count: 64)), digestAlgorithm: .sha256
                ).getKey())
            let refusal = try await rig.check(forged)
            #expect(
                refusal == .badSignature || refusal == .unknownKey
                    || refusal == .algorithmNotAllowed)
        }
    }

    @Test func anIssuerMayUseAKeyIdentifierTwice() async throws {
        let first = try await TestIssuer()
        let second = try await TestIssuer(TestIssuerKeys.second)
        let body = Array(#"{"keys":[\#(try second.jwk()),\#(try first.jwk())]}"#.utf8)
        let rig = try await Rig([WebexIssuerKeyResponse(status: 200, body: body)])
        for issuer in [first, second] {
            let refusal = try await rig.check(try issuer.token())
            #expect(refusal == nil)
        }
    }

    @Test func claimsAreLookedAtOnlyWithAGoodSignature() async throws {
        let rig = try await Rig()
        let other = try await TestIssuer(TestIssuerKeys.second)
        let bad: [String: String?] = ["exp": "1", "com.cisco.datasource.url": "\"x\""]
        #expect(try await rig.check(try other.token(bad)) == .badSignature)
        #expect(try await rig.check(try rig.issuer.token(bad)) == .expired)
    }

    @Test(arguments: [
        ("com.cisco.datasource.url", "\"https://media.example.com\"", WebexTokenRefusal.wrongURL),
        ("com.cisco.datasource.schema.uuid", "\"x\"", .wrongSchema), ("jti", "null", .missingClaim),
        ("exp", "1799999970", .expired), ("nbf", "1800000031", .notYetValid),
        ("exp", "1e18", .malformed),
    ])
    func aSignedTokenCanStillBeForSomebodyElse(
        name: String, value: String, expected: WebexTokenRefusal
    ) async throws {
        let rig = try await Rig()
        let refusal = try await rig.check(try rig.issuer.token([name: value]))
        #expect(refusal == expected)
        #expect(rig.authenticator.counts.admitted == 0)
    }

    // MARK: Time and keys

    @Test func aRecognisedTokenEndsAllTheSame() async throws {
        let rig = try await Rig()
        let token = try rig.issuer.token()
        #expect(try await rig.check(token) == nil)
        rig.time.advance(by: .seconds(3_629))
        #expect(try await rig.check(token) == nil)
        rig.time.advance(by: .seconds(1))
        #expect(try await rig.check(token) == .expired)
    }

    @Test func oneFetchServesEverybodyWhoWaits() async throws {
        let rig = try await Rig()
        rig.fetcher.hold()
        let token = try rig.issuer.token()
        let waiting = (0..<500).map { _ in
            rig.authenticator.authenticate(authorization: token, on: rig.eventLoop)
        }
        var arrivals = rig.fetcher.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        rig.fetcher.release()
        for future in waiting {
            let refusal = try await future.get()
            #expect(refusal == nil)
        }
        #expect(rig.fetcher.fetchCount == 1)
        #expect(rig.authenticator.counts.admitted == 500)
    }

    @Test func anIssuerOutOfReachIsTriedFourTimes() async throws {
        let rig = try await Rig([nil])
        #expect(try await rig.check(try rig.issuer.token()) == .keyUnavailable)
        #expect(rig.fetcher.fetchCount == 4)
        #expect(
            rig.time.sleeps == [.milliseconds(1_000), .milliseconds(2_000), .milliseconds(4_000)])
        // In the pause afterwards nobody waits.
        #expect(try await rig.check(try rig.issuer.token()) == .keyUnavailable)
        #expect(rig.fetcher.fetchCount == 4)
        rig.fetcher.set([try good(rig.issuer)])
        rig.time.advance(by: .seconds(10))
        #expect(try await rig.check(try rig.issuer.token()) == nil)
    }

    @Test func aBusyIssuerIsAskedAgainWhenItSaysSo() async throws {
        let issuer = try await TestIssuer()
        let rig = try await Rig([
            WebexIssuerKeyResponse(status: 429, retryAfter: "5"),
            WebexIssuerKeyResponse(status: 503, retryAfter: "9"),
            WebexIssuerKeyResponse(status: 200, body: Array("[]".utf8)),
            try good(issuer),
        ])
        #expect(try await rig.check(try issuer.token()) == nil)
        #expect(
            rig.time.sleeps == [.milliseconds(5_000), .milliseconds(2_000), .milliseconds(4_000)])
    }

    @Test func redirectsAndErrorsBringNoKeys() async throws {
        let issuer = try await TestIssuer()
        for status in [204, 301, 302, 400, 404, 500] {
            let rig = try await Rig([
                WebexIssuerKeyResponse(status: status, body: try issuer.keySet())
            ])
            #expect(try await rig.check(try issuer.token()) == .keyUnavailable)
        }
    }

    @Test func oldKeysServeWhileTheIssuerIsDown() async throws {
        let rig = try await Rig()
        let far: [String: String?] = ["exp": "\(TestIssuer.start + 500_000)"]
        let token = try rig.issuer.token(far)
        #expect(try await rig.check(token) == nil)
        rig.fetcher.set([nil])
        rig.time.advance(by: .seconds(4_000))
        // A token that is known never waits, and a new one for the first failed try at most.
        #expect(try await rig.check(token) == nil)
        let fresh = try rig.issuer.token(["jti": "\"j-2\"", "exp": "\(TestIssuer.start + 500_000)"])
        #expect(try await rig.check(fresh) == nil)
        rig.time.advance(by: .seconds(90_000))
        #expect(try await rig.check(token) == .keyUnavailable)
    }

    @Test func aKeyThatWasWithdrawnTakesItsTokensWithIt() async throws {
        let rig = try await Rig()
        let token = try rig.issuer.token()
        #expect(try await rig.check(token) == nil)
        let second = try await TestIssuer(TestIssuerKeys.second, kid: "k-2")
        rig.fetcher.set([try good(second)])
        // A token of the new key makes the keys be fetched before they are due.
        #expect(try await rig.check(try second.token()) == nil)
        #expect(rig.fetcher.fetchCount == 2)
        #expect(try await rig.check(token) == .unknownKey)
    }

    @Test func unknownKeysAreLookedForOnceAMinute() async throws {
        let rig = try await Rig()
        for index in 0..<20 {
            let token = try rig.issuer.token(header: #"{"alg":"RS256","kid":"x-\#(index)"}"#)
            #expect(try await rig.check(token) == .unknownKey)
        }
        #expect(rig.fetcher.fetchCount == 2)
        rig.time.advance(by: .seconds(60))
        let token = try rig.issuer.token(header: #"{"alg":"RS256","kid":"y"}"#)
        #expect(try await rig.check(token) == .unknownKey)
        #expect(rig.fetcher.fetchCount == 3)
    }

    // MARK: The log

    @Test func theLogHasReasonsAndHostsAndNothingOfATokenElse() async throws {
        let rig = try await Rig()
        let token = try rig.issuer.token(["sub": "\"very-private\"", "exp": "1"])
        for _ in 0..<50 { _ = try await rig.check(token) }
        _ = try await rig.check(
            try rig.issuer.token(["iss": "\"https://evil.example/private-path\""]))
        let lines = rig.log.lines
        #expect(lines.contains { $0.contains("reason=expired") })
        #expect(lines.contains { $0.contains("issuer_host=evil.example") })
        #expect(lines.filter { $0.contains("reason=expired") }.count == 1)
        for line in lines {
            #expect(!line.contains("private"))
            #expect(!line.contains(token.prefix(20)))
            #expect(!line.contains(TestIssuer.url))
        }
        rig.time.advance(by: .seconds(1))
        _ = try await rig.check(token)
        #expect(rig.log.lines.contains { $0.contains("suppressed=49") })
    }

    private static let hosts: [(String, String?)] = [
        ("https://idbroker.webex.com/idb", "idbroker.webex.com"),
        ("http://127.0.0.1:80/x", "127.0.0.1"), ("https://a b/", nil), ("https://", nil),
        ("ftp://host/", nil), ("https://evil\nline/", nil), ("https://usér.example", nil),
        ("https://" + String(repeating: "a", count: 300), nil), ("", nil),
    ]

    @Test func onlyHostsGetIntoTheLog() {
        for (issuer, host) in Self.hosts {
            #expect(WebexAuthenticator.loggableHost(of: issuer) == host)
        }
    }

    @Test func thePeerLearnsTheReasonOnly() {
        for refusal in WebexTokenRefusal.allCases {
            #expect(
                refusal.status.code == (refusal == .internal ? .internalError : .unauthenticated))
            #expect(refusal.status.message.count < 60)
        }
    }
}

/// Keeps the lines of a log.
final class RecordedLog: LogHandler {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
        let line = "\(event.level) \(event.message) \(values.joined(separator: " "))"
        recorded.withLock { $0.append(line) }
    }
}

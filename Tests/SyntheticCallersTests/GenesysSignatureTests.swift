// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing

@Suite struct GenesysSignatureTests {
    /// The published example of the AudioHook signature.
    @Test func publishedExampleIsReproduced() {
        let signature = GenesysSignature(
            target: "/api/v1/voicebiometrics/ws", authority: "audiohook.example.com",
            organization: "d7934305-0972-4844-938e-9060eef73d05",
            session: "30b0e395-84d3-4570-ac13-9a62d8f514c0",
            correlation: "e160e428-53e2-487c-977d-96989bf5c99d",
            key: "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh",
            secret: Array("MySuperSecretKeyTellNo-1!2@3#4$5".utf8),
            nonce: "VGhpc0lzQVVuaXF1ZU5vbmNl", created: 1_641_013_200, expires: 3_282_026_430)
        #expect(signature.signature == "NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=")
    }

    @Test func headersOfASignedCall() throws {
        var options = GenesysCallOptions(seed: 1)
        options.credentials = try .init(key: "a2V5", secret: "c2VjcmV0")
        let platform = GenesysPlatform(
            options: options, script: CallerScript(steps: []), keepsAudio: false)
        let headers = platform.headers(
            target: "/bots/a?x=1", authority: "example.com:8443", unixTime: 1_700_000_000)
        let values = Dictionary(uniqueKeysWithValues: headers)
        #expect(values["Audiohook-Organization-Id"] == options.organization)
        #expect(values["Audiohook-Session-Id"] == options.session)
        #expect(values["Audiohook-Correlation-Id"] == options.correlation)
        #expect(values["X-API-KEY"] == "a2V5")
        let input = try #require(values["Signature-Input"])
        #expect(input.contains("created=1700000000;expires=1700000010"))
        #expect(values["Signature"]?.hasPrefix("sig1=:") == true)
        let nonce = try #require(input.split(separator: "nonce=\"").last?.prefix { $0 != "\"" })
        #expect(nonce.count >= 22)
    }

    @Test func withoutCredentialsNothingIsSigned() {
        let platform = GenesysPlatform(
            options: GenesysCallOptions(seed: 1), script: CallerScript(steps: []),
            keepsAudio: false)
        let headers = platform.headers(target: "/", authority: "a", unixTime: 0)
        #expect(headers.map(\.0).allSatisfy { $0.hasPrefix("Audiohook-") })
        #expect(headers.count == 3)
    }

    @Test(arguments: ["not base64!", ""])
    func aSecretThatIsNotBase64IsAnError(_ secret: String) {
        #expect(throws: GenesysCallOptions.Credentials.Unusable.secretNotBase64) {
            try GenesysCallOptions.Credentials(key: "a2V5", secret: secret)
        }
    }

    @Test(
        arguments: [
            (0, "PT0S"), (1_250_000_000, "PT1.25S"), (125_000, "PT0.000125S"),
            (40_000_000_000, "PT40S"),
        ] as [(Int64, String)])
    func durationsAreWrittenInSeconds(_ nanoseconds: Int64, _ text: String) {
        let duration = MediaDuration(nanoseconds: nanoseconds)
        #expect(GenesysDuration.text(duration) == text)
        #expect(GenesysDuration.parse(text) == duration)
    }

    @Test(arguments: [
        "", "PTS", "PT1", "1S", "PT1.S", "PT-1S", "PT1M", "PT1e3S", "PT1.2.3S", "P1S",
    ])
    func whatIsNoDurationIsRefused(_ text: String) {
        #expect(GenesysDuration.parse(text) == nil)
    }

    @Test func aFractionMayStandAlone() {
        #expect(GenesysDuration.parse("PT.5S") == .milliseconds(500))
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GenesysAudioHook
import Testing

@Suite struct GenesysDurationTests {
    @Test(
        arguments: [
            ("PT0S", 0), ("PT1.25S", 1_250_000_000), ("PT.5S", 500_000_000),
            ("PT0.000125S", 125_000),
            ("PT007S", 7_000_000_000), ("PT1.0000000019S", 1_000_000_001),
            ("PT12.40S", 12_400_000_000),
            ("PT1000000000S", 1_000_000_000_000_000_000),
        ] as [(String, Int64)])
    func readsSecondsExactly(text: String, nanoseconds: Int64) {
        #expect(GenesysDuration.parse(text) == MediaDuration(nanoseconds: nanoseconds))
    }

    @Test(arguments: [
        "", "PT", "PTS", "PT.S", "PT1.S", "PT1", "1S", "PT-1S", "PT+1S", "pt1s", "PT1M", "PT1H2S",
        "PT1.2.3S",
        "PT1,5S", "PT1e3S", " PT1S", "PT1S ", "PT1000000001S", "PT99999999999999999999S", "PT١S",
        "P1S",
        "PT1.000000000xS",
    ])
    func refusesEverythingElse(text: String) {
        #expect(GenesysDuration.parse(text) == nil)
    }

    @Test(
        arguments: [
            (0, "PT0S"), (1_250_000_000, "PT1.25S"), (40_000_000_000, "PT40S"),
            (1, "PT0.000000001S"),
            (125_000, "PT0.000125S"), (-5, "PT0S"),
        ] as [(Int64, String)])
    func writesTheShortestText(nanoseconds: Int64, text: String) {
        #expect(GenesysDuration.text(of: MediaDuration(nanoseconds: nanoseconds)) == text)
    }
}

@Suite struct GenesysIdentifierTests {
    @Test(arguments: [
        "d7934305-0972-4844-938e-9060eef73d05", "D7934305-0972-1844-A38E-9060EEF73D05",
        "00000000-0000-0000-0000-000000000000", "d7934305-0972-5844-b38e-9060eef73d05",
    ])
    func acceptsVersionsOneToFiveAndTheNullOne(text: String) {
        #expect(GenesysIdentifier(text)?.text == text)
    }

    @Test(arguments: [
        "", "d7934305-0972-0844-938e-9060eef73d05", "d7934305-0972-6844-938e-9060eef73d05",
        "d7934305-0972-4844-738e-9060eef73d05", "d7934305-0972-4844-c38e-9060eef73d05",
        "d793430500972-4844-938e-9060eef73d05", "g7934305-0972-4844-938e-9060eef73d05",
        "{d7934305-0972-4844-938e-9060eef73d05}", "d7934305-0972-4844-938e-9060eef73d0",
        "d7934305-0972-4844-938e-9060eef73d055", "00000000-0000-0000-0000-00000000000-",
    ])
    func refusesEverythingElse(text: String) {
        #expect(GenesysIdentifier(text) == nil)
    }

    @Test func equalityIgnoresCaseAndTheSpellingIsKept() throws {
        let lower = try #require(GenesysIdentifier("d7934305-0972-4844-938e-9060eef73d05"))
        let upper = try #require(GenesysIdentifier("D7934305-0972-4844-938E-9060EEF73D05"))
        #expect(lower == upper)
        #expect(Set([lower, upper]).count == 1)
        #expect(upper.description == "D7934305-0972-4844-938E-9060EEF73D05")
    }
}

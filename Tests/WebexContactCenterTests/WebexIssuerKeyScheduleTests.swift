// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import WebexContactCenter

/// The schedule on a virtual clock; seconds since its start.
@Suite struct WebexIssuerKeyScheduleTests {
    private let first: WebexIssuerKeySet
    private let second: WebexIssuerKeySet

    init() async throws {
        first = try await WebexIssuerKeySet(reading: TestIssuer().keySet())
        second = try await WebexIssuerKeySet(
            reading: TestIssuer(TestIssuerKeys.second, kid: "k-2").keySet())
    }

    private func at(_ seconds: Double) -> MediaInstant {
        MediaInstant(nanoseconds: 0) + .seconds(seconds)
    }

    private static let hour = MediaDuration.milliseconds(3_600_000)

    private func name(_ answer: WebexIssuerKeySchedule.Answer?) -> String {
        switch answer {
        case nil: "wait"
        case .unknownKey: "unknown"
        case .unavailable: "unavailable"
        case .keys(let keys, let generation): "\(keys.count) of \(generation)"
        }
    }

    private func fresh() -> WebexIssuerKeySchedule {
        var schedule = WebexIssuerKeySchedule()
        _ = schedule.find("k-1", at: at(0))
        schedule.fetched(first, lifetime: Self.hour, at: at(0))
        return schedule
    }

    @Test func theFirstQuestionFetchesAndTheOthersWait() {
        var schedule = WebexIssuerKeySchedule()
        let lookup = schedule.find("k-1", at: at(0))
        #expect(name(lookup.answer) == "wait" && lookup.beginsFetch)
        for _ in 0..<10 {
            let other = schedule.find("k-1", at: at(0.1))
            #expect(name(other.answer) == "wait" && !other.beginsFetch)
        }
        #expect(name(schedule.settle("k-1", at: at(0.2))) == "wait")
        schedule.fetched(first, lifetime: Self.hour, at: at(0.3))
        #expect(name(schedule.settle("k-1", at: at(0.3))) == "1 of 1")
        #expect(name(schedule.settle("k-9", at: at(0.3))) == "unknown")
        let after = schedule.find("k-1", at: at(0.4))
        #expect(name(after.answer) == "1 of 1" && !after.beginsFetch)
    }

    @Test func keysAreFetchedAnewBeforeTheyGrowOld() {
        var schedule = fresh()
        #expect(!schedule.find("k-1", at: at(2_699)).beginsFetch)
        let due = schedule.find("k-1", at: at(2_700))
        #expect(name(due.answer) == "1 of 1" && due.beginsFetch)
        #expect(!schedule.find("k-1", at: at(2_701)).beginsFetch)
    }

    @Test func tokensThatAreRecognisedKeepTheKeysFreshToo() {
        var schedule = fresh()
        #expect(schedule.currentGeneration(at: at(10)) == (1, false))
        #expect(schedule.currentGeneration(at: at(2_700)) == (1, true))
        #expect(schedule.currentGeneration(at: at(2_700)) == (1, false))
        schedule.fetched(first, lifetime: Self.hour, at: at(2_701))
        #expect(schedule.currentGeneration(at: at(2_702)) == (1, false))
        var empty = WebexIssuerKeySchedule()
        #expect(empty.currentGeneration(at: at(0)) == (nil, false))
    }

    @Test func otherKeysAreAnotherGeneration() {
        var schedule = fresh()
        schedule.fetched(second, lifetime: Self.hour, at: at(1))
        #expect(schedule.generation == 2)
        #expect(name(schedule.settle("k-1", at: at(1))) == "unknown")
        #expect(name(schedule.settle("k-2", at: at(1))) == "1 of 2")
    }

    @Test func oldKeysAreNotUsedBeforeNewOnesWereAskedFor() {
        var schedule = fresh()
        let lookup = schedule.find("k-1", at: at(3_600))
        #expect(name(lookup.answer) == "wait" && lookup.beginsFetch)
        // The first failed try is enough to fall back, the further ones go on behind.
        #expect(schedule.failed(retryAfter: nil, at: at(3_601)) == .milliseconds(1_000))
        #expect(name(schedule.settle("k-1", at: at(3_601))) == "1 of 1")
        let later = schedule.find("k-1", at: at(3_602))
        #expect(name(later.answer) == "1 of 1" && !later.beginsFetch)
    }

    @Test func failuresAreRetriedAfterOneTwoAndFourSeconds() {
        var schedule = WebexIssuerKeySchedule()
        _ = schedule.find("k-1", at: at(0))
        #expect(schedule.failed(retryAfter: nil, at: at(0)) == .milliseconds(1_000))
        #expect(name(schedule.settle("k-1", at: at(0))) == "wait")
        #expect(schedule.failed(retryAfter: nil, at: at(1)) == .milliseconds(2_000))
        #expect(schedule.failed(retryAfter: nil, at: at(3)) == .milliseconds(4_000))
        #expect(schedule.failed(retryAfter: nil, at: at(7)) == nil)
        #expect(name(schedule.settle("k-1", at: at(7))) == "unavailable")
        // A pause follows, in which nobody waits.
        let paused = schedule.find("k-1", at: at(16.9))
        #expect(name(paused.answer) == "unavailable" && !paused.beginsFetch)
        let again = schedule.find("k-1", at: at(17))
        #expect(name(again.answer) == "wait" && again.beginsFetch)
        #expect(schedule.failed(retryAfter: nil, at: at(17)) == .milliseconds(1_000))
    }

    @Test func theIssuerSaysWhenToComeBack() {
        var schedule = WebexIssuerKeySchedule()
        _ = schedule.find("k-1", at: at(0))
        #expect(schedule.failed(retryAfter: .seconds(7), at: at(0)) == .milliseconds(7_000))
        #expect(schedule.failed(retryAfter: .seconds(120), at: at(7)) == nil)
        #expect(!schedule.find("k-1", at: at(126)).beginsFetch)
        #expect(schedule.find("k-1", at: at(127)).beginsFetch)
        // Nobody may send us away for a day.
        #expect(schedule.failed(retryAfter: .seconds(86_400), at: at(127)) == nil)
        #expect(schedule.find("k-1", at: at(127 + 3_600)).beginsFetch)
    }

    @Test func staleKeysServeForADay() {
        var schedule = fresh()
        _ = schedule.find("k-1", at: at(3_600))
        for instant in [3_600, 3_601, 3_603, 3_607] {
            _ = schedule.failed(retryAfter: nil, at: at(Double(instant)))
        }
        #expect(name(schedule.find("k-1", at: at(3_608)).answer) == "1 of 1")
        #expect(schedule.find("k-1", at: at(3_618)).beginsFetch)
        #expect(schedule.currentGeneration(at: at(89_999)).generation == 1)
        #expect(schedule.currentGeneration(at: at(90_000)).generation == nil)
        #expect(name(schedule.find("k-1", at: at(90_000)).answer) == "wait")
        schedule.fetched(first, lifetime: Self.hour, at: at(90_001))
        #expect(name(schedule.find("k-1", at: at(90_002)).answer) == "1 of 1")
    }

    @Test func anUnknownKeyCausesOneFetchAMinute() {
        var schedule = fresh()
        let lookup = schedule.find("k-2", at: at(10))
        #expect(name(lookup.answer) == "wait" && lookup.beginsFetch)
        #expect(name(schedule.find("k-3", at: at(10)).answer) == "wait")
        #expect(name(schedule.find("k-1", at: at(10)).answer) == "1 of 1")
        schedule.fetched(first, lifetime: Self.hour, at: at(11))
        for second in [12.0, 30, 69.9] {
            let other = schedule.find("k-\(second)", at: at(second))
            #expect(name(other.answer) == "unknown" && !other.beginsFetch)
        }
        #expect(schedule.find("k-2", at: at(70)).beginsFetch)
        schedule.fetched(second, lifetime: Self.hour, at: at(71))
        #expect(name(schedule.settle("k-2", at: at(71))) == "1 of 2")
    }

    @Test func aTokenThatNamesNoKeyCanMeanAnOnlyOne() async throws {
        #expect(first.candidates(for: nil).count == 1)
        let issuer = try await TestIssuer()
        let two = try await WebexIssuerKeySet(
            reading: Array(#"{"keys":[\#(issuer.jwk()),\#(issuer.jwk(kid: "b"))]}"#.utf8))
        #expect(two.candidates(for: nil).isEmpty)
        #expect(two.candidates(for: "b").count == 1)
    }

    @Test func keysOfNoUseArePassedOver() async throws {
        let issuer = try await TestIssuer()
        let short =
            #"{"kty":"RSA","kid":"short","e":"AQAB","n":"\#(TestIssuerKeys.shortModulus)"}"#
        let others = [
            #"{"kty":"EC","kid":"ec","crv":"P-256","x":"AA","y":"AA"}"#, #"{"kty":"oct","k":"AA"}"#,
            #"{"kty":"RSA","kid":"bad","n":"!!","e":"AQAB"}"#, #"{"kty":"RSA","kid":"none"}"#,
            #"{"kty":"RSA","kid":7,"n":"AA","e":"AA"}"#, "7", "null", "[]", short,
            #"{"kty":"RSA","kid":"zero","n":"AAAA","e":"AA"}"#,
            try issuer.jwk(kid: "enc").replacing(#""sig""#, with: #""enc""#),
            try issuer.jwk(kid: "512", extra: #","alg":"RS512""#),
            try issuer.jwk(kid: "good", extra: #","alg":"RS256","x5t":"?","new":{"a":[1]}"#),
        ]
        let set = try await WebexIssuerKeySet(
            reading: Array(#"{"x":1,"keys":[\#(others.joined(separator: ","))]}"#.utf8))
        #expect(set.candidates(for: "good").count == 1)
        // The only one that is left.
        #expect(set.candidates(for: nil).count == 1)
        for text in ["", "{}", "[]", #"{"keys":{}}"#, #"{"keys":"x"}"#] {
            await #expect(throws: WebexIssuerKeySet.Failure.unreadable) {
                try await WebexIssuerKeySet(reading: Array(text.utf8))
            }
        }
        for text in [#"{"keys":[]}"#, #"{"keys":[\#(short)]}"#] {
            await #expect(throws: WebexIssuerKeySet.Failure.noUsableKey) {
                try await WebexIssuerKeySet(reading: Array(text.utf8))
            }
        }
    }

    private static let lifetimes: [(String?, Int64)] = [
        (nil, 3_600), ("", 3_600), ("public, max-age=21600", 21_600),
        ("MAX-AGE=600", 600), ("max-age=5", 60), ("max-age=999999999999999999999", 86_400),
        ("no-store, max-age=600", 60), ("no-cache", 60), ("max-age=abc", 3_600),
        ("max-age=-1", 3_600), ("s-maxage=10", 3_600), ("  max-age=120  ,x", 120),
    ]

    @Test func lifetimesAreTheIssuersWithinBounds() {
        for (header, seconds) in Self.lifetimes {
            #expect(
                WebexIssuerKeys.lifetime(cacheControl: header) == .milliseconds(seconds * 1_000))
        }
    }

    @Test func retryAfterIsSeconds() {
        #expect(WebexIssuerKeys.retryAfter(" 12 ") == .seconds(12))
        #expect(WebexIssuerKeys.retryAfter("Wed, 21 Oct 2026 07:28:00 GMT") == nil)
        #expect(WebexIssuerKeys.retryAfter(nil) == nil)
        #expect(WebexIssuerKeys.retryAfter("-3") == nil)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SpeechDetection
import Testing

@testable import MediaEngine

@Suite struct DigitMatcherTests {
    /// Steps of `h` (heard) or `s` (signalled), key and time in ms; the keys that were news.
    private func news(_ steps: [(Character, Character, Int64)]) -> String {
        var matcher = DigitMatcher(window: .milliseconds(500))
        return String(
            steps.compactMap { source, key, time in
                DTMFDigit(key).flatMap { digit in
                    matcher.isNew(
                        digit, from: source == "h" ? .heard : .signalled,
                        at: MediaInstant(nanoseconds: time * 1_000_000)) ? key : nil
                }
            })
    }

    @Test(
        arguments: [
            // One press that came both ways, in either order.
            ([("h", "5", 0), ("s", "5", 120)], "5"),
            ([("s", "5", 0), ("h", "5", 60)], "5"),
            // The same key twice.
            ([("h", "5", 0), ("s", "5", 120), ("h", "5", 200), ("s", "5", 320)], "55"),
            ([("h", "5", 0), ("h", "5", 200), ("s", "5", 260), ("s", "5", 300)], "55"),
            ([("h", "5", 0), ("h", "5", 200)], "55"),
            // Too far apart, or another key.
            ([("h", "5", 0), ("s", "5", 501)], "55"),
            ([("h", "5", 0), ("s", "6", 10)], "56"),
            // An input that comes whole after it was heard.
            ([("h", "1", 0), ("h", "2", 150), ("s", "1", 400), ("s", "2", 400)], "12"),
        ] as [([(Character, Character, Int64)], String)])
    func aPressIsToldOnce(steps: [(Character, Character, Int64)], expected: String) {
        #expect(news(steps) == expected)
    }

    @Test func aFloodOfKeysForgetsTheOldest() {
        let flood = (0..<100).map { (Character("h"), Character("\($0 % 10)"), Int64($0)) }
        #expect(news(flood).count == 100)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The pauses between the digits that a caller reads out.
///
/// After two digits or more a pause half as long again as the longest so far, and a bit, is not one
/// of them.
struct DigitRhythm: Sendable {
    private var longest = 0
    private var pauses = 0

    /// Takes a pause inside a turn that the caller ended by going on; all in samples.
    mutating func observe(pause: Int, second: Int) {
        // Shorter ones are closures of stop consonants within a word.
        guard pause >= second * 8 / 100 else { return }
        longest = max(longest, pause)
        pauses += 1
    }

    /// The silence after which no further digit follows, nil while there is no rhythm yet.
    func silence(second: Int) -> Int? {
        pauses < 2 ? nil : longest * 3 / 2 + second * 16 / 100
    }
}

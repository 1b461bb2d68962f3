// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SpeechDetection
import Testing

@Suite struct BargeInDetectorTests {
    /// Blocks of 10 ms: `v` voiced and `-` not while the bot is audible, `V` and `_` while it is not.
    private func fires(_ pattern: String) -> [Int] {
        var detector = BargeInDetector(rate: .hz8000)
        return pattern.enumerated().compactMap { index, character in
            detector.observe(
                isVoiced: character == "v" || character == "V", blockLength: 80,
                botIsAudible: character == "v" || character == "-") ? index : nil
        }
    }

    @Test(
        arguments: [
            ("--------vvvvvvvvvv", [17]),
            // Once per interruption.
            ("vvvvvvvvvvvvvvvvvvvvvvvvvvvvvv", [9]),
            // A cough of 60 ms is not enough, twice either when there is time between.
            ("vvvvvv------------vvvvvv------------", []),
            // A stop consonant in a word does not start again from nothing.
            ("vvvvvv--vvvvvvvv", [12]),
            // Armed again after a pause.
            ("vvvvvvvvvv----------------------vvvvvvvvvv", [9, 41]),
            // The voice that was there before the bot must go on over it.
            ("VVVVVVVVVVVVVVVV---------", []),
            ("VVVVVVVVVVVVVVVVvvvvvvvvvv", [25]),
        ] as [(String, [Int])])
    func evidenceDecides(pattern: String, expected: [Int]) {
        #expect(fires(pattern) == expected)
    }
}

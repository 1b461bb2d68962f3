// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Trained numbers as the source holds them: decimal integers in a text.
///
/// Text, because a compiler takes minutes over an array of thousands of literals. Read once, when
/// the first detector is made.
enum WeightTable {
    /// - Precondition: `text` is integers between blanks or line ends.
    static func integers(_ text: String) -> [Int] {
        text.split(whereSeparator: \.isWhitespace).map { word in
            guard let integer = Int(word) else {
                preconditionFailure("A table of weights holds integers")
            }
            return integer
        }
    }

    /// The integers of `text` divided by `scale`.
    static func numbers(_ text: String, scale: Float) -> [Float] {
        integers(text).map { Float($0) / scale }
    }
}

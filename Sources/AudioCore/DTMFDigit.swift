// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A key the caller pressed: one of `0`-`9`, `*`, `#`, `A`-`D`.
///
/// Digits may be card numbers or PINs, so no way of printing, dumping or reflecting shows which one
/// it is: every digit reads `•`. Only code that asks for ``key``, or for the tones of it, sees it.
public struct DTMFDigit: Hashable, Sendable {
    /// Place on the keypad: four rows of four columns.
    private let place: UInt8

    private static let keypad: [Character] = Array("123A456B789C*0#D")

    /// - Returns: nil unless `key` is on the keypad; `a`-`d` mean `A`-`D`.
    public init?(_ key: Character) {
        guard let value = key.asciiValue else { return nil }
        let upper = (0x61...0x64).contains(value) ? value - 0x20 : value
        let wanted = Character(Unicode.Scalar(upper))
        guard let index = Self.keypad.firstIndex(of: wanted) else { return nil }
        place = UInt8(index)
    }

    /// The key in a row (0 is the lowest tone of the low group) and a column (likewise).
    ///
    /// - Precondition: both are within 0...3.
    public init(row: Int, column: Int) {
        precondition(
            (0...3).contains(row) && (0...3).contains(column), "A keypad has 4 rows and 4 columns")
        place = UInt8(row * 4 + column)
    }

    /// The key itself: for the bot, never for a log.
    public var key: Character { Self.keypad[Int(place)] }

    /// Every key of the pad, row by row.
    public static let all: [DTMFDigit] = (0..<16).map {
        DTMFDigit(row: $0 / 4, column: $0 % 4)
    }
}

extension DTMFDigit: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "•" }
    public var debugDescription: String { "•" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The two tones of a key (ITU-T Q.23).
extension DTMFDigit {
    /// Frequencies of the rows, in hertz.
    public static let rowFrequencies: [Double] = [697, 770, 852, 941]
    /// Frequencies of the columns, in hertz.
    public static let columnFrequencies: [Double] = [1209, 1336, 1477, 1633]

    /// The frequency of the key's row, in hertz.
    public var lowFrequency: Double { Self.rowFrequencies[Int(place) / 4] }
    /// The frequency of the key's column, in hertz.
    public var highFrequency: Double { Self.columnFrequencies[Int(place) % 4] }
}

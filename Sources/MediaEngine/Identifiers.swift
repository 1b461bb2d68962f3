// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// One stretch of bot audio that belongs together: a prompt, an answer. Unique within a call.
public struct ResponseID: Hashable, Comparable, Sendable {
    public let number: UInt32

    public init(number: UInt32) {
        self.number = number
    }

    public static func < (left: ResponseID, right: ResponseID) -> Bool {
        left.number < right.number
    }
}

/// Counts the clears of a call: audio of an earlier generation must never be heard again.
public struct Generation: Hashable, Comparable, Sendable {
    public let number: UInt32

    public init(number: UInt32) {
        self.number = number
    }

    public static func < (left: Generation, right: Generation) -> Bool {
        left.number < right.number
    }

    var next: Generation { Generation(number: number &+ 1) }
}

/// A point in a response that the bot wants to hear about; the bot chooses the number.
public struct MarkID: Hashable, Sendable {
    public let number: UInt64

    public init(number: UInt64) {
        self.number = number
    }
}

/// One turn of the caller, counted from 1 within a call.
public struct TurnID: Hashable, Sendable {
    public let number: UInt32

    public init(number: UInt32) {
        self.number = number
    }
}

/// A key the caller pressed.
///
/// Digits may be card numbers or PINs, so the type prints as `•`: only code that asks for
/// ``character`` sees the digit.
public struct DTMFDigit: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    private let scalar: UInt8

    /// - Returns: nil unless `character` is one of `0`-`9`, `*`, `#`, `A`-`D` (any case).
    public init?(_ character: Character) {
        guard let value = character.asciiValue else { return nil }
        switch value {
        case 0x30...0x39, 0x2A, 0x23, 0x41...0x44: scalar = value
        case 0x61...0x64: scalar = value - 0x20
        default: return nil
        }
    }

    /// The digit itself: for the bot, never for a log.
    public var character: Character { Character(Unicode.Scalar(scalar)) }

    public var description: String { "•" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

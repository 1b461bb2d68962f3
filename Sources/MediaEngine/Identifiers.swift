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

/// One time that the caller seemed to interrupt, counted from 1 within a call.
public struct InterruptionID: Hashable, Sendable {
    public let number: UInt32

    public init(number: UInt32) {
        self.number = number
    }
}

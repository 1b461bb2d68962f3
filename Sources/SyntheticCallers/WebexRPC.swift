// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// One `ProcessCallerInput` of a call, from its opening to its completion.
struct WebexRPC: Sendable {
    /// What we opened it for.
    enum Purpose: String, Sendable {
        case sessionStart = "SESSION_START"
        case voice = "voice"
        case startOfDigits = "START_OF_DTMF"
        case digits = "DTMF"
        case noInput = "NO_INPUT"
        case custom = "CUSTOM_EVENT"
        case sessionEnd = "SESSION_END"
    }

    /// Why nothing more is expected of it but its completion.
    enum Abandonment: String, Sendable {
        case bargeIn = "the caller's barge-in"
        case digits = "START_OF_DTMF"
        case noInput = "NO_INPUT"
        case hangUp = "the end of the session"
    }

    let number: Int
    let purpose: Purpose
    var halfClosedAt: MediaInstant?
    /// The caller's input was complete then: from here the answer is late.
    var inputCompleteAt: MediaInstant?
    var hasEndOfInput = false
    /// A prompt of it came, with audio or without.
    var isAnswered = false
    var allowsBargeIn = false
    /// The answer is complete: the server sent its FINAL.
    var isFinal = false
    /// An event for the flow came.
    var hasToldEvent = false
    var responses = 0
    var chunks = 0
    var hasInputHandling = false
    var endsSession = false
    var abandoned: (why: Abandonment, at: MediaInstant)?
    /// It is given up then, unless it makes progress.
    var timeoutAt: MediaInstant?

    init(_ number: Int, _ purpose: Purpose) {
        self.number = number
        self.purpose = purpose
    }

    /// As a report names it.
    var name: String { "RPC \(number + 1) (\(purpose.rawValue))" }
}

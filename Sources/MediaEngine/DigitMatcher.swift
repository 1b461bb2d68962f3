// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import SpeechDetection

/// Tells which keys were already told: a platform may signal a press that is also heard.
///
/// A press that came one way is expected the other way too, for as long as the window. Each press
/// answers one expectation, so the same key pressed twice stays two.
struct DigitMatcher {
    enum Source {
        case heard
        case signalled
    }

    private struct Press {
        let digit: DTMFDigit
        let source: Source
        let instant: MediaInstant
    }

    private static let capacity = 32

    private let window: MediaDuration
    private var presses: [Press] = []

    init(window: MediaDuration) {
        self.window = window
        presses.reserveCapacity(Self.capacity)
    }

    /// - Returns: whether the press is news.
    mutating func isNew(_ digit: DTMFDigit, from source: Source, at now: MediaInstant) -> Bool {
        while presses.count > 0, now - presses[0].instant > window {
            presses.remove(at: 0)
        }
        for index in 0..<presses.count
        where presses[index].digit == digit && presses[index].source != source {
            presses.remove(at: index)
            return false
        }
        if presses.count == Self.capacity { presses.remove(at: 0) }
        presses.append(Press(digit: digit, source: source, instant: now))
        return true
    }
}

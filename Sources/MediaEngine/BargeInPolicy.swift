// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import SpeechDetection

/// What happens when the caller interrupts the bot, and how sure the engine must be of it.
public struct BargeInPolicy: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// The bot is cleared at once.
        case clear
        /// The bot falls silent at once but may go on where it stopped: it is cleared only when
        /// nobody has vetoed that for ``BargeInPolicy/vetoWindow``.
        case pause
    }

    public var mode: Mode
    public var sensitivity: BargeInSensitivity
    /// How long an interruption may be vetoed in the mode ``Mode/pause``.
    public var vetoWindow: MediaDuration

    /// Long enough for a recogniser's first word, short enough that a caller who did interrupt
    /// is not waited for: an answer takes longer than this.
    public static let defaultVetoWindow = MediaDuration.milliseconds(400)

    /// - Precondition: `vetoWindow` is not negative.
    public init(
        mode: Mode = .clear, sensitivity: BargeInSensitivity = .standard,
        vetoWindow: MediaDuration = BargeInPolicy.defaultVetoWindow
    ) {
        precondition(vetoWindow >= .zero, "A window has a length")
        self.mode = mode
        self.sensitivity = sensitivity
        self.vetoWindow = vetoWindow
    }
}

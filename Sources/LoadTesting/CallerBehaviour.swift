// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What kind of caller a call has. Raw values appear on the command line and in reports.
public enum CallerBehaviour: String, Codable, CaseIterable, Hashable, Sendable {
    /// Speaks when the bot has finished, again and again.
    case talker
    /// Speaks into every second answer.
    case interrupter
    /// Presses a key after every second answer.
    case digits
    /// Says nothing; the line's noise is all that is sent.
    case silent
    /// Is put on hold and taken up again. Webex has no hold: a talker there.
    case hold
    /// Reads nothing for three seconds, once.
    case slowReader = "slow-reader"
    /// Vanishes without a close.
    case deadPeer = "dead-peer"

    /// Whether what such a caller measures says something of the server. One that does not read
    /// finds every answer late.
    public var isMeasured: Bool { self != .slowReader && self != .deadPeer }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What the bot has asked for, which says how a caller's pauses are to be read.
public enum ExpectedSpeech: Hashable, Sendable, CaseIterable {
    /// Anything: pauses count by how final they sound.
    case freeSpeech
    /// One word or a few: the profile's earliest silence ends the turn.
    case yesNo
    /// Digits read out. Each of them sounds final, so their pauses count by the rhythm in which
    /// this caller reads.
    case digits
}

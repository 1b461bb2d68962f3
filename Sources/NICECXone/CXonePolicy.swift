// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Every limit and every choice of this adapter, in one place.
///
/// The only public description of the audio hook ("Resources for Custom Agent Assist
/// Integrations") states few numbers and contradicts itself. "Stated" marks what it says; everything
/// else is a choice.
public enum CXonePolicy {
    // MARK: The connection

    /// From the connection to the initial message. Choice.
    public static let initialMessageDeadline = MediaDuration.milliseconds(10_000)
    /// From the initial message to our reply; CXone's own limit is not stated. Choice.
    public static let replyDeadline = MediaDuration.milliseconds(1_000)
    /// Bytes of a text message. Choice.
    public static let maximumTextBytes = 65_536
    /// Bytes of a binary message; frame sizes are not stated, so any up to this is taken. Choice.
    public static let maximumAudioBytes = 65_536
    /// Close code for a peer that does not keep the handshake. Choice.
    public static let refusalCloseCode: UInt16 = 1008
    /// Close code for a message beyond its limit (RFC 6455 section 7.4.1).
    public static let tooLargeCloseCode: UInt16 = 1009
    /// Close code for a connection that another one replaced, and at the end of a call.
    public static let normalCloseCode: UInt16 = 1000

    // MARK: The call

    /// How long a call is kept after its last connection closed. A close is both hold and end of
    /// call, so only time tells them apart. Choice.
    public static let grace = MediaDuration.milliseconds(600_000)
    /// Calls remembered, live and ended ones together. Choice: twice the concurrency the platform
    /// is said to need.
    public static let callCapacity = 4_000
    /// Without audio for this long an open connection counts as held: what follows belongs after a
    /// gap. Shorter silences are late audio, not missing audio. Choice.
    public static let holdThreshold = MediaDuration.milliseconds(5_000)

    // MARK: The audio

    /// Stated: mu-law, 8 bit, 8 kHz, mono, no header.
    public static let format = AudioFormat.pcmu8000

    // MARK: The text webhook

    /// Bytes of a request's body. Choice.
    public static let maximumUtteranceBytes = 262_144
}

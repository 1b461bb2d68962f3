// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine
public import MediaServer

/// Every limit and every choice of the voice virtual agent, in one place.
///
/// Webex publishes the messages and samples, not a specification. "Stated" marks what its pages or
/// samples say; everything else is a choice.
public enum WebexPolicy {
    // MARK: The call

    /// Without any message, output or playback for this long a call is over. The session end may
    /// never come, and nothing names a time. Longer than any prompt or key timer is likely to be.
    public static let idleTimeout = MediaDuration.milliseconds(300_000)
    /// How long the name of an ended call is kept, so that what arrives late is completed and does
    /// not begin another call.
    public static let endedMemory = MediaDuration.milliseconds(120_000)
    /// How long an RPC waits for its answer, or for more of it after the estimated end of what
    /// was sent, before it is completed without. A bot that thinks needs seconds; a caller hears
    /// nothing for longer than that only when something is broken.
    public static let answerPatience = MediaDuration.milliseconds(20_000)
    /// RPCs open at once in one call. Two are usual; cancelled ones may linger a moment.
    public static let maximumOpenRPCs = 8
    /// Bot audio, in bytes, that waits for an RPC or for the end of its answer: four minutes.
    public static let maximumHeldBytes = 2_000_000
    /// Events that wait for a response: only the first of a response is honoured (stated), so each
    /// needs one.
    public static let maximumWaitingEvents = 16

    // MARK: The caller's audio

    /// What the engine is given. Stated for live traffic; other supported formats are converted to
    /// it, since the bot greets, and the call's format is fixed, before any audio names another.
    public static let ingress = AudioFormat.pcmu8000
    /// Packets up to this many bytes are no speech and are left out (stated).
    public static let longestIgnoredPacket = 15

    /// Choice: keys come as one input when it is complete, long after they may have been heard.
    public static let digitWindow = MediaDuration.milliseconds(10_000)

    // MARK: The bot's audio

    /// Stated: a chunk has no header, and mu-law at 8 kHz is what samples send.
    public static let egress = AudioFormat.pcmu8000
    /// Stated bounds of the audio in one chunk.
    public static let chunkBytes = 100...65_536
    /// Fills up a chunk that would be too short: mu-law silence, at most 12.5 ms of it.
    public static let silence: UInt8 = 0xFF
    /// Choice: how much later than it was sent a prompt may be heard. Whole prompts go out at once
    /// and Webex does not say when it begins to play one.
    public static let playbackOffsetLimit = MediaDuration.milliseconds(2000)
    /// Webex queues and plays, so nothing is paced. A packet belongs to one response because
    /// barge-in is a property of each prompt. The longest is the longest chunk.
    public static let pacing = PacingProfile(
        lead: nil, packet: .milliseconds(100), maximumPacket: .milliseconds(8192),
        startThreshold: .milliseconds(100), startPatience: .milliseconds(100),
        packetInterval: .zero, packetBurst: 1, joinsResponses: false,
        playbackOffsetLimit: playbackOffsetLimit)

    // MARK: Answers
    //
    // Further choices, where they are made:
    // - START_OF_INPUT is a FINAL of its own, END_OF_INPUT a CHUNK when chunks follow (as the
    //   gateway does against the live platform). A second START_OF_INPUT is not sent on one RPC.
    // - A PARTIAL is never sent: how it is played is not stated.
    // - Input mode and handling go with every response that has prompts or ends an answer, and are
    //   left out with SESSION_END. A chunk that leaves before the bot has said what it expects
    //   carries what it expected last; the FINAL corrects it.
    // - SESSION_END of the client is answered with an empty FINAL.
    // - A malformed request is the peer's error: INVALID_ARGUMENT.

    /// How keys are gathered when the bot did not say: each one alone and at once, as on platforms
    /// that report every key.
    public static let defaultDigits = InputExpectation.Digits(
        maximumCount: 1, terminator: nil, between: .milliseconds(3_000))
    /// Name of the event that tells the flow of a failed bot; SESSION_END follows it on the same
    /// RPC. There is no spoken apology: the flow, which knows the caller's language, has the event.
    public static let failureEventName = "error_occurred"
    /// Member of the failure event that says what happened, for people who look into it.
    public static let failureReasonMember = "reason"
    /// The call input under which a bot finds the configuration text of Control Hub.
    public static let configurationInput = "vendor_specific_config"
}

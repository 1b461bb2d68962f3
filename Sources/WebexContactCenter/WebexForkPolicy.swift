// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Every limit and every choice of media forking, in one place.
///
/// "Stated" marks what Webex's own descriptions say; everything else is a choice. Beyond the numbers:
/// - The first message of an RPC names conversation and organisation; later ones may leave them out.
/// - A leg without `role_id` is known by its role. With neither, nothing tells two legs apart.
/// - Audio that cannot be decoded is answered with `ERROR_INVALID_AUDIO_FORMAT`, then
///   `INVALID_ARGUMENT`; a leg keeps the format it began with.
/// - `LINEAR16` is least significant octet first, as in WAV; the order is not stated.
/// - Timestamps declare gaps and nothing else: no audio is dropped for its timestamp, because a wrong
///   clock must not silence a leg.
public enum WebexForkPolicy {
    /// Octets of each identifier; they are UUIDs. Choice.
    static let maximumIdentifierBytes = 128
    /// Legs in one RPC: caller and agent, and room for consulted ones. Choice.
    static let maximumLegs = 8
    /// Entries of `additional_info` that are handed to the bot, and octets of each. Choice.
    static let maximumInputs = 32
    static let maximumInputBytes = 1_024
    /// Conversations held at once. Choice: twice the concurrency the platform is said to need.
    static let conversationCapacity = 4_000
    /// What is assumed when neither the RPC nor the conversation said it. Stated for caller audio.
    static let defaultEncoding = WebexForkEncoding.mulaw
    static let defaultRate: Int32 = 8_000
    /// Audio of so few octets is no audio. Stated by samples.
    static let ignoredBytes = 15
    /// How long a leg without a connection is kept. Webex may connect again after a network
    /// failure; when is not stated. Choice.
    public static let grace = MediaDuration.milliseconds(60_000)
    /// Silence that is reported to the bot as a stall. Choice.
    static let stallThreshold = MediaDuration.milliseconds(5_000)
    /// A jump of the timestamps of at least this is missing audio; less is their jitter. Choice.
    static let gapThreshold = MediaDuration.milliseconds(200)
    /// A jump of more than this is a clock that was set. Choice.
    static let longestGap = MediaDuration.milliseconds(600_000)
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// How much silence ends a caller's turn.
///
/// Endpointing has two stages. After `eager` the bot may begin to think; after `confirmed` at most
/// the turn is over, and after `earliest` where the way it was spoken sounds final. When the caller
/// goes on in between, the turn goes on.
public struct EndpointProfile: Hashable, Sendable {
    /// Silence after the last voiced sample until the turn is reported as paused.
    public var eager: MediaDuration
    /// Silence until the turn is reported as ended where everything says that it is.
    public var earliest: MediaDuration
    /// Silence until the turn is reported as ended whatever it sounded like.
    public var confirmed: MediaDuration

    /// One silence for every turn.
    ///
    /// - Precondition: `eager` is positive and not longer than `confirmed`.
    public init(eager: MediaDuration, confirmed: MediaDuration) {
        self.init(eager: eager, earliest: confirmed, confirmed: confirmed)
    }

    /// Two speeds: between `earliest` and `confirmed`, by how final a turn sounds.
    ///
    /// - Precondition: `eager` is positive, and the three do not grow shorter.
    public init(eager: MediaDuration, earliest: MediaDuration, confirmed: MediaDuration) {
        precondition(
            eager > .zero && eager <= earliest && earliest <= confirmed,
            "The eager endpoint comes before the earliest, and that before the confirmed")
        self.eager = eager
        self.earliest = earliest
        self.confirmed = confirmed
    }

    /// Short answers expected: confirmed after 320 ms of silence.
    public static let responsive = EndpointProfile(
        eager: .milliseconds(160), confirmed: .milliseconds(320))
    /// Free speech: callers may pause up to 600 ms inside a turn.
    public static let patient = EndpointProfile(
        eager: .milliseconds(200), confirmed: .milliseconds(600))
    /// Free speech in two speeds: what sounds finished is confirmed after 400 ms, and pauses of up
    /// to 640 ms are let pass in what does not.
    public static let adaptive = EndpointProfile(
        eager: .milliseconds(200), earliest: .milliseconds(400), confirmed: .milliseconds(640))
}

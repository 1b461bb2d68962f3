// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// How much silence ends a caller's turn.
///
/// Endpointing has two stages. After `eager` the bot may begin to think; after `confirmed` the
/// turn is over. When the caller goes on in between, the turn goes on.
public struct EndpointProfile: Hashable, Sendable {
    /// Silence after the last voiced sample until the turn is reported as paused.
    public var eager: MediaDuration
    /// Silence after the last voiced sample until the turn is reported as ended.
    public var confirmed: MediaDuration

    /// - Precondition: `eager` is positive and not longer than `confirmed`.
    public init(eager: MediaDuration, confirmed: MediaDuration) {
        precondition(
            eager > .zero && eager <= confirmed, "The eager endpoint comes before the confirmed")
        self.eager = eager
        self.confirmed = confirmed
    }

    /// Short answers expected: confirmed after 320 ms of silence.
    public static let responsive = EndpointProfile(
        eager: .milliseconds(160), confirmed: .milliseconds(320))
    /// Free speech: callers may pause up to 600 ms inside a turn.
    public static let patient = EndpointProfile(
        eager: .milliseconds(200), confirmed: .milliseconds(600))
}

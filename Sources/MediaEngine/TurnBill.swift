// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// A turn of the caller that has ended.
public struct Turn: Hashable, Sendable {
    public let id: TurnID
    /// Where the caller began, on the ingress timeline.
    public let onset: SamplePosition
    /// The position after the last voiced sample.
    public let lastVoiced: SamplePosition
    /// When the last voiced sample was spoken, by the stream's own clock.
    public let spokenEnd: MediaInstant
    /// When the audio that held it arrived.
    public let arrived: MediaInstant
    /// When silence had lasted long enough.
    public let confirmed: MediaInstant
}

/// What the time between the caller's last word and the bot's first sample was spent on.
///
/// The stages follow on one another and their sum is the total.
public struct TurnBill: Hashable, Sendable {
    public let turn: TurnID
    public let response: ResponseID
    /// Spoken until arrived: the platform's packets and the network.
    public let arrival: MediaDuration
    /// Arrived until confirmed: the silence that ends a turn.
    public let endpoint: MediaDuration
    /// Confirmed until the bot's first sample was accepted: the bot's thinking.
    public let bot: MediaDuration
    /// Accepted until handed to the transport: queue and pacing. This is our own share.
    public let playout: MediaDuration

    /// From the last voiced sample until a filler bridged the wait; nil when none did. It is no
    /// stage: the others say what the answer took.
    public let filler: MediaDuration?

    /// From the last voiced sample to the bot's first sample handed to the platform.
    public var total: MediaDuration { arrival + endpoint + bot + playout }

    /// The product's budget for a whole turn.
    public static let budget = MediaDuration.milliseconds(500)

    public var isWithinBudget: Bool { total <= Self.budget }

    /// A response may begin before the turn was confirmed; each stage is then cut at the moment it
    /// was overtaken, so that no stage is negative and the sum stays the total.
    init(
        turn: Turn, response: ResponseID, answered: MediaInstant, sent: MediaInstant,
        filled: MediaInstant? = nil
    ) {
        let spoken = min(turn.spokenEnd, sent)
        let arrived = min(max(turn.arrived, spoken), sent)
        let confirmed = min(max(turn.confirmed, arrived), max(answered, arrived))
        let accepted = min(max(answered, confirmed), sent)
        self.turn = turn.id
        self.response = response
        arrival = arrived - spoken
        endpoint = confirmed - arrived
        bot = accepted - confirmed
        playout = sent - accepted
        filler = filled.map { max(.zero, $0 - spoken) }
    }
}

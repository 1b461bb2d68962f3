// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Something that happened in a call, for the timeline a person reads.
public struct TimelineEvent: Codable, Hashable, Sendable {
    /// Who did it: the person calling, the agent, the bot, the platform in between, or the server under test.
    public enum Actor: String, Codable, Sendable {
        case caller, agent, bot, platform, server
    }

    /// Since the call began to connect.
    public var at: Milliseconds
    public var actor: Actor
    /// One or two words: `says`, `interrupts`, `opened`, `silenced`.
    public var what: String
    /// More, when there is more: a clip's name, a reason, a number.
    public var detail: String

    enum CodingKeys: String, CodingKey {
        case at = "at_ms"
        case actor, what, detail
    }
}

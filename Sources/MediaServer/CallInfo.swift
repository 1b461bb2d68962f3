// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What names a call across connections: the platform's own conversation, as the adapter keys it.
public struct CallKey: Hashable, Sendable, CustomStringConvertible {
    /// The platform's short name, such as `genesys`.
    public let platform: String
    /// Unique among the platform's live calls.
    public let conversation: String

    public init(platform: String, conversation: String) {
        self.platform = platform
        self.conversation = conversation
    }

    public var description: String { "\(platform)/\(conversation)" }
}

/// What is known of a call when it starts.
public struct CallInfo: Sendable {
    public var key: CallKey
    /// The platform's customer: tenant, organisation, business unit.
    public var organization: String?
    public var caller: String?
    public var called: String?
    public var language: String?
    /// Which bot the platform asked for, where it can ask: a path, a connector id.
    public var bot: String?
    /// Values the platform's flow hands to the bot. May hold personal data: never logged.
    public var inputs: [String: String]
    /// Whose voice this is (`caller`, `agent`, `mixed`): platforms may send several streams.
    public var participant: String
    /// Whether the bot can be heard. The server sets it from what the platform takes.
    public internal(set) var takesBotAudio = true

    public init(
        key: CallKey, organization: String? = nil, caller: String? = nil, called: String? = nil,
        language: String? = nil, bot: String? = nil, inputs: [String: String] = [:],
        participant: String = "caller"
    ) {
        self.key = key
        self.organization = organization
        self.caller = caller
        self.called = called
        self.language = language
        self.bot = bot
        self.inputs = inputs
        self.participant = participant
    }
}

/// How the bot, or the server for it, ends a call.
public struct CallEnding: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The bot has done its work.
        case completed
        /// The caller goes on to a human or another flow; what it means is the platform's.
        case transfer(destination: String)
        /// The bot or the server cannot go on.
        case failed
    }

    public var kind: Kind
    /// One line for people who look into it.
    public var info: String
    /// Values handed back to the platform's flow. May hold personal data: never logged.
    public var outputs: [String: String]
    /// What was said and agreed, in a few sentences, for the human who takes over; nil: nothing is
    /// handed over. Platforms without a place for it leave it out. Never logged.
    public var summary: String?
    /// All that was said, word by word, as far as the bot knows it; as ``summary`` otherwise.
    public var transcript: String?

    /// - Parameters:
    ///   - info: for logs and the platform's records: no personal data.
    ///   - outputs: names are the platform flow's.
    public init(
        _ kind: Kind, info: String = "", outputs: [String: String] = [:], summary: String? = nil,
        transcript: String? = nil
    ) {
        self.summary = summary
        self.transcript = transcript
        self.kind = kind
        self.info = info
        self.outputs = outputs
    }
}

/// What the bot made of a turn, for platforms that want to know.
public struct TurnOutcome: Hashable, Sendable {
    public enum Disposition: String, Hashable, Sendable {
        case match
        case noMatch
        case noInput
    }

    public var disposition: Disposition
    /// What the caller said, where the bot knows.
    public var text: String?
    /// 0 to 1, where the bot knows.
    public var confidence: Double?

    public init(_ disposition: Disposition, text: String? = nil, confidence: Double? = nil) {
        self.disposition = disposition
        self.text = text
        self.confidence = confidence
    }
}

/// Why a call is over. The raw value is its name in metrics.
public enum CallEndReason: String, Hashable, Sendable, CaseIterable {
    /// The platform or the caller ended it.
    case platformEnded = "platform_ended"
    /// The bot ended it and the platform agreed.
    case botEnded = "bot_ended"
    /// The connection was lost and did not come back.
    case connectionLost = "connection_lost"
    /// The peer broke the protocol.
    case protocolViolation = "protocol_violation"
    /// The server stopped.
    case serverStopped = "server_stopped"
}

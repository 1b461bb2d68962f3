// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import JSON

/// One entity of an `event` message, written out and known to fit.
public struct GenesysEvent: Hashable, Sendable {
    public enum EntityError: Error, Hashable, Sendable {
        /// The entity exceeds ``GenesysPolicy/maximumPayloadCharacters`` as JSON.
        case tooLarge
    }

    /// The entity as JSON.
    let text: String
    let isBargeIn: Bool

    /// Any entity; `type` need not be one that the protocol names.
    public init(type: String, data: JSONValue) throws(EntityError) {
        let entity: JSONValue = ["type": .string(type), "data": data]
        let text = entity.text
        guard text.utf16.count <= GenesysPolicy.maximumPayloadCharacters else { throw .tooLarge }
        self.text = text
        isBargeIn = false
    }

    private init(bargeIn text: String) {
        self.text = text
        isBargeIn = true
    }

    /// Makes Genesys drop what it has buffered of our audio.
    static let bargeIn = GenesysEvent(bargeIn: #"{"type":"barge_in","data":{}}"#)

    public enum Disposition: String, Hashable, Sendable {
        case noInput = "no_input"
        case noMatch = "no_match"
        case match
    }

    /// Tells the flow how a turn of the bot ended.
    public static func botTurn(
        _ disposition: Disposition, text: String? = nil, confidence: Double? = nil
    ) throws(EntityError) -> GenesysEvent {
        var data = JSONObject()
        data.append("disposition", .string(disposition.rawValue))
        if let text { data.append("text", .string(text)) }
        if let confidence { data.append("confidence", .number(confidence)) }
        return try GenesysEvent(type: "bot_turn_response", data: .object(data))
    }

    /// Words that were heard on one channel.
    public static func transcript(_ transcript: GenesysTranscript) throws(EntityError)
        -> GenesysEvent
    {
        try GenesysEvent(type: "transcript", data: transcript.json)
    }
}

/// What was heard on one channel, for a `transcript` event.
public struct GenesysTranscript: Hashable, Sendable {
    public struct Alternative: Hashable, Sendable {
        public var confidence: Double
        public var languages: [String]
        public var text: String

        public init(confidence: Double, languages: [String] = [], text: String) {
            self.confidence = confidence
            self.languages = languages
            self.text = text
        }
    }

    public var id: GenesysIdentifier
    /// False for the customer, true for the agent.
    public var isAgent: Bool
    public var isFinal: Bool
    public var offset: MediaDuration?
    public var duration: MediaDuration?
    public var alternatives: [Alternative]

    public init(
        id: GenesysIdentifier, isAgent: Bool, isFinal: Bool, offset: MediaDuration? = nil,
        duration: MediaDuration? = nil, alternatives: [Alternative]
    ) {
        self.id = id
        self.isAgent = isAgent
        self.isFinal = isFinal
        self.offset = offset
        self.duration = duration
        self.alternatives = alternatives
    }

    var json: JSONValue {
        var data = JSONObject()
        data.append("id", .string(id.text))
        data.append("channelId", isAgent ? 1 : 0)
        data.append("isFinal", .bool(isFinal))
        if let offset { data.append("offset", .string(GenesysDuration.text(of: offset))) }
        if let duration { data.append("duration", .string(GenesysDuration.text(of: duration))) }
        data.append("alternatives", .array(alternatives.map(Self.json)))
        return .object(data)
    }

    private static func json(_ alternative: Alternative) -> JSONValue {
        var data = JSONObject()
        data.append("confidence", .number(alternative.confidence))
        if !alternative.languages.isEmpty {
            data.append("languages", .array(alternative.languages.map { .string($0) }))
        }
        data.append(
            "interpretations", [["type": "display", "transcript": .string(alternative.text)]])
        return .object(data)
    }
}

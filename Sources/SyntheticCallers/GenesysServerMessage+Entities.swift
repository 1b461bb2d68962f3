// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Event entities (AudioHook protocol v2): transcripts, agent assistance and what the bot does.
extension GenesysServerMessage {
    static func entities(_ parameters: JSONValue) throws(GenesysFault) -> [Entity] {
        guard let elements = parameters["entities"]?.elements else {
            throw GenesysFault(.parameters, "entities of event is missing or no array")
        }
        var entities: [Entity] = []
        for element in elements {
            guard let type = element["type"]?.text, let data = element["data"] else {
                throw GenesysFault(.parameters, "An entity needs a type and data")
            }
            entities.append(try entity(type, data))
        }
        return entities
    }

    private static func entity(
        _ type: String, _ data: JSONValue
    ) throws(GenesysFault) -> Entity {
        switch type {
        case "barge_in":
            guard data.members != nil else {
                throw GenesysFault(.parameters, "data of barge_in is \(data.kind)")
            }
            return .bargeIn
        case "bot_turn_response":
            let allowed = ["no_input", "no_match", "match"]
            guard let disposition = data["disposition"]?.text, allowed.contains(disposition)
            else {
                let seen = data["disposition"]?.serialized ?? "missing"
                throw GenesysFault(.parameters, "disposition of bot_turn_response is \(seen)")
            }
            if let confidence = data["confidence"], confidence.number == nil {
                throw GenesysFault(.parameters, "confidence is \(confidence.kind)")
            }
            return .botTurn(disposition: disposition, text: try optionalText(data, "text"))
        case "transcript": return try transcript(data)
        case "agentassist":
            try identifier(data, of: type)
            for member in ["utterances", "suggestions"] {
                guard data[member] == nil || data[member]?.elements != nil else {
                    throw GenesysFault(.parameters, "\(member) of agentassist is no array")
                }
            }
            return .agentAssist
        default: return .other(type)
        }
    }

    private static func identifier(
        _ data: JSONValue, of type: String
    ) throws(GenesysFault) {
        guard let id = data["id"]?.text, isIdentifier(id) else {
            throw GenesysFault(.parameters, "id of \(type) is missing or no UUID")
        }
    }

    private static func transcript(_ data: JSONValue) throws(GenesysFault) -> Entity {
        try identifier(data, of: "transcript")
        guard let channel = data["channelId"]?.integer, channel == 0 || channel == 1 else {
            throw GenesysFault(.parameters, "channelId of transcript is not 0 or 1")
        }
        guard let isFinal = data["isFinal"]?.flag else {
            throw GenesysFault(.parameters, "isFinal of transcript is missing or no boolean")
        }
        for member in ["offset", "duration"] {
            guard let text = try optionalText(data, member) else { continue }
            guard GenesysDuration.parse(text) != nil else {
                throw GenesysFault(.parameters, "\(member) \"\(text)\" is no duration")
            }
        }
        guard let alternatives = data["alternatives"]?.elements else {
            throw GenesysFault(.parameters, "alternatives of transcript is missing or no array")
        }
        var words = ""
        for alternative in alternatives {
            guard alternative["confidence"]?.number != nil,
                let interpretations = alternative["interpretations"]?.elements
            else {
                throw GenesysFault(
                    .parameters, "An alternative needs a confidence and interpretations")
            }
            for interpretation in interpretations {
                guard interpretation["type"]?.text == "display",
                    let text = interpretation["transcript"]?.text
                else {
                    throw GenesysFault(
                        .parameters, "An interpretation is of type display and has a transcript")
                }
                if words.isEmpty { words = text }
            }
        }
        return .transcript(channel: channel, isFinal: isFinal, text: words)
    }

    /// UUIDs of versions 1 to 5, or the null UUID.
    static func isIdentifier(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.count) == [8, 4, 4, 4, 12],
            groups.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isHexDigit } })
        else { return false }
        guard text.contains(where: { $0 != "0" && $0 != "-" }) else { return true }
        return "12345".contains(groups[2].first ?? "0")
            && "89abAB".contains(groups[3].first ?? "0")
    }
}

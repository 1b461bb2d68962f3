// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// A rule broken by one message, before it is known when.
package struct GenesysFault: Error, Hashable, Sendable {
    package let rule: Violation.Rule
    package let detail: String

    init(_ rule: Violation.Rule, _ detail: String) {
        self.rule = rule
        self.detail = detail
    }
}

/// A well-formed server message of AudioHook protocol v2: shape only, not order.
package struct GenesysServerMessage: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case opened(Opened)
        case closed
        case disconnect(Disconnect)
        case event([Entity])
        case pause, resume, pong, updated
        case reconnect(info: String?)
    }

    package struct Opened: Hashable, Sendable {
        package var media: [JSONValue]
        package var startPaused: Bool
        package var discardTo: MediaDuration?
        package var languages: [String]?
    }

    package struct Disconnect: Hashable, Sendable {
        package var reason: String
        package var info: String?
        package var outputVariables: [String: String]
        /// Members of `outputVariables` that are no strings.
        package var unusable: [String]
    }

    package enum Entity: Hashable, Sendable {
        case bargeIn
        case botTurn(disposition: String, text: String?)
        case transcript(channel: Int, isFinal: Bool, text: String)
        case agentAssist
        case other(String)
    }

    package var id: String
    package var sequence: Int
    package var clientSequence: Int
    package var content: Content

    /// Reads a text message.
    package static func parse(_ bytes: [UInt8]) throws(GenesysFault) -> GenesysServerMessage {
        let document: JSONValue
        do {
            document = try JSONValue.parse(bytes)
        } catch {
            throw GenesysFault(.notJSON, error.description)
        }
        guard document.members != nil else {
            throw GenesysFault(.envelope, "A message is an object, not \(document.kind)")
        }
        guard let version = document["version"]?.text else {
            throw GenesysFault(.envelope, "version is missing or no string")
        }
        guard version == "2" else { throw GenesysFault(.version, "version is \"\(version)\"") }
        guard let id = document["id"]?.text else {
            throw GenesysFault(.envelope, "id is missing or no string")
        }
        guard let type = document["type"]?.text else {
            throw GenesysFault(.envelope, "type is missing or no string")
        }
        guard let sequence = document["seq"]?.integer, sequence >= 1 else {
            throw GenesysFault(.envelope, "seq of \(type) is missing or no positive integer")
        }
        guard let clientSequence = document["clientseq"]?.integer, clientSequence >= 0 else {
            throw GenesysFault(.envelope, "clientseq of \(type) is missing or no integer >= 0")
        }
        for member in ["serverseq", "position"] where document[member] != nil {
            throw GenesysFault(.clientMember, "\(type) carries \(member), which is the client's")
        }
        guard let parameters = document["parameters"], parameters.members != nil else {
            throw GenesysFault(.envelope, "parameters of \(type) is missing or no object")
        }
        return GenesysServerMessage(
            id: id, sequence: sequence, clientSequence: clientSequence,
            content: try content(type, parameters))
    }

    private static func content(
        _ type: String, _ parameters: JSONValue
    ) throws(GenesysFault) -> Content {
        switch type {
        case "opened": return .opened(try opened(parameters))
        case "closed": return .closed
        case "disconnect": return .disconnect(try disconnect(parameters))
        case "event": return .event(try entities(parameters))
        case "pause": return .pause
        case "resume": return .resume
        case "pong": return .pong
        case "updated": return .updated
        case "reconnect": return .reconnect(info: try optionalText(parameters, "info"))
        default: throw GenesysFault(.unknownType, "type \"\(type)\"")
        }
    }

    static func optionalText(
        _ parameters: JSONValue, _ name: String
    ) throws(GenesysFault) -> String? {
        guard let value = parameters[name] else { return nil }
        guard let text = value.text else {
            throw GenesysFault(.parameters, "\(name) is \(value.kind), not a string")
        }
        return text
    }

    private static func opened(_ parameters: JSONValue) throws(GenesysFault) -> Opened {
        guard let media = parameters["media"]?.elements else {
            throw GenesysFault(.parameters, "media of opened is missing or no array")
        }
        var startPaused = false
        if let value = parameters["startPaused"] {
            guard let flag = value.flag else {
                throw GenesysFault(.parameters, "startPaused is \(value.kind), not a boolean")
            }
            startPaused = flag
        }
        var discardTo: MediaDuration?
        if let text = try optionalText(parameters, "discardTo") {
            discardTo = GenesysDuration.parse(text)
            guard discardTo != nil else {
                throw GenesysFault(.parameters, "discardTo \"\(text)\" is no duration")
            }
        }
        var languages: [String]?
        if let value = parameters["supportedLanguages"] {
            languages = value.elements?.compactMap(\.text)
            guard let languages, languages.count == value.elements?.count else {
                throw GenesysFault(.parameters, "supportedLanguages is no array of strings")
            }
        }
        return Opened(
            media: media, startPaused: startPaused, discardTo: discardTo, languages: languages)
    }

    private static func disconnect(_ parameters: JSONValue) throws(GenesysFault) -> Disconnect {
        guard let reason = parameters["reason"]?.text,
            ["completed", "unauthorized", "error"].contains(reason)
        else {
            let seen = parameters["reason"]?.serialized ?? "missing"
            throw GenesysFault(.parameters, "reason of disconnect is \(seen)")
        }
        var disconnect = Disconnect(
            reason: reason, info: try optionalText(parameters, "info"), outputVariables: [:],
            unusable: [])
        guard let variables = parameters["outputVariables"] else { return disconnect }
        guard let members = variables.members else {
            throw GenesysFault(.parameters, "outputVariables is \(variables.kind)")
        }
        for member in members {
            if let text = member.value.text {
                disconnect.outputVariables[member.name] = text
            } else {
                disconnect.unusable.append("\(member.name) is \(member.value.kind)")
            }
        }
        return disconnect
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import JSON

/// Who wrote an utterance.
public enum CXoneParticipant: Hashable, Sendable {
    /// The contact.
    case patron
    case agent
    case system
    /// A participant that the platform's page does not name.
    case other(String)

    init(_ text: String) {
        switch text.lowercased() {
        case "patron": self = .patron
        case "agent": self = .agent
        case "system": self = .system
        default: self = .other(text)
        }
    }
}

/// One message of a text conversation (`WebHooksMessagesRequest`).
public struct CXoneUtterance: Hashable, Sendable {
    public let call: CXoneCallKey
    public let participant: CXoneParticipant
    /// May hold personal data: never logged.
    public let text: String
    /// Extra data, images and links, under either of the two names the page gives it.
    public let data: JSONValue?
    public let appConfiguration: JSONValue?

    /// Nil when a member that is needed is missing, or has a type it cannot have.
    init?(_ message: JSONObject) {
        guard let contact = message["contactId"].flatMap(CXoneInitialMessage.integer),
            let businessUnit = message["busNo"].flatMap(CXoneInitialMessage.integer),
            let participant = message["participantId"]?.string
        else { return nil }
        switch message["messageBody"] {
        case .string(let body): text = body
        // Images alone come with their data and without words.
        case nil: text = ""
        default: return nil
        }
        call = CXoneCallKey(businessUnit: businessUnit, contact: contact)
        self.participant = CXoneParticipant(participant)
        data = CXoneInitialMessage.unwrapped(message["messageData"] ?? message["messageMetaData"])
        appConfiguration = CXoneInitialMessage.unwrapped(message["agentAssistAppConfig"])
    }
}

/// The answer to a request of the text webhook, and what it brought.
public struct CXoneWebhookReply: Hashable, Sendable {
    /// HTTP status: 200, 400 or 401.
    public let status: Int
    /// Always a JSON object.
    public let body: String
    /// Present with status 200 only.
    public let utterance: CXoneUtterance?
}

/// Answers the text webhook: at once, because assistance goes to the agent by other means.
public struct CXoneTextWebhook: Sendable {
    private let tokens: CXoneTokenCheck

    /// - Parameter tokens: for text; voice has others.
    public init(tokens: CXoneTokenCheck) {
        self.tokens = tokens
    }

    /// Reads the body of a POST request.
    public func reply(to body: [UInt8]) -> CXoneWebhookReply {
        guard body.count <= CXonePolicy.maximumUtteranceBytes,
            let text = String(validating: body, as: UTF8.self),
            let message = (try? JSONValue(parsing: text))?.object
        else { return Self.refusal(400, "not a JSON object") }
        let token = message["authorizationHeader"]?.string.map { CXoneToken($0) }
        guard tokens.admits(token) else { return Self.refusal(401, "authentication failed") }
        guard let utterance = CXoneUtterance(message) else {
            return Self.refusal(400, "contactId, busNo and participantId are needed")
        }
        return CXoneWebhookReply(status: 200, body: "{}", utterance: utterance)
    }

    private static func refusal(_ status: Int, _ reason: String) -> CXoneWebhookReply {
        let body: JSONValue = ["error": .string(reason)]
        return CXoneWebhookReply(status: status, body: body.text, utterance: nil)
    }
}

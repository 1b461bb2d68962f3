// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import JSON

/// The participant whose leg a session carries.
public struct GenesysParticipant: Hashable, Sendable {
    public var id: GenesysIdentifier
    /// Calling number; empty when withheld.
    public var ani: String
    public var aniName: String
    /// Called number.
    public var dnis: String
}

/// The parameters of `open`, checked.
struct GenesysOpen: Equatable {
    var organizationID: GenesysIdentifier
    var conversationID: GenesysIdentifier
    var participant: GenesysParticipant
    /// Offers that this adapter understands, in the client's order.
    var offers: [GenesysMedia]
    /// Whether `media` had no element at all, which asks for a session without audio.
    var wantsNoMedia: Bool
    var language: String?
    var wantsLanguages: Bool
    var inputVariables: [String: String]
    var customConfig: JSONValue?
    var position: MediaDuration

    /// A probe carries the null UUID twice (AudioHook protocol v2, connection probe).
    var isProbe: Bool { conversationID == .null && participant.id == .null }

    /// `continuedSessions` is not read: Genesys does not re-establish sessions.
    init(
        _ parameters: GenesysParameters, position: MediaDuration
    ) throws(GenesysViolation) {
        organizationID = try parameters.identifier("organizationId")
        conversationID = try parameters.identifier("conversationId")
        let person = try parameters.object("participant")
        // Empty texts stand for unknown numbers, so a missing one is taken as empty.
        participant = GenesysParticipant(
            id: try person.identifier("id"),
            ani: try person.optionalString("ani") ?? "",
            aniName: try person.optionalString("aniName") ?? "",
            dnis: try person.optionalString("dnis") ?? "")
        let media = try parameters.array("media")
        wantsNoMedia = media.isEmpty
        offers = []
        for offer in media {
            guard let offer = offer.object else { throw .invalidParameters }
            if let known = GenesysMedia(offer) { offers.append(known) }
        }
        language = try parameters.optionalLanguage("language")
        wantsLanguages = try parameters.optionalBool("supportedLanguages") ?? false
        inputVariables = try Self.variables(parameters)
        customConfig = try Self.configuration(parameters)
        self.position = position
    }

    /// Architect's variables are texts; any other value is kept as its JSON text.
    private static func variables(
        _ parameters: GenesysParameters
    ) throws(GenesysViolation) -> [String: String] {
        guard parameters.members["inputVariables"] != nil else { return [:] }
        var variables: [String: String] = [:]
        for member in try parameters.object("inputVariables").members.members {
            variables[member.name] = member.value.string ?? member.value.text
        }
        return variables
    }

    /// An object, or a text that holds an object: integrations are configured either way.
    private static func configuration(
        _ parameters: GenesysParameters
    ) throws(GenesysViolation) -> JSONValue? {
        switch parameters.members["customConfig"] {
        case nil: return nil
        case .object(let object): return .object(object)
        case .string(let text):
            guard let value = try? JSONValue(parsing: text), value.object != nil else {
                return .string(text)
            }
            return value
        default: throw .invalidParameters
        }
    }
}

/// What the host needs to create a call.
public struct GenesysSessionStart: Hashable, Sendable {
    public var mode: GenesysMode
    public var identity: GenesysIdentity
    public var organizationID: GenesysIdentifier
    public var conversationID: GenesysIdentifier
    public var participant: GenesysParticipant
    /// The selected media; nil when the client asked for a session without audio.
    public var media: GenesysMedia?
    /// Language tag such as `en-US`; compare without regard to case.
    public var language: String?
    /// Variables of the Architect flow.
    public var inputVariables: [String: String]
    /// The integration's configuration: an object, or a text that holds no object.
    public var customConfig: JSONValue?
    /// Where the client's stream stands.
    public var position: SamplePosition
}

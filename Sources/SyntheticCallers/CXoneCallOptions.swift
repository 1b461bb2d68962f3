// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// A NICE CXone call to place: which streams of it, how the initial message is written, how hold is
/// done. The published description allows several forms; each can be chosen.
public struct CXoneCallOptions: Hashable, Sendable {
    /// What a stream carries; raw values are the numbers of the published enumeration.
    public enum Perspective: Int, Hashable, Sendable, CaseIterable {
        /// What the agent hears: the contact.
        case tx = 0
        /// What the agent says.
        case rx = 1
        /// Both in one mono stream.
        case mix = 2
    }

    /// How `streamPerspective` is written.
    public enum PerspectiveForm: Hashable, Sendable, CaseIterable {
        /// `"TX"`
        case text
        /// `"tx"`
        case lowercase
        /// `"MX"` for the mix, which is printed so in one place; `"TX"` and `"RX"` else.
        case short
        /// `0`
        case number
        /// `["TX"]`
        case array
    }

    /// How `appParams` and `appConfig` are written.
    public enum ParameterForm: Hashable, Sendable, CaseIterable {
        case text, object
    }

    /// What hold does to the connections.
    public enum HoldStyle: Hashable, Sendable, CaseIterable {
        /// They close; new ones open on resume.
        case closing
        /// They break without a closing handshake; new ones open on resume.
        case dropping
        /// They stay and carry nothing.
        case silent
    }

    public var businessUnit: Int
    public var contact: Int
    public var request = 1
    public var scriptName = #"\Sidetone\SyntheticCall"#
    /// Nil leaves `authenticationToken` out.
    public var token: String?
    /// One connection each.
    public var perspectives: [Perspective]
    public var perspectiveForm = PerspectiveForm.text
    public var parameterForm = ParameterForm.text
    /// Writes `contactId` and `busNo` as strings.
    public var numbersAsText = false
    public var sendsTelemetry = true
    public var holdStyle = HoldStyle.closing
    public var limits = CXoneLimits()
    /// Where in the noise the call begins.
    public var seed: UInt64

    /// A call with numbers drawn from `seed`: equal seeds make equal calls.
    public init(perspectives: [Perspective] = [.tx, .rx], seed: UInt64) {
        precondition(!perspectives.isEmpty, "A call has at least one stream")
        var generator = SeededGenerator(seed: seed)
        self.perspectives = perspectives
        self.seed = seed
        businessUnit = Int.random(in: 1000...9999, using: &generator)
        // Wider than 32 bits, as the schema allows.
        contact = Int.random(in: 5_000_000_000...999_999_999_999, using: &generator)
    }
}

/// How long the synthetic CXone waits, and how it sends. None of it is published; 20 ms is what
/// telephony does.
public struct CXoneLimits: Hashable, Sendable {
    public var frameDuration = MediaDuration.milliseconds(20)
    /// A reply later than that is reported.
    public var replyDue = MediaDuration.seconds(1)
    /// No reply until then ends the call.
    public var replyTimeout = MediaDuration.seconds(5)
    /// For the server to answer a close, or to close after a refusal.
    public var closeTimeout = MediaDuration.seconds(2)

    public init() {}
}

extension CXoneCallOptions {
    /// The first message of a connection.
    func initialMessage(_ perspective: Perspective) -> JSONValue {
        var members: [JSONValue.Member] = []
        if let token { members.append(.init("authenticationToken", .string(token))) }
        members.append(
            .init(
                "executionInfo",
                [
                    "contactId": integer(contact), "busNo": integer(businessUnit),
                    "requestId": .number(Double(request)), "actionType": "AGENTASSIST",
                    "actionId": 12, "scriptName": .string(scriptName),
                ]))
        if sendsTelemetry {
            members.append(
                .init(
                    "systemTelemetryData",
                    [
                        "consumerProcessHost": "media01",
                        "consumerProcessName": "EsnMediaServer.exe",
                        "consumerProcessVersion": "1.0", "inContactClusterAlias": "C7",
                        "inContactScriptEngineHost": "lax-c4cor01", "consumerMetaData": [:],
                    ]))
        }
        members.append(.init("streamPerspective", text(perspective)))
        members.append(.init("streamsConfiguration", ""))
        let parameters: JSONValue = parameterForm == .text ? "" : ["language": "en"]
        members.append(.init("appParams", parameters))
        members.append(.init("appConfig", parameters))
        return .object(members)
    }

    private func integer(_ value: Int) -> JSONValue {
        numbersAsText ? .string(String(value)) : .number(Double(value))
    }

    private func text(_ perspective: Perspective) -> JSONValue {
        let name = perspective.name
        switch perspectiveForm {
        case .text: return .string(name)
        case .lowercase: return .string(name.lowercased())
        case .short: return .string(perspective == .mix ? "MX" : name)
        case .number: return .number(Double(perspective.rawValue))
        case .array: return .array([.string(name)])
        }
    }
}

extension CXoneCallOptions.Perspective {
    var name: String {
        switch self {
        case .tx: "TX"
        case .rx: "RX"
        case .mix: "MIX"
        }
    }
}

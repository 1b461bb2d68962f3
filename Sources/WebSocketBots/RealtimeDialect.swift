// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// How a version of OpenAI's Realtime interface wants its session described, as data.
///
/// Events are taken by the names of all versions; only what is sent depends on the dialect.
public struct RealtimeDialect: Hashable, Sendable {
    /// Headers that the version asks for beside the key.
    let headers: [String: String]
    /// `type` of the session; nil where it has none.
    let sessionType: String?
    /// Where each setting stands in the session.
    let modalitiesPath: [String]
    let inputFormatPath: [String]
    let outputFormatPath: [String]
    let voicePath: [String]
    let turnDetectionPath: [String]
    let modalities: [JSONValue]
    /// What an audio format is called, by its encoding.
    let formats: [WireAudio.Encoding: JSONValue]

    /// The version that is generally available.
    public static let ga = RealtimeDialect(
        headers: [:], sessionType: "realtime", modalitiesPath: ["output_modalities"],
        inputFormatPath: ["audio", "input", "format"],
        outputFormatPath: ["audio", "output", "format"], voicePath: ["audio", "output", "voice"],
        turnDetectionPath: ["audio", "input", "turn_detection"], modalities: ["audio"],
        formats: [
            .pcmu: ["type": "audio/pcmu"], .pcma: ["type": "audio/pcma"],
            .pcm16: ["type": "audio/pcm", "rate": 24_000],
        ])

    /// The version before.
    public static let beta = RealtimeDialect(
        headers: ["OpenAI-Beta": "realtime=v1"], sessionType: nil, modalitiesPath: ["modalities"],
        inputFormatPath: ["input_audio_format"], outputFormatPath: ["output_audio_format"],
        voicePath: ["voice"], turnDetectionPath: ["turn_detection"],
        modalities: ["text", "audio"],
        formats: [.pcmu: "g711_ulaw", .pcma: "g711_alaw", .pcm16: "pcm16"])

    /// The session as `session.update` describes it.
    func session(_ options: RealtimeOptions) -> JSONValue {
        var session = JSONObject()
        if let sessionType { session.append("type", .string(sessionType)) }
        if !options.instructions.isEmpty {
            session.append("instructions", .string(options.instructions))
        }
        session.set(modalitiesPath, .array(modalities))
        if let format = formats[options.encoding] {
            session.set(inputFormatPath, format)
            session.set(outputFormatPath, format)
        }
        session.set(turnDetectionPath, options.turnDetection.json)
        session.set(voicePath, .string(options.voice))
        session.append("tools", RealtimeFunction.tools)
        session.append("tool_choice", "auto")
        return .object(session)
    }
}

extension RealtimeOptions.TurnDetection {
    fileprivate var json: JSONValue {
        switch self {
        case .sidetone: .null
        case .serverVAD, .semanticVAD:
            [
                "type": .string(rawValue), "create_response": true, "interrupt_response": true,
            ]
        }
    }
}

extension JSONObject {
    /// Sets the member at the end of `path`; objects on the way are made.
    mutating func set(_ path: [String], _ value: JSONValue) {
        guard let name = path.first else { return }
        var inner = value
        if path.count > 1 {
            var object = self[name]?.object ?? JSONObject()
            object.set(Array(path.dropFirst()), value)
            inner = .object(object)
        }
        if let index = members.firstIndex(where: { $0.name == name }) {
            members[index].value = inner
        } else {
            append(name, inner)
        }
    }
}

/// What the model may ask to have done.
enum RealtimeFunction: String {
    case transfer = "transfer_call"
    case end = "end_call"

    static let tools: JSONValue = [
        [
            "type": "function", "name": .string(transfer.rawValue),
            "description": "Hands the caller over to a person or another department.",
            "parameters": [
                "type": "object", "properties": ["to": ["type": "string"]], "required": ["to"],
            ],
        ],
        [
            "type": "function", "name": .string(end.rawValue),
            "description": "Ends the call once everything has been said.",
            "parameters": ["type": "object", "properties": [:]],
        ],
    ]
}

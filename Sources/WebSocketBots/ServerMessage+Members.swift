// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import JSON
internal import MediaEngine
internal import MediaServer
internal import SpeechDetection

extension ServerMessage.Start {
    func write(to object: inout JSONObject) {
        object.append("version", .integer(BotProtocol.version))
        object.append("session", .string(session))
        object.append("call", .string(info.key.conversation))
        object.append("platform", .string(info.key.platform))
        object.append("participant", .string(info.participant))
        for (name, value) in [
            ("organization", info.organization), ("caller", info.caller), ("called", info.called),
            ("language", info.language), ("bot", info.bot),
        ] {
            if let value { object.append(name, .string(value)) }
        }
        object.append("inputs", .init(texts: info.inputs))
        object.append("input", input.json)
        object.append("output", output.json)
        object.append("takes_audio", .bool(takesAudio))
        object.append("window_ms", .integer(Int64(window.milliseconds)))
        object.append("backlog_ms", .integer(Int64(backlog.milliseconds)))
        object.append("max_message_bytes", .integer(Int64(maximumMessageBytes)))
        guard let resume else { return }
        object.append(
            "resume",
            [
                "count": .integer(Int64(resume.count)), "position": .integer(resume.position),
                "missed_messages": .integer(Int64(resume.missedMessages)),
            ])
    }
}

extension JSONValue {
    /// Members in the order of their names: the same values are always the same text.
    init(texts: [String: String]) {
        self = .object(
            JSONObject(
                texts.sorted { $0.key < $1.key }
                    .map { JSONObject.Member(name: $0.key, value: .string($0.value)) }))
    }

    /// In tenths: what is measured is no finer.
    init(tenths value: Double) { self = .number((value * 10).rounded() / 10) }
}

extension WireAudio {
    var json: JSONValue {
        ["encoding": .string(encoding.rawValue), "rate": .integer(Int64(rate.hertz))]
    }
}

extension TurnBill {
    func write(to object: inout JSONObject) {
        object.append("turn", .integer(Int64(turn.number)))
        for (name, stage) in [
            ("arrival_ms", arrival), ("endpoint_ms", endpoint), ("bot_ms", bot),
            ("playout_ms", playout), ("total_ms", total),
        ] {
            object.append(name, .init(tenths: stage.milliseconds))
        }
    }
}

extension BargeInEvidence {
    var json: JSONValue {
        var object = JSONObject()
        for (name, value) in [
            ("score", score), ("threshold", threshold), ("near_db", near), ("far_db", far),
            ("echo_db", echo), ("residual_db", residual), ("floor_db", floor),
            ("return_gain_db", returnGain), ("voicing", voicing), ("lock", lock),
        ] {
            object.append(name, .init(tenths: Double(value)))
        }
        if let delay { object.append("delay_ms", .init(tenths: Double(delay))) }
        return .object(object)
    }
}

extension PlatformInput {
    func write(to object: inout JSONObject) {
        switch self {
        case .noInput: object.append("event", "no_input")
        case .digitsCompleted: object.append("event", "digits_completed")
        case .custom(let event):
            object.append("event", "custom")
            object.append("name", .string(event.name))
            object.append("values", .init(texts: event.values))
        }
    }
}

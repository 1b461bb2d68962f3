// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// What the far side of a Realtime conversation tells, by the names of all dialects.
enum RealtimeEvent {
    struct Audio {
        var response: String
        var item: String
        var contentIndex: Int64
        /// Base64.
        var delta: String
    }

    enum Status: String {
        case completed, cancelled, failed, incomplete
    }

    case sessionCreated
    case sessionUpdated
    case speechStarted
    case speechStopped
    case committed
    case responseCreated(String)
    case audio(Audio)
    case audioDone(item: String)
    case responseDone(String, Status)
    case function(call: String, name: String, arguments: String)
    /// What was said, by the caller or the bot.
    case transcript(String, isCaller: Bool)
    /// The least share of any limit that is left, 0 to 1.
    case rateLimits(least: Double)
    case error(type: String, code: String?, eventID: String?)
    /// Known or not, it changes nothing here.
    case other(String)

    /// - Returns: nil when it is no JSON object with a type.
    init?(parsing text: String) {
        guard let object = (try? JSONValue(parsing: text))?.object,
            let type = object["type"]?.string
        else { return nil }
        func member(_ name: String) -> String { object[name]?.string ?? "" }
        switch type {
        case "session.created": self = .sessionCreated
        case "session.updated": self = .sessionUpdated
        case "input_audio_buffer.speech_started": self = .speechStarted
        case "input_audio_buffer.speech_stopped": self = .speechStopped
        case "input_audio_buffer.committed": self = .committed
        case "response.created":
            self = .responseCreated(object["response"]?.object?["id"]?.string ?? "")
        case "response.output_audio.delta", "response.audio.delta":
            self = .audio(
                Audio(
                    response: member("response_id"), item: member("item_id"),
                    contentIndex: object["content_index"]?.integer ?? 0, delta: member("delta")))
        case "response.output_audio.done", "response.audio.done":
            self = .audioDone(item: member("item_id"))
        case "response.output_audio_transcript.done", "response.audio_transcript.done":
            self = .transcript(member("transcript"), isCaller: false)
        case "conversation.item.input_audio_transcription.completed":
            self = .transcript(member("transcript"), isCaller: true)
        case "response.done":
            let response = object["response"]?.object
            let status = response?["status"]?.string.flatMap(Status.init) ?? .completed
            self = .responseDone(response?["id"]?.string ?? "", status)
        case "response.function_call_arguments.done":
            self = .function(
                call: member("call_id"), name: member("name"), arguments: member("arguments"))
        case "rate_limits.updated":
            let shares = (object["rate_limits"]?.array ?? []).compactMap { limit -> Double? in
                guard let most = limit.object?["limit"]?.number, most > 0,
                    let left = limit.object?["remaining"]?.number
                else { return nil }
                return left / most
            }
            self = .rateLimits(least: shares.min() ?? 1)
        case "error":
            let error = object["error"]?.object
            self = .error(
                type: error?["type"]?.string ?? "", code: error?["code"]?.string,
                eventID: error?["event_id"]?.string)
        default: self = .other(type)
        }
    }
}

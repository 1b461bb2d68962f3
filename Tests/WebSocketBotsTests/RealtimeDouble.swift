// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON

@testable import WebSocketBots

/// The far side of a Realtime conversation, as strict as OpenAI's is documented to be. What it
/// refuses it answers with `error` and keeps in ``refusals``.
struct RealtimeDouble {
    let isGA: Bool
    let bytesPerMillisecond: Int
    private(set) var isUpdated = false
    private(set) var detectsTurns = true
    /// The caller's audio, decoded, and what of it was not committed.
    private(set) var heard: [UInt8] = []
    private var uncommitted = 0
    private(set) var active: String?
    /// Bytes of audio that each item of the assistant holds.
    private var produced: [String: Int] = [:]
    private var responseCount = 0
    private var itemCount = 0
    /// Types of the events that were taken, those of audio left out.
    private(set) var taken: [String] = []
    private(set) var events: [JSONObject] = []
    private(set) var refusals: [String] = []

    init(_ options: RealtimeOptions) {
        isGA = options.dialect == .ga
        bytesPerMillisecond = options.encoding == .pcm16 ? 48 : 8
    }

    /// What it says on a new connection.
    mutating func open() -> [String] {
        isUpdated = false
        active = nil
        return [#"{"type":"session.created","event_id":"s0","session":{}}"#]
    }

    mutating func receive(_ text: String) -> [String] {
        guard let object = (try? JSONValue(parsing: text))?.object,
            let type = object["type"]?.string
        else { return refuse("no event", nil) }
        let id = object["event_id"]?.string
        switch type {
        case "input_audio_buffer.append":
            guard isUpdated else { return refuse("audio before session.updated", id) }
            guard let data = object["audio"]?.string.flatMap({ Data(base64Encoded: $0) }),
                !data.isEmpty
            else { return refuse("not base64", id) }
            heard += [UInt8](data)
            uncommitted += data.count
            return []
        case "session.update": return update(object["session"]?.object, id)
        case "input_audio_buffer.commit":
            guard !detectsTurns else { return refuse("commit with turn detection", id) }
            guard uncommitted > 0 else { return refuse("the buffer is empty", id) }
            uncommitted = 0
            return take(object, [#"{"type":"input_audio_buffer.committed","item_id":"u"}"#])
        case "response.create":
            guard active == nil else { return refuse("a response is under way", id) }
            return take(object, begin())
        case "response.cancel":
            guard active != nil else { return refuse("nothing to cancel", id) }
            return take(object, end("cancelled"))
        case "conversation.item.truncate": return truncate(object, id)
        case "conversation.item.create":
            let item = object["item"]?.object
            let isMessage =
                item?["type"] == "message"
                && ["user", "system"].contains(item?["role"]?.string)
                && item?["content"]?.array?.first?.object?["type"] == "input_text"
            let isOutput =
                item?["type"] == "function_call_output" && item?["call_id"]?.string != nil
            guard isMessage || isOutput else { return refuse("no item", id) }
            return take(object, [#"{"type":"conversation.item.added"}"#])
        default: return refuse("unknown type \(type)", id)
        }
    }

    private mutating func update(_ session: JSONObject?, _ id: String?) -> [String] {
        let input = session?["audio"]?.object?["input"]?.object
        let format = isGA ? input?["format"]?.object?["type"] : session?["input_audio_format"]
        let known: [JSONValue] =
            isGA
            ? ["audio/pcmu", "audio/pcma", "audio/pcm"] : ["g711_ulaw", "g711_alaw", "pcm16"]
        let modalities = isGA ? session?["output_modalities"] : session?["modalities"]
        guard let format, known.contains(format),
            session?["type"] == (isGA ? "realtime" : nil),
            modalities == (isGA ? ["audio"] : ["text", "audio"]),
            isGA == (session?["voice"] == nil), isGA == (session?["input_audio_format"] == nil)
        else { return refuse("invalid session", id) }
        let detection = isGA ? input?["turn_detection"] : session?["turn_detection"]
        detectsTurns = detection != nil
        isUpdated = true
        taken.append("session.update")
        return [#"{"type":"session.updated","session":{}}"#]
    }

    private mutating func truncate(_ object: JSONObject, _ id: String?) -> [String] {
        guard let item = object["item_id"]?.string, let bytes = produced[item],
            object["content_index"]?.integer == 0, let end = object["audio_end_ms"]?.integer,
            end >= 0, Int(end) * bytesPerMillisecond <= bytes
        else { return refuse("nothing to truncate there", id) }
        return take(
            object,
            [#"{"type":"conversation.item.truncated","item_id":"\#(item)","audio_end_ms":\#(end)}"#]
        )
    }

    private mutating func take(_ object: JSONObject, _ answers: [String]) -> [String] {
        taken.append(object["type"]?.string ?? "")
        events.append(object)
        return answers
    }

    private mutating func refuse(_ why: String, _ id: String?) -> [String] {
        refusals.append(why)
        let quoted = id.map { #","event_id":"\#($0)""# } ?? ""
        return [
            #"{"type":"error","error":{"type":"invalid_request_error","message":"m"\#(quoted)}}"#
        ]
    }

    // MARK: What it does by itself

    /// Begins a response, as it also does after a turn that it found.
    mutating func begin() -> [String] {
        responseCount += 1
        active = "r\(responseCount)"
        return [#"{"type":"response.created","response":{"id":"r\#(responseCount)"}}"#]
    }

    /// Audio of the response under way, as one item in one delta.
    mutating func speak(_ audio: [UInt8]) -> [String] {
        itemCount += 1
        produced["i\(itemCount)", default: 0] += audio.count
        return [delta(audio)]
    }

    private func delta(_ audio: [UInt8]) -> String {
        let name = isGA ? "response.output_audio.delta" : "response.audio.delta"
        let response = active ?? "r\(responseCount)"
        let text = Data(audio).base64EncodedString()
        return """
            {"type":"\(name)","response_id":"\(response)","item_id":"i\(itemCount)",\
            "content_index":0,"delta":"\(text)"}
            """
    }

    /// More of the item that was begun last, although its response may be over.
    func late(_ audio: [UInt8]) -> [String] { [delta(audio)] }

    mutating func end(_ status: String) -> [String] {
        let id = active ?? "r\(responseCount)"
        active = nil
        return [#"{"type":"response.done","response":{"id":"\#(id)","status":"\#(status)"}}"#]
    }

    /// The caller began to speak; what was being made is cancelled.
    mutating func hearCaller() -> [String] {
        [#"{"type":"input_audio_buffer.speech_started","audio_start_ms":0,"item_id":"u"}"#]
            + (active == nil ? [] : end("cancelled"))
    }
}

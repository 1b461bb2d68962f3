// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import JSON
internal import MediaEngine
internal import MediaServer
internal import SpeechDetection

/// What Sidetone tells a bot. Positions count samples of the caller's audio at the bot's rate.
enum ServerMessage {
    struct Start {
        var session: String
        var info: CallInfo
        var input: WireAudio
        var output: WireAudio
        var takesAudio: Bool
        var window: MediaDuration
        var backlog: MediaDuration
        var maximumMessageBytes: Int
        var resume: Resume?
    }

    struct Resume {
        /// Connections before this one.
        var count: Int
        /// Where the caller's audio stands.
        var position: Int64
        /// Messages that the bot did not get.
        var missedMessages: Int
    }

    enum MissedReason: String, CaseIterable {
        case disconnected, slow
    }

    case start(Start)
    case audioPosition(Int64)
    case audioMissed(from: Int64, to: Int64, MissedReason)
    case speechStarted(turn: TurnID, position: Int64)
    case speechPaused(turn: TurnID, position: Int64)
    case speechResumed(turn: TurnID, position: Int64)
    case speechEnded(turn: TurnID, onset: Int64, position: Int64)
    case turnAnswered(TurnBill)
    case bargeIn(position: Int64, BargeInEvidence)
    case interruption(Interruption, position: Int64)
    case interruptionVetoed(InterruptionID)
    case dtmf(DTMFDigit)
    case platformEvent(PlatformInput)
    case responseStarted(String)
    case responseEnded(String, PlaybackAccount)
    case mark(String, response: String, wasHeard: Bool)
    case cleared
    case credit(granted: Int64)
    case media(isStalled: Bool)
    case end(CallEndReason)
    case error(BotError)

    var text: String { JSONValue.object(JSONObject(members)).text }

    private var members: [JSONObject.Member] {
        var object = JSONObject([.init(name: "type", value: .string(type))])
        switch self {
        case .start(let start): start.write(to: &object)
        case .audioPosition(let position): object.append("position", .integer(position))
        case .audioMissed(let from, let to, let reason):
            object.append("from", .integer(from))
            object.append("to", .integer(to))
            object.append("reason", .string(reason.rawValue))
        case .speechStarted(let turn, let position), .speechPaused(let turn, let position),
            .speechResumed(let turn, let position):
            object.append("turn", .integer(Int64(turn.number)))
            object.append("position", .integer(position))
        case .speechEnded(let turn, let onset, let position):
            object.append("turn", .integer(Int64(turn.number)))
            object.append("onset", .integer(onset))
            object.append("position", .integer(position))
        case .turnAnswered(let bill): bill.write(to: &object)
        case .bargeIn(let position, let evidence):
            object.append("position", .integer(position))
            object.append("evidence", evidence.json)
        case .interruption(let interruption, let position):
            object.append("interruption", .integer(Int64(interruption.id.number)))
            object.append("position", .integer(position))
            object.append(
                "veto_ms", .number((interruption.vetoDeadline - interruption.decided).milliseconds))
            object.append("evidence", interruption.evidence.json)
        case .interruptionVetoed(let id):
            object.append("interruption", .integer(Int64(id.number)))
        case .dtmf(let digit): object.append("digit", .string(String(digit.key)))
        case .platformEvent(let input): input.write(to: &object)
        case .responseStarted(let name): object.append("response", .string(name))
        case .responseEnded(let name, let account):
            object.append("response", .string(name))
            object.append("heard_ms", .integer(account.heard))
            object.append("sent_ms", .integer(account.sent))
            object.append("discarded_ms", .integer(account.discarded))
            object.append("cleared", .bool(account.wasCleared))
            object.append("confirmed", .bool(account.isConfirmed))
        case .mark(let mark, let response, let wasHeard):
            object.append("mark", .string(mark))
            object.append("response", .string(response))
            object.append("heard", .bool(wasHeard))
        case .cleared: break
        case .credit(let granted): object.append("granted_ms", .integer(granted))
        case .media(let isStalled): object.append("stalled", .bool(isStalled))
        case .end(let reason): object.append("reason", .string(reason.rawValue))
        case .error(let error):
            object.append("code", .string(error.code.rawValue))
            object.append("message", .string(error.message))
            object.append("fatal", .bool(error.code.isFatal))
        }
        return object.members
    }

    private var type: String {
        switch self {
        case .start: "start"
        case .audioPosition: "audio_position"
        case .audioMissed: "audio_missed"
        case .speechStarted: "speech_started"
        case .speechPaused: "speech_paused"
        case .speechResumed: "speech_resumed"
        case .speechEnded: "speech_ended"
        case .turnAnswered: "turn_answered"
        case .bargeIn: "barge_in"
        case .interruption: "interruption"
        case .interruptionVetoed: "interruption_vetoed"
        case .dtmf: "dtmf"
        case .platformEvent: "platform_event"
        case .responseStarted: "response_started"
        case .responseEnded: "response_ended"
        case .mark: "mark"
        case .cleared: "cleared"
        case .credit: "credit"
        case .media: "media"
        case .end: "end"
        case .error: "error"
        }
    }
}

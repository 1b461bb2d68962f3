// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import SpeechDetection

/// An event in the form in which `call.c` prints it.
enum EventLine {
    static func text(of event: CallEvent) -> String {
        switch event {
        case .speechStarted(let turn, let place): "started" + moment(turn, place)
        case .speechPaused(let turn, let place): "paused" + moment(turn, place)
        case .speechResumed(let turn, let place): "resumed" + moment(turn, place)
        case .turnEnded(let turn):
            words(
                "ended", turn.onset.index, turn.lastVoiced.index, turn.spokenEnd.nanoseconds,
                turn.arrived.nanoseconds, turn.confirmed.nanoseconds)
                + moment(turn.id, turn.lastVoiced)
        case .turnAnswered(let bill):
            words(
                "answered", Int64(bill.turn.number), Int64(bill.response.number),
                bill.arrival.nanoseconds, bill.endpoint.nanoseconds, bill.bot.nanoseconds,
                bill.playout.nanoseconds, bill.total.nanoseconds)
        case .bargeIn(let seen):
            words(
                "interrupted", seen.spoken.nanoseconds, seen.decided.nanoseconds,
                Int64(seen.generation.number)) + text(of: seen.evidence)
        case .interruption, .interruptionVetoed: "not expected in this mode"
        case .bargeInHeld(let evidence): "held" + text(of: evidence)
        case .digit(let digit): "digit \(digit.key)"
        case .streamFault(let fault): "fault \(fault.rawValue)"
        case .responseStarted(let id): "response-started \(id.number)"
        case .responseSent(let id): "response-sent \(id.number)"
        case .responseEnded(let account): text(of: account)
        case .mark(let id, let response, let wasHeard):
            "mark \(id.number) \(response.number) \(wasHeard ? 1 : 0)"
        case .underrun(let id): "underrun \(id.number)"
        case .mediaStalled: "stalled"
        case .mediaResumed(let silence): "media-resumed \(silence.nanoseconds)"
        case .timelineJumped(let samples): "jumped \(samples)"
        case .playoutWritable: "writable"
        }
    }

    private static func text(of account: ResponseAccount) -> String {
        words(
            "response-ended", Int64(account.id.number), Int64(account.generation.number),
            Int64(account.accepted), Int64(account.sent), Int64(account.heard),
            Int64(account.flushed), Int64(account.returned), Int64(account.discarded),
            Int64(account.underruns), account.basis == .confirmed ? 1 : 0,
            account.wasCleared ? 1 : 0)
    }

    private static func text(of seen: BargeInEvidence) -> String {
        let values = [
            seen.near, seen.far, seen.echo, seen.residual, seen.floor, seen.delay ?? -1, seen.lock,
            seen.returnGain, seen.score, seen.threshold, seen.logit, seen.voicing,
        ]
        return " \(seen.onset.index) \(seen.decided.index) "
            + values.map { hex($0.bitPattern) }.joined(separator: " ")
            + " \(seen.verdict == .fired ? 1 : 0) \(seen.cancellerIsActive ? 1 : 0)"
    }

    static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func moment(_ turn: TurnID, _ position: SamplePosition) -> String {
        " turn \(turn.number) at \(position.index)"
    }

    private static func words(_ name: String, _ values: Int64...) -> String {
        ([name] + values.map(String.init)).joined(separator: " ")
    }
}

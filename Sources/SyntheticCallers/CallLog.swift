// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// What a call writes down while it runs.
package struct CallLog: Sendable {
    /// Whether the call is looked at on its own: events are kept for a timeline, and how late each
    /// frame was. Without, only what is measured and counted is.
    package var keepsTimeline = true
    /// The call began to connect.
    package private(set) var begin = MediaInstant(nanoseconds: 0)
    package private(set) var events: [TimelineEvent] = []
    package private(set) var violations: [Violation] = []
    package var counts = CallReport.Counts()
    package var generator = LatenessHistogram()
    package var pongs = LatenessHistogram()
    package private(set) var ending: CallReport.Ending?
    package private(set) var utterances: [Utterance] = []
    package private(set) var flushes: [Flush] = []
    /// Webex: when START_OF_INPUT and END_OF_INPUT came.
    package var startsOfInput: [MediaInstant] = []
    package var endsOfInput: [MediaInstant] = []

    /// A clip on the caller's timeline, in samples.
    package struct Utterance: Hashable, Sendable {
        package var clip: CallerClip
        package var start: Int
        package var onset: Int { start + clip.onset }
        package var end: Int { start + clip.end }
    }

    /// The server emptied the platform's buffer.
    package struct Flush: Hashable, Sendable {
        package var at: MediaInstant
        package var dropped: Int
    }

    /// A server that breaks a rule with every message must not fill the memory; all are counted.
    private static let mostViolations = 100

    package init() {}

    package mutating func start(at now: MediaInstant) {
        begin = now
    }

    package func elapsed(_ now: MediaInstant) -> Milliseconds { Milliseconds(now - begin) }

    /// Under load the frames of all calls fall on multiples of this. Where in its 20 ms a call's
    /// frames lie is chance; on five places instead of anywhere, those of many calls share one
    /// wake-up, and one write for each connection.
    package static let phaseGrid = MediaDuration.milliseconds(4)

    /// Where the timeline of media begins that is ready at `now`: there, or under load on the grid
    /// at once after it. Every frame is due by this timeline, so it is late only by what it leaves
    /// after that.
    package func mediaOrigin(_ now: MediaInstant) -> MediaInstant {
        guard !keepsTimeline else { return now }
        let grid = Self.phaseGrid.nanoseconds
        let past = now.nanoseconds % grid
        return past == 0 ? now : now + MediaDuration(nanoseconds: grid - past)
    }

    /// Audio that was complete at `due` leaves.
    package mutating func sent(_ bytes: Int, due: MediaInstant, at now: MediaInstant) {
        counts.binarySent += 1
        counts.bytesSent += bytes
        if keepsTimeline { generator.record(now - due) }
    }

    package mutating func note(
        _ actor: TimelineEvent.Actor, _ what: String, _ detail: String = "", at now: MediaInstant
    ) {
        guard keepsTimeline else { return }
        events.append(
            TimelineEvent(at: elapsed(now), actor: actor, what: what, detail: detail))
    }

    package mutating func violation(
        _ rule: Violation.Rule, _ detail: String, at now: MediaInstant
    ) {
        counts.violations += 1
        guard violations.count < Self.mostViolations else { return }
        violations.append(Violation(at: elapsed(now), rule: rule, detail: detail))
        note(.server, "VIOLATION", "\(rule.rawValue): \(detail)", at: now)
    }

    /// The server ended a connection that was not its to end.
    package mutating func lost(
        _ connection: String, code: UInt16?, fault: String?, at now: MediaInstant
    ) {
        if let fault { return violation(.webSocket, fault, at: now) }
        let how = code.map { "with code \($0)" } ?? "without a close frame"
        violation(.closedByServer, "\(connection) was closed \(how)", at: now)
    }

    package mutating func said(_ utterance: Utterance) {
        utterances.append(utterance)
    }

    package mutating func flushed(_ flush: Flush) {
        flushes.append(flush)
    }

    /// Fixes how the call ended; the first reason is the true one.
    package mutating func end(_ kind: CallReport.Ending.Kind, _ detail: String) {
        if ending == nil { ending = CallReport.Ending(kind: kind, detail: detail) }
    }
}

extension CallLog {
    /// Forgets what lies before the last utterance, and starts all counts anew.
    mutating func forget(before onset: MediaInstant) {
        utterances.removeFirst(max(0, utterances.count - 1))
        flushes.removeAll { $0.at < onset }
        startsOfInput.removeAll { $0 < onset }
        endsOfInput.removeAll { $0 < onset }
        violations = []
        events = []
        counts = CallReport.Counts()
        generator = LatenessHistogram()
        pongs = LatenessHistogram()
    }
}

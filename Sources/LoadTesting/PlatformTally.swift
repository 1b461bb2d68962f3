// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import SyntheticCallers

/// What the calls of one platform came to. Holds no call: each is counted when it is settled.
public struct PlatformTally: Sendable {
    public var started = 0
    public var byCaller = 0
    public var byBot = 0
    public var refused = 0
    public var failed = 0
    /// Calls whose caller vanished, as planned.
    public var vanished = 0

    public var turns = 0
    public var answered = 0
    /// Answered before the caller had finished.
    public var early = 0
    public var unanswered = 0
    public var interruptions = 0
    /// The bot talked on.
    public var missedInterruptions = 0
    /// The bot was stopped although nobody spoke.
    public var falseStops = 0

    /// End of speech until the first audio of the answer.
    public var response = Distribution()
    /// Onset until the bot was silenced.
    public var bargeIn = Distribution()
    /// Webex: onset until START_OF_INPUT, end of speech until END_OF_INPUT, and from there.
    public var onset = Distribution()
    public var endpoint = Distribution()
    public var prompt = Distribution()

    public var framesSent = 0
    public var framesReceived = 0
    public var bytesSent = 0
    public var bytesReceived = 0
    public var underruns = 0
    public var violations = 0
    /// By rule.
    public var violationsByRule: [String: Int] = [:]

    public init() {}

    /// Counts what is settled of a call.
    public mutating func add(
        _ report: CallReport, behaviour: CallerBehaviour, playsBot: Bool = true
    ) {
        framesSent += report.counts.binarySent
        framesReceived += report.counts.binaryReceived
        bytesSent += report.counts.bytesSent
        bytesReceived += report.counts.bytesReceived
        guard behaviour.isMeasured else { return }
        underruns += report.underruns.count
        violations += report.counts.violations
        // A key stops the bot as well, and is no speech.
        if behaviour != .digits { falseStops += report.counts.flushesInSilence }
        for violation in report.violations {
            violationsByRule[violation.rule.rawValue, default: 0] += 1
        }
        guard playsBot else { return }
        for turn in report.turns { add(turn, until: report.duration) }
        for interruption in report.interruptions {
            interruptions += 1
            if let latency = interruption.latency {
                bargeIn.record(milliseconds: latency.value)
            } else {
                missedInterruptions += 1
            }
        }
    }

    private mutating func add(_ turn: CallReport.Turn, until end: Milliseconds) {
        guard let latency = turn.arrivalLatency else {
            // Nobody waited for the answer of a turn at the very end.
            if end.value - turn.speechEnd.value > Self.patience {
                turns += 1
                unanswered += 1
            }
            return
        }
        turns += 1
        answered += 1
        if latency.value < 0 {
            early += 1
        } else {
            response.record(milliseconds: latency.value)
        }
        if let value = turn.onsetLatency?.value { onset.record(milliseconds: value) }
        if let value = turn.endpointLatency?.value, value >= 0 {
            endpoint.record(milliseconds: value)
        }
        if let value = turn.promptLatency?.value { prompt.record(milliseconds: value) }
    }

    /// Milliseconds after which a turn without an answer counts as one.
    private static let patience = 3000.0

    /// Counts how a call ended.
    public mutating func end(_ ending: CallReport.Ending, behaviour: CallerBehaviour) {
        switch ending.kind {
        case .byCaller where behaviour == .deadPeer: vanished += 1
        case .byCaller: byCaller += 1
        case .byBot: byBot += 1
        case .refused: refused += 1
        // It asked for it.
        case .failed where !behaviour.isMeasured: vanished += 1
        case .failed: failed += 1
        }
    }

    public mutating func add(_ other: PlatformTally) {
        started += other.started
        byCaller += other.byCaller
        byBot += other.byBot
        refused += other.refused
        failed += other.failed
        vanished += other.vanished
        turns += other.turns
        answered += other.answered
        early += other.early
        unanswered += other.unanswered
        interruptions += other.interruptions
        missedInterruptions += other.missedInterruptions
        falseStops += other.falseStops
        response.add(other.response)
        bargeIn.add(other.bargeIn)
        onset.add(other.onset)
        endpoint.add(other.endpoint)
        prompt.add(other.prompt)
        framesSent += other.framesSent
        framesReceived += other.framesReceived
        bytesSent += other.bytesSent
        bytesReceived += other.bytesReceived
        underruns += other.underruns
        violations += other.violations
        violationsByRule.merge(other.violationsByRule, uniquingKeysWith: +)
    }
}

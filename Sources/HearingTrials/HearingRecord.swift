// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import JSON
public import SpeechDetection

/// What a detector made of a recording: its decisions, and its state in every block of 8 ms.
public struct HearingRecord: Sendable {
    /// Where something happened, on the recording's own clock.
    public struct Moment<Kind: Sendable>: Sendable {
        public let at: MediaDuration
        public let kind: Kind
    }

    public let rate: SampleRate
    /// Turns' beginnings, pauses and ends.
    public private(set) var changes: [Moment<SpeechChange>] = []
    /// Interruptions, and evidence that died before it was one.
    public private(set) var evidence: [Moment<BargeInEvidence>] = []
    public private(set) var digits: [Moment<DTMFDigit>] = []
    public private(set) var faults: [Moment<StreamFault>] = []
    /// The judgement of each block, in order.
    public private(set) var decisions: [SpeechDecision] = []
    /// What is known of the echo at the end of each block.
    public private(set) var states: [BargeInEvidence] = []

    init(rate: SampleRate) {
        self.rate = rate
    }

    /// The time of a position on the near side.
    public func time(of position: SamplePosition) -> MediaDuration {
        rate.duration(of: Int(position.index))
    }

    mutating func append(_ decision: SpeechDecision, state: BargeInEvidence) {
        decisions.append(decision)
        states.append(state)
        let now = time(of: decision.end)
        if let change = decision.change { changes.append(Moment(at: now, kind: change)) }
        if let seen = decision.bargeIn { evidence.append(Moment(at: now, kind: seen)) }
        if let digit = decision.digit { digits.append(Moment(at: now, kind: digit)) }
        if let fault = decision.fault { faults.append(Moment(at: now, kind: fault)) }
    }

    /// Interruptions only.
    public var interruptions: [Moment<BargeInEvidence>] {
        evidence.filter { $0.kind.verdict == .fired }
    }

    /// The form that the scorers of `Tools/hearing` read: times in milliseconds.
    public var json: JSONValue {
        var members = JSONObject()
        members.append("fired_ms", .array(interruptions.map { .number($0.at.milliseconds) }))
        members.append("hop_ms", 8)
        members.append("active", .array(decisions.map { $0.isVoiced ? 1 : 0 }))
        members.append(
            "probability",
            .array(
                decisions.map { .number((Double($0.probability.value) * 1000).rounded() / 1000) }))
        members.append("paused_ms", .array(times { if case .paused = $0 { true } else { false } }))
        members.append("ended_ms", .array(times { if case .ended = $0 { true } else { false } }))
        members.append(
            "digits",
            .array(
                digits.map {
                    .array([.number($0.at.milliseconds), .string(String($0.kind.key))])
                }))
        members.append(
            "faults",
            .array(
                faults.map { .array([.number($0.at.milliseconds), .string($0.kind.rawValue)]) }))
        return .object(members)
    }

    private func times(_ matches: (SpeechChange) -> Bool) -> [JSONValue] {
        changes.filter { matches($0.kind) }.map { .number($0.at.milliseconds) }
    }
}

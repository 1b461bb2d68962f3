// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
public import SpeechDetection

/// A barge-in decision in words: what was heard, what was expected, and why it was so decided.
public struct HearingExplanation: Sendable {
    public let lines: [String]

    public init(_ moment: HearingRecord.Moment<BargeInEvidence>, in record: HearingRecord) {
        let evidence = moment.kind
        let onset = record.time(of: evidence.onset)
        let took = Self.milliseconds(moment.at - onset)
        var lines: [String] = []
        switch evidence.verdict {
        case .fired:
            lines.append(
                "at \(Self.seconds(moment.at)) s: an interruption, \(took) ms after its onset")
        case .held:
            lines.append(
                "at \(Self.seconds(moment.at)) s: no interruption; evidence from"
                    + " \(Self.seconds(onset)) s on died away")
        case .open:
            lines.append("at \(Self.seconds(moment.at)) s: nothing decided")
        }
        lines.append(
            "  evidence   \(Self.tenths(evidence.score)) of \(Self.tenths(evidence.threshold)),"
                + " the net's last word \(Self.signed(evidence.logit))")
        lines.append(
            "  levels     caller's side \(Self.decibels(evidence.near)), noise"
                + " \(Self.decibels(evidence.floor)), bot \(Self.decibels(evidence.far))")
        lines.append(
            "  echo       predicted \(Self.decibels(evidence.echo)), left unexplained"
                + " \(Self.decibels(evidence.residual))")
        lines.append("  path       \(Self.path(evidence))")
        self.lines = lines
    }

    private static func path(_ evidence: BargeInEvidence) -> String {
        guard let delay = evidence.delay else {
            return "no echo found yet: any delay is assumed"
        }
        return "delay \(Int(delay)) ms (match \(hundredths(evidence.lock))),"
            + " return \(decibels(evidence.returnGain))"
            + (evidence.cancellerIsActive ? ", with the canceller" : "")
    }

    static func seconds(_ duration: MediaDuration) -> String {
        String(format: "%.3f", duration.seconds)
    }

    private static func milliseconds(_ duration: MediaDuration) -> String {
        String(format: "%.0f", duration.milliseconds)
    }

    private static func tenths(_ value: Float) -> String { String(format: "%.1f", value) }

    private static func hundredths(_ value: Float) -> String { String(format: "%.2f", value) }

    private static func signed(_ value: Float) -> String { String(format: "%+.1f", value) }

    private static func decibels(_ value: Float) -> String { String(format: "%.0f dB", value) }
}

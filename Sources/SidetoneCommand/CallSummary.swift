// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import SyntheticCallers

/// What many synthetic calls came to.
struct CallSummary {
    private let results: [CallResult]

    init(_ results: [CallResult]) {
        self.results = results
    }

    /// Whether every call ended as it should and no rule of the platform was broken.
    var isOrderly: Bool {
        results.allSatisfy { result in
            result.report.violations.isEmpty
                && [.byCaller, .byBot].contains(result.report.ending.kind)
        }
    }

    var lines: [String] {
        let reports = results.map(\.report)
        let turns = reports.flatMap(\.turns)
        let latencies = turns.compactMap { $0.arrivalLatency?.value }.sorted()
        var lateness = LatenessHistogram()
        for result in results { lateness.merge(result.generator) }
        let endings = Dictionary(grouping: reports, by: \.ending.kind.rawValue)
            .map { "\($0.key) \($0.value.count)" }.sorted().joined(separator: ", ")
        var lines = [
            "calls       \(results.count): \(endings)",
            "turns       \(turns.count), answered \(latencies.count),"
                + " before the caller had finished \(turns.filter(\.answeredEarly).count)",
            "answer      " + Self.quantiles(of: latencies) + " after the end of speech",
        ]
        lines += inputLatencies(turns)
        lines += [
            "underruns   \(reports.reduce(0) { $0 + $1.underruns.count })",
            "violations  \(reports.reduce(0) { $0 + $1.violations.count })",
            "generator   late by p50 \(Self.text(lateness.value(at: 0.5).milliseconds)) ms,"
                + " p99 \(Self.text(lateness.value(at: 0.99).milliseconds)) ms,"
                + " max \(Self.text(lateness.maximum.milliseconds)) ms",
        ]
        let violations = Dictionary(grouping: reports.flatMap(\.violations), by: \.rule)
        for (rule, all) in violations.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            lines.append("  \(rule): \(all.count), such as: \(all[0].detail)")
        }
        for report in reports.prefix(1000) where report.ending.kind == .failed {
            lines.append("  failed: \(report.call): \(report.ending.detail)")
        }
        return lines
    }

    /// Where the platform lets the server tell what it hears.
    private func inputLatencies(_ turns: [CallReport.Turn]) -> [String] {
        let measures: [(String, (CallReport.Turn) -> Milliseconds?)] = [
            ("onset       ", { $0.onsetLatency }), ("endpoint    ", { $0.endpointLatency }),
            ("prompt      ", { $0.promptLatency }),
        ]
        let origins = [
            "from the onset of speech to START_OF_INPUT",
            "from the end of speech to END_OF_INPUT", "from there to the first prompt",
        ]
        return zip(measures, origins).compactMap { measure, origin in
            let values = turns.compactMap { measure.1($0)?.value }.sorted()
            guard !values.isEmpty else { return nil }
            return measure.0 + Self.quantiles(of: values) + " " + origin
        }
    }

    private static func quantiles(of sorted: [Double]) -> String {
        guard let last = sorted.last else { return "never" }
        let at = { (share: Double) in sorted[Int(Double(sorted.count - 1) * share)] }
        return "p50 \(text(at(0.5))) ms, p99 \(text(at(0.99))) ms, max \(text(last)) ms"
    }

    private static func text(_ milliseconds: Double) -> String {
        "\((milliseconds * 10).rounded() / 10)"
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A run in one line, while it goes on.
public enum ProgressLine {
    /// - Parameter duration: seconds that the run is planned to take.
    public static func text(
        _ sample: LoadResult.Sample, _ tally: LoadTally, of duration: Double
    ) -> String {
        let total = tally.total
        let time = Metric.Kind.time
        var parts = [
            "\(Int(sample.at.rounded())) of \(Int(duration.rounded())) s",
            "\(sample.live) calls",
        ]
        if let response = sample.response {
            parts.append("answers p99 \(time.text(response))")
        }
        parts.append("generator late p99 \(time.text(sample.generatorLate))")
        if let cpu = sample.serverCPU { parts.append("server \(Int(cpu.rounded())) %") }
        parts.append("we \(Int(sample.generatorCPU.rounded())) %")
        let faults = [
            ("refused", total.refused), ("failed", total.failed), ("underruns", total.underruns),
            ("violations", total.violations),
        ].filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
        parts += faults
        return parts.joined(separator: ", ")
    }
}

extension LoadResult {
    /// The result as aligned text: no colours, no trailing spaces.
    public var lines: [String] {
        var lines: [String] = []
        func add(_ name: String, _ text: String) {
            lines.append(name.padded(to: 18) + text)
        }
        let columns: [LoadPlatform?] = platforms.map { $0 } + (platforms.count > 1 ? [nil] : [])
        for platform in columns {
            let title = platform?.rawValue ?? "all"
            let counts = [
                "calls", "refused", "failed", "turns", "unanswered", "underruns", "violations",
            ]
            add(title, counts.map { "\($0) \(text($0, platform))" }.joined(separator: ", "))
            for name in ["response", "barge_in"] {
                guard let metric = Metric.all.first(where: { $0.name == name }),
                    let quantiles = quantiles(of: metric, platform), quantiles.count > 0
                else { continue }
                add("  " + name, Self.spread(quantiles))
            }
        }
        for name in ["own", "tick_late", "generator_late"] {
            guard let metric = Metric.all.first(where: { $0.name == name }),
                let quantiles = quantiles(of: metric), quantiles.count > 0
            else { continue }
            add(name, Self.spread(quantiles))
        }
        for name in [
            "most_live", "early", "lost", "cpu_per_call", "cpu_per_frame", "rss_per_call",
            "generator_cpu_per_frame", "machine_cpu", "steal",
        ] where text(name, nil) != "unknown" { add(name, text(name, nil)) }
        for (rule, count) in tally.total.violationsByRule.sorted(by: { $0.value > $1.value }) {
            add("  \(rule)", "\(count)")
        }
        for incident in tally.incidents.prefix(5) {
            lines.append("  \(incident.platform.rawValue) \(incident.call): \(incident.what)")
        }
        for outcome in outcomes {
            add(
                outcome.holds ? "holds" : "DOES NOT HOLD",
                "\(outcome.text): \(outcome.measured ?? "nothing measured")")
        }
        add(verdict.rawValue, reason)
        return lines
    }

    private func text(_ name: String, _ platform: LoadPlatform?) -> String {
        guard let metric = Metric.all.first(where: { $0.name == name }),
            let value = value(of: MetricReference(metric, metric.isPerPlatform ? platform : nil))
        else { return "unknown" }
        return metric.kind.text(value)
    }

    private static func spread(_ quantiles: Quantiles) -> String {
        let time = Metric.Kind.time
        return "p50 \(time.text(quantiles.p50)), p90 \(time.text(quantiles.p90)),"
            + " p99 \(time.text(quantiles.p99)), max \(time.text(quantiles.max))"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self + " "
    }
}

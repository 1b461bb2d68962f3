// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension ReportPage {
    /// One column per platform, and all of them together.
    var platformTable: String {
        let columns: [LoadPlatform?] =
            result.platforms.map { $0 } + (result.platforms.count > 1 ? [nil] : [])
        let head = columns.map { "<th class=\"number\">\($0?.title ?? "all")</th>" }
        let names = [
            "calls", "refused", "failed", "bot_ended", "turns", "unanswered", "early",
            "response.p50", "response.p90", "response.p99", "response.max", "interruptions",
            "missed_interruptions", "false_stops", "barge_in.p50", "barge_in.p95", "underruns",
            "violations", "frames_sent", "frames_received",
        ]
        let rows = names.compactMap { name -> String? in
            let cells = columns.map { platform -> String? in
                let full = platform.map { "\($0.rawValue).\(name)" } ?? name
                guard let reference = try? MetricReference(parsing: full),
                    let value = result.value(of: reference)
                else { return nil }
                return reference.kind.text(value)
            }
            guard cells.contains(where: { $0 != nil }) else { return nil }
            let filled = cells.map { "<td class=\"number\">\($0 ?? "\u{2013}")</td>" }
            return "<tr><td><code>\(name)</code></td>\(filled.joined())</tr>"
        }
        return """
            <section><h2>Platforms</h2>
            <table><tr><th></th>\(head.joined())</tr>
            \(rows.joined(separator: "\n"))
            </table>
            <p>\(callers)</p></section>
            """
    }

    private var callers: String {
        let counts = result.tally.behaviours.sorted { $0.value > $1.value }
            .map { "\($0.value) \($0.key.rawValue)" }
        let excused = result.tally.platforms.values.reduce(0) { $0 + $1.vanished }
        return "Callers: \(counts.joined(separator: ", "))."
            + (excused > 0 ? " \(excused) of them vanished, as planned." : "")
    }

    /// What went wrong: counts by rule, and the first ones word for word.
    var incidents: String {
        var rows: [String] = []
        for platform in result.platforms {
            let rules = result.tally.platforms[platform]?.violationsByRule ?? [:]
            for (rule, count) in rules.sorted(by: { $0.value > $1.value }) {
                rows.append(
                    "<tr><td>\(platform.title)</td><td><code>\(rule)</code></td>"
                        + "<td class=\"number\">\(count)</td></tr>")
            }
        }
        let first = result.tally.incidents.map { incident in
            "<tr><td>\(incident.platform.title)</td><td><code>\(incident.call.escaped)</code></td>"
                + "<td>\(incident.what.escaped)</td></tr>"
        }
        guard !rows.isEmpty || !first.isEmpty else { return "" }
        let byRule =
            rows.isEmpty
            ? ""
            : """
            <table><tr><th></th><th>rule</th><th class="number">times</th></tr>
            \(rows.joined(separator: "\n"))
            </table>
            """
        return """
            <section><h2>What went wrong</h2>
            \(byRule)
            <table><tr><th></th><th>call</th><th>the first of them</th></tr>
            \(first.joined(separator: "\n"))
            </table></section>
            """
    }

    /// Every metric by its name.
    var everything: String {
        let rows = MetricReference.all(of: []).compactMap { reference -> String? in
            guard let value = result.value(of: reference) else { return nil }
            return "<tr><td><code>\(reference.name)</code></td>"
                + "<td class=\"number\">\(reference.kind.text(value))</td>"
                + "<td>\(reference.metric.meaning.escaped)</td></tr>"
        }
        return """
            <section><details><summary>Everything that was measured</summary>
            <table><tr><th>metric</th><th class="number">value</th><th></th></tr>
            \(rows.joined(separator: "\n"))
            </table></details></section>
            """
    }
}

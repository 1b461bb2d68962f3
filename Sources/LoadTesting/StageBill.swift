// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Where the time of a turn goes: means, which add up, as one bar, and quantiles in a table.
struct StageBill {
    private struct Stage {
        var name: String
        var meaning: String
        var quantiles: Quantiles
    }

    private let stages: [Stage]
    /// Mean response as callers see it, microseconds.
    private let seen: Double?

    init(_ result: LoadResult) {
        let told: [(String, String, Quantiles?)] =
            result.statistics?.turnTotal?.count ?? 0 > 0
            ? [
                ("arrival", "last voiced sample to its arrival", result.stage("turn_arrival")),
                ("endpoint", "silence until the turn's end is sure", result.stage("turn_endpoint")),
                ("bot", "the bot's thinking", result.stage("turn_bot")),
                ("playout", "until the answer's first audio left", result.stage("turn_playout")),
            ]
            : [
                ("endpoint", "end of speech to END_OF_INPUT", result.stage("endpoint")),
                ("prompt", "END_OF_INPUT to the first prompt", result.stage("prompt")),
            ]
        stages = told.compactMap { name, meaning, quantiles in
            guard let quantiles, quantiles.count > 0 else { return nil }
            return Stage(name: name, meaning: meaning, quantiles: quantiles)
        }
        let response = result.tally.total.response
        seen = response.isEmpty ? nil : response.mean
    }

    private static let width = 844.0

    var html: String {
        guard !stages.isEmpty else { return "" }
        let own = stages.reduce(0) { $0 + $1.quantiles.mean }
        let scale = Self.width / max(1, max(own, seen ?? 0))
        var x = 8.0
        var bars: [String] = []
        for (index, stage) in stages.enumerated() {
            let wide = stage.quantiles.mean * scale
            let text = "\(stage.name) \(Metric.Kind.time.text(stage.quantiles.mean))"
            bars.append(
                Draw.bar(x, 8, wide - 2, 34, kind: "series\(index + 1)", tip: "\(text): mean"))
            // A name that its part of the bar cannot hold stands in the table alone.
            if wide > Double(text.count) * 7.5 {
                bars.append(Draw.text(x + 8, 30, text, kind: "inside"))
            }
            x += wide
        }
        let rows = stages.enumerated().map { index, stage in
            let kind = Metric.Kind.time
            let quantiles = stage.quantiles
            let cells = [quantiles.mean, quantiles.p50, quantiles.p99, quantiles.max].map {
                "<td class=\"number\">\(kind.text($0))</td>"
            }
            return "<tr><td><span class=\"key series\(index + 1)\"></span>\(stage.name)</td>"
                + "\(cells.joined())<td>\(stage.meaning)</td></tr>"
        }
        let callers = seen.map {
            "<p class=\"under\">Callers saw \(Metric.Kind.time.text($0)) on average;"
                + " the stages add up to \(Metric.Kind.time.text(own)).</p>"
        }
        return """
            <section><h2>Stages of a turn</h2>
            <figure><svg viewBox="0 0 860 50" role="img" aria-label="Mean stages of a turn">
            \(bars.joined(separator: "\n"))
            </svg>\(callers ?? "")</figure>
            <table><tr><th>stage</th><th class="number">mean</th><th class="number">p50</th>\
            <th class="number">p99</th><th class="number">max</th><th></th></tr>
            \(rows.joined(separator: "\n"))
            </table></section>
            """
    }
}

extension LoadResult {
    fileprivate func stage(_ name: String) -> Quantiles? {
        Metric.all.first { $0.name == name }.flatMap { quantiles(of: $0) }
    }
}

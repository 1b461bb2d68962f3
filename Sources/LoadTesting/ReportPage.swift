// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// The result of a run as one HTML page that needs nothing else: no network, no fonts, no scripts
/// of others.
public struct ReportPage: Sendable {
    let result: LoadResult

    public init(_ result: LoadResult) {
        self.result = result
    }

    /// The page, UTF-8.
    public var html: String {
        let title = "Load test: \(result.plan.calls) calls, \(result.verdict.rawValue)"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title.escaped)</title>
            <style>
            \(ReportStyle.css)
            </style>
            </head>
            <body>
            <main>
            \(header)
            \(tiles)
            \(assertions)
            \(latencies)
            \(StageBill(result).html)
            \(TimeCharts(result).html)
            \(CurveCharts(result.curve).html)
            \(platformTable)
            \(incidents)
            \(everything)
            </main>
            <div id="tip" hidden></div>
            <script>
            \(ReportStyle.script)
            </script>
            </body>
            </html>

            """
    }

    private var header: String {
        let plan = result.plan
        let mix = plan.mix.parts(of: plan.calls).map { "\($0.weight) \($0.key.title)" }
            .joined(separator: ", ")
        let callers = plan.behaviours.entries.map { "\($0.key.rawValue) \($0.weight)" }
            .joined(separator: ", ")
        let length = plan.callLength.map { "calls of \(Self.seconds($0.seconds)) on average" }
        let facts = [
            mix, "ramp \(Self.seconds(plan.ramp.seconds))",
            "hold \(Self.seconds(plan.hold.seconds))",
            length ?? "calls last to the end", "callers: \(callers)", "seed \(plan.seed)",
            result.date,
        ]
        let badge =
            [
                LoadResult.Verdict.passed: ("good", "\u{2713} passed"),
                .failed: ("bad", "\u{2717} failed"), .inconclusive: ("open", "? inconclusive"),
            ][result.verdict] ?? ("open", "")
        return """
            <header>
            <h1>Load test <span class="badge \(badge.0)">\(badge.1)</span></h1>
            <p class="reason">\(result.reason.escaped)</p>
            <p class="facts">\(facts.joined(separator: " \u{00B7} ").escaped)</p>
            </header>
            """
    }

    static func seconds(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value)) s" : "\((value * 10).rounded() / 10) s"
    }

    private var tiles: String {
        let wanted = [
            ("response.p50", "answer, p50"), ("response.p99", "answer, p99"),
            ("own.p99", "own share, p99"), ("barge_in.p95", "barge-in, p95"),
            ("most_live", "calls at a time"), ("lost", "frames lost"),
            ("underruns", "underruns"), ("violations", "violations"),
            ("cpu_per_call", "server CPU per call"), ("rss_per_call", "memory per call"),
            ("generator_late.p99", "generator late, p99"),
        ]
        let tiles = wanted.compactMap { name, label -> String? in
            guard let reference = try? MetricReference(parsing: name),
                let value = result.value(of: reference)
            else { return nil }
            return """
                <div class="tile"><div class="value">\(reference.kind.text(value))</div>\
                <div class="label">\(label)</div></div>
                """
        }
        return "<section class=\"tiles\">\(tiles.joined(separator: "\n"))</section>"
    }

    private var assertions: String {
        guard !result.outcomes.isEmpty else { return "" }
        let rows = result.outcomes.map { outcome in
            """
            <tr><td class="\(outcome.holds ? "good" : "bad")">\
            \(outcome.holds ? "\u{2713} holds" : "\u{2717} does not hold")</td>\
            <td><code>\(outcome.text.escaped)</code></td>\
            <td class="number">\((outcome.measured ?? "nothing measured").escaped)</td></tr>
            """
        }
        return """
            <section><h2>Assertions</h2>
            <table><tr><th></th><th>limit</th><th class="number">measured</th></tr>
            \(rows.joined(separator: "\n"))
            </table></section>
            """
    }

    private var latencies: String {
        let platforms = result.platforms.filter { platform in
            result.tally.platforms[platform].map { !$0.response.isEmpty } ?? false
        }
        var charts: [String] = []
        if platforms.isEmpty {
            charts.append("<p>No answer was measured: nothing that plays the bot was called.</p>")
        }
        for platform in platforms {
            guard let tally = result.tally.platforms[platform] else { continue }
            charts.append(
                LatencyChart(
                    title: "\(platform.title): end of speech to first audio of the answer",
                    distribution: tally.response, budget: 200...500, limit: 1000
                ).html)
        }
        let bargeIn = result.tally.total.bargeIn
        if !bargeIn.isEmpty {
            charts.append(
                LatencyChart(
                    title: "Interruptions: onset to silence", distribution: bargeIn,
                    budget: 0...250, limit: 1000
                ).html)
        }
        let total = result.tally.total
        let early =
            total.turns > 0
            ? "<p>\(total.early) of \(total.turns) turns were answered before the caller had finished;"
                + " they are not among the latencies. \(total.unanswered) got no answer.</p>" : ""
        return """
            <section><h2>Latency</h2>
            \(charts.joined(separator: "\n"))
            \(early)</section>
            """
    }
}

extension String {
    /// As text of HTML.
    var escaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

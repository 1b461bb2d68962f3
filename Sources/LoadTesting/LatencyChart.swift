// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A distribution as columns over milliseconds, with the budget behind and two quantiles marked.
struct LatencyChart {
    let title: String
    let distribution: Distribution
    /// Milliseconds.
    let budget: ClosedRange<Double>
    /// Milliseconds; what is longer is in the last column.
    let limit: Double

    private static let width = 860.0
    private static let height = 170.0
    private static let left = 8.0
    private static let bottom = 22.0
    private static let top = 30.0
    private static let columns = 50

    private func x(_ milliseconds: Double) -> Double {
        Self.left + min(milliseconds, limit) / limit * (Self.width - 2 * Self.left)
    }

    var html: String {
        let counts = distribution.bins(Self.columns, width: limit * 1000 / Double(Self.columns))
        let most = Double(max(1, counts.max() ?? 1))
        let floor = Self.height - Self.bottom
        let step = limit / Double(Self.columns)
        let bars = counts.enumerated().filter { $1 > 0 }.map { index, count in
            let tall = max(2, Double(count) / most * (floor - Self.top))
            let from = Double(index) * step
            let isLast = index == Self.columns - 1
            let range =
                isLast ? "\(Int(from)) ms and more" : "\(Int(from)) to \(Int(from + step)) ms"
            return Draw.bar(
                x(from) + 1, floor - tall, x(from + step) - x(from) - 2, tall,
                kind: from + step <= budget.upperBound ? "series1" : "over",
                tip: "\(range): \(count) of \(distribution.count)")
        }
        let shade = Draw.rectangle(
            x(budget.lowerBound), Self.top - 12, x(budget.upperBound) - x(budget.lowerBound),
            floor - Self.top + 12, kind: "budget")
        let ticks = stride(from: 0, through: limit, by: 100).map {
            Draw.text(
                x($0), Self.height - 6, "\(Int($0))",
                anchor: $0 == 0 ? "start" : $0 == limit ? "end" : "middle")
        }
        return """
            <figure><figcaption>\(title.escaped)</figcaption>
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="\(title.escaped)">
            \(shade)
            \(Draw.text(x(budget.upperBound) + 5, Self.top + 12, "budget to \(Int(budget.upperBound)) ms"))
            \(Draw.line(x(0), floor, x(limit), floor, kind: "axis"))
            \(bars.joined(separator: "\n"))
            \(marks(floor))
            \(ticks.joined())
            </svg>
            <p class="under">\(sentence)</p></figure>
            """
    }

    private func marks(_ floor: Double) -> String {
        [(0.5, "p50", 12.0), (0.99, "p99", 12.0)].map { quantile, name, y in
            let milliseconds = distribution.value(at: quantile) / 1000
            let at = x(milliseconds)
            // On either side of the two lines, which may be close to each other.
            let isLeft = name == "p50" ? at > 120 : at > Self.width - 120
            return Draw.line(at, y + 4, at, floor, kind: "mark")
                + Draw.text(
                    at + (isLeft ? -4 : 4), y, "\(name) \(Int(milliseconds.rounded())) ms",
                    anchor: isLeft ? "end" : "start", kind: "strong")
        }.joined()
    }

    private var sentence: String {
        let quantiles = distribution.quantiles
        let kind = Metric.Kind.time
        return "\(quantiles.count) measured: p50 \(kind.text(quantiles.p50)),"
            + " p90 \(kind.text(quantiles.p90)), p99 \(kind.text(quantiles.p99)),"
            + " p99.9 \(kind.text(quantiles.p999 ?? 0)), max \(kind.text(quantiles.max))"
    }
}

/// Pieces of SVG.
enum Draw {
    static func number(_ value: Double) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)
    }

    static func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, kind: String
    ) -> String {
        "<rect class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\""
            + " width=\"\(number(max(0, width)))\" height=\"\(number(max(0, height)))\"/>"
    }

    static func bar(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, kind: String, tip: String
    ) -> String {
        "<rect class=\"\(kind)\" rx=\"1.5\" x=\"\(number(x))\" y=\"\(number(y))\""
            + " width=\"\(number(max(0.5, width)))\" height=\"\(number(max(0.5, height)))\""
            + " data-tip=\"\(tip.escaped)\"/>"
    }

    static func dot(_ x: Double, _ y: Double, kind: String, tip: String) -> String {
        "<circle class=\"\(kind)\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"4\""
            + " data-tip=\"\(tip.escaped)\"/>"
    }

    static func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, kind: String
    ) -> String {
        "<line class=\"\(kind)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\""
            + " x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
    }

    static func text(
        _ x: Double, _ y: Double, _ text: String, anchor: String = "start", kind: String = "label"
    ) -> String {
        "<text class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\""
            + " text-anchor=\"\(anchor)\">\(text.escaped)</text>"
    }

    static func path(_ points: [(x: Double, y: Double)], kind: String) -> String {
        guard points.count > 1 else { return "" }
        let steps = points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(number(point.x)) \(number(point.y))"
        }
        return "<path class=\"\(kind)\" d=\"\(steps.joined())\"/>"
    }
}

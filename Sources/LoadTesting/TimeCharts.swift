// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What happened second by second: one small chart for each unit, on one time axis.
struct TimeCharts {
    private struct Line {
        var name: String
        var kind: String
        var values: [Double?]
    }

    private let samples: [LoadResult.Sample]

    init(_ result: LoadResult) {
        samples = result.samples
    }

    private static let width = 860.0
    private static let height = 120.0
    private static let left = 52.0
    private static let right = 12.0
    private static let top = 10.0
    private static let bottom = 20.0

    var html: String {
        guard samples.count > 1 else { return "" }
        let hasServer = samples.contains { $0.serverCPU != nil }
        let charts = [
            chart(
                "Calls",
                [Line(name: "calls", kind: "stroke1", values: samples.map { Double($0.live) })]),
            chart(
                "Processor time, % of one core",
                (hasServer
                    ? [Line(name: "server", kind: "stroke1", values: samples.map(\.serverCPU))]
                    : [])
                    + [
                        Line(
                            name: "generator", kind: "stroke2",
                            values: samples.map { $0.generatorCPU })
                    ]),
            chart(
                "p99 of the answers of each second, ms",
                [
                    Line(
                        name: "answer", kind: "stroke1",
                        values: samples.map { $0.response.map { $0 / 1000 } })
                ], limit: 500),
            chart(
                "Lateness, p99, ms",
                [
                    Line(
                        name: "generator", kind: "stroke2",
                        values: samples.map { $0.generatorLate / 1000 })
                ]
                    + (samples.contains { $0.tickLate != nil }
                        ? [
                            Line(
                                name: "server's ticks since its start", kind: "stroke1",
                                values: samples.map { $0.tickLate.map { $0 / 1000 } })
                        ] : [])),
            samples.contains { $0.serverMemory != nil }
                ? chart(
                    "Memory of the server, MiB",
                    [
                        Line(
                            name: "server", kind: "stroke1",
                            values: samples.map { $0.serverMemory.map { Double($0) / 1024 } })
                    ]) : "",
        ]
        return """
            <section><h2>Over time</h2>
            \(charts.joined(separator: "\n"))
            </section>
            """
    }

    private var end: Double { max(1, samples.last?.at ?? 1) }

    private func x(_ at: Double) -> Double {
        Self.left + at / end * (Self.width - Self.left - Self.right)
    }

    private func chart(_ title: String, _ lines: [Line], limit: Double? = nil) -> String {
        let values = lines.flatMap { $0.values.compactMap { $0 } }
        guard let most = (values + [limit ?? 0]).max() else { return "" }
        let top = Self.rounded(max(most, 0.001))
        let floor = Self.height - Self.bottom
        func y(_ value: Double) -> Double { floor - value / top * (floor - Self.top) }
        let grid = [0, top / 2, top].map {
            Draw.line(Self.left, y($0), Self.width - Self.right, y($0), kind: "grid")
                + Draw.text(Self.left - 6, y($0) + 4, Self.short($0), anchor: "end")
        }
        let paths = lines.map { line in
            Draw.path(
                zip(samples, line.values).compactMap { sample, value in
                    value.map { (x(sample.at), y($0)) }
                }, kind: line.kind)
        }
        let limitLine = limit.map {
            Draw.line(Self.left, y($0), Self.width - Self.right, y($0), kind: "limit")
        }
        let wide = (Self.width - Self.left - Self.right) / Double(samples.count)
        let tips = samples.enumerated().map { index, sample in
            let told = lines.compactMap { line in
                line.values[index].map { "\(line.name) \(Self.short($0))" }
            }.joined(separator: ", ")
            return Draw.bar(
                x(sample.at) - wide, Self.top, wide, floor - Self.top, kind: "hover",
                tip: "\(Int(sample.at.rounded())) s: \(told)")
        }
        let keys =
            lines.count > 1
            ? lines.map { "<span class=\"key \($0.kind)\"></span>\($0.name) " }.joined() : ""
        let seconds = stride(from: 0.0, through: end, by: Self.step(end)).map {
            Draw.text(x($0), Self.height - 4, "\(Int($0)) s", anchor: $0 == 0 ? "start" : "middle")
        }
        return """
            <figure><figcaption>\(title.escaped) <span class="keys">\(keys)</span></figcaption>
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="\(title.escaped)">
            \(grid.joined())\(limitLine ?? "")
            \(paths.joined(separator: "\n"))
            \(seconds.joined())
            \(tips.joined())
            </svg></figure>
            """
    }

    /// The next larger of 1, 2, 2.5 and 5 times a power of ten.
    private static func rounded(_ value: Double) -> Double {
        var scale = 0.001
        while scale < 1e12 {
            for factor in [1, 2, 2.5, 5] where factor * scale >= value { return factor * scale }
            scale *= 10
        }
        return value
    }

    private static func step(_ end: Double) -> Double {
        [5, 10, 20, 30, 60, 120, 300, 600].first { end / $0 <= 12 } ?? 1200
    }

    private static func short(_ value: Double) -> String {
        value >= 100 || value == value.rounded()
            ? String(Int(value.rounded())) : String((value * 100).rounded() / 100)
    }
}

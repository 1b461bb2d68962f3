// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The engine's cost and memory over the number of calls: two small charts side by side.
struct CurveCharts {
    private let points: [ScalingCurve.Point]

    init(_ curve: ScalingCurve?) {
        points = curve?.points ?? []
    }

    private static let width = 430.0
    private static let height = 170.0
    private static let left = 16.0
    private static let right = 26.0
    private static let top = 26.0
    private static let bottom = 34.0

    var html: String {
        guard let last = points.last else { return "" }
        let cost = chart(
            "Processor time for 20 ms of one call, us", kind: "1",
            points.map { $0.nanoseconds / 1000 }, unit: "us")
        let memory = chart(
            "Memory of one call, KiB", kind: "2", points.map { $0.bytes / 1024 }, unit: "KiB")
        return """
            <section><h2>The engine alone, up to \(last.calls) calls</h2>
            <div class="pair">
            \(cost)
            \(memory)
            </div>
            <p class="under">Calls in conversation without sockets, bots and callers, on one core; \
            memory with what waits to be played.</p>
            </section>
            """
    }

    private func chart(
        _ title: String, kind: String, _ values: [Double], unit: String
    ) -> String {
        let floor = Self.height - Self.bottom
        let most = max(values.max() ?? 1, 0.001) * 1.1
        let end = Double(points.last?.calls ?? 1)
        func x(_ calls: Int) -> Double {
            Self.left + Double(calls) / end * (Self.width - Self.left - Self.right)
        }
        func y(_ value: Double) -> Double { floor - value / most * (floor - Self.top) }
        let marks = zip(points, values).map { point, value in
            let told = "\(point.calls) calls: \(Draw.number(value)) \(unit)"
            return Draw.dot(x(point.calls), y(value), kind: "series\(kind)", tip: told)
                + Draw.text(
                    x(point.calls), y(value) - 9, Draw.number(value), anchor: "middle",
                    kind: "strong")
        }
        let path = Draw.path(
            zip(points, values).map { (x($0.calls), y($1)) }, kind: "curve\(kind)")
        return """
            <figure><figcaption>\(title.escaped)</figcaption>
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="\(title.escaped)">
            \(Draw.line(Self.left, floor, Self.width - Self.right, floor, kind: "axis"))
            \(path)
            \(marks.joined(separator: "\n"))
            \(labels(x).joined())
            \(Draw.text(Self.width - Self.right, Self.height - 4, "calls at a time", anchor: "end"))
            </svg></figure>
            """
    }

    /// One under each point that has room for it.
    private func labels(_ x: (Int) -> Double) -> [String] {
        var edge = -Double.infinity
        return points.compactMap { point in
            guard x(point.calls) - edge >= 34 else { return nil }
            edge = x(point.calls)
            return Draw.text(
                edge, Self.height - Self.bottom + 16, "\(point.calls)", anchor: "middle")
        }
    }
}

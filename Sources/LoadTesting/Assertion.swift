// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A limit that a run must keep, as `response.p99<=500ms`.
public struct Assertion: Hashable, Sendable {
    public enum Comparison: String, CaseIterable, Hashable, Sendable {
        // Those of two characters first: they are looked for in this order.
        case atMost = "<="
        case atLeast = ">="
        case equal = "=="
        case below = "<"
        case above = ">"

        func holds(_ value: Double, _ limit: Double) -> Bool {
            switch self {
            case .atMost: value <= limit
            case .atLeast: value >= limit
            case .equal: value == limit
            case .below: value < limit
            case .above: value > limit
            }
        }
    }

    public let reference: MetricReference
    public let comparison: Comparison
    /// In the unit of the metric: microseconds, KiB, per cent, or none.
    public let limit: Double
    /// As it was written.
    public let text: String

    /// - Throws: ``LoadProblem`` that says what is wrong, and names what exists.
    public init(parsing text: String) throws(LoadProblem) {
        let found = Comparison.allCases.lazy.compactMap { comparison in
            text.firstRange(of: comparison.rawValue).map { (comparison, $0) }
        }.first
        guard let (comparison, range) = found else {
            throw LoadProblem("'\(text)' compares nothing: write METRIC<=LIMIT (or <, ==, >=, >)")
        }
        reference = try MetricReference(parsing: text[..<range.lowerBound].trimmed)
        self.comparison = comparison
        limit = try Self.limit(text[range.upperBound...].trimmed, reference)
        self.text = text
    }

    private static func limit(
        _ text: String, _ reference: MetricReference
    ) throws(LoadProblem) -> Double {
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "-" }
        let unit = text.dropFirst(digits.count).trimmed
        guard let number = Double(digits) else {
            throw LoadProblem("'\(text)' is no limit for \(reference.name): a number is missing")
        }
        let units = reference.kind.units
        guard let factor = units.first(where: { $0.name == unit })?.factor else {
            let known = units.map { $0.name.isEmpty ? "no unit" : $0.name }
            throw LoadProblem(
                "\(reference.name) takes \(known.joined(separator: " or ")), not '\(unit)'")
        }
        return number * factor
    }

    /// Whether a run kept the limit.
    public func outcome(_ result: LoadResult) -> Outcome {
        let value = result.value(of: reference)
        return Outcome(
            text: text, measured: value.map(reference.kind.text),
            holds: value.map { comparison.holds($0, limit) } ?? false)
    }

    public struct Outcome: Codable, Hashable, Sendable {
        public var text: String
        /// Nil when nothing was measured, which keeps no limit.
        public var measured: String?
        public var holds: Bool
    }
}

extension Metric.Kind {
    fileprivate var units: [(name: String, factor: Double)] {
        switch self {
        case .time: [("us", 1), ("ms", 1000), ("s", 1_000_000)]
        case .count: [("", 1)]
        case .share: [("%", 1)]
        case .memory: [("KiB", 1), ("MiB", 1024)]
        }
    }
}

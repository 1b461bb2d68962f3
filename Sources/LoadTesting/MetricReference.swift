// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// One value of a metric: `response.p99`, `webex.response.p50`, `violations`.
public struct MetricReference: Hashable, Sendable {
    public enum Statistic: String, CaseIterable, Hashable, Sendable {
        case p50, p90, p95, p99, p999, max, mean, count
    }

    public let metric: Metric
    /// Nil is all platforms together.
    public let platform: LoadPlatform?
    /// Of distributions.
    public let statistic: Statistic?

    /// - Throws: ``LoadProblem`` that names what exists.
    public init(parsing text: String) throws(LoadProblem) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        platform = parts.first.flatMap(LoadPlatform.init)
        if platform != nil { parts.removeFirst() }
        guard let name = parts.first, let metric = Metric.all.first(where: { $0.name == name })
        else {
            let known = Metric.all.map(\.name).joined(separator: ", ")
            throw LoadProblem("'\(parts.first ?? text)' is no metric: there are \(known)")
        }
        if let platform, !metric.isPerPlatform {
            throw LoadProblem("'\(name)' is not known of \(platform.rawValue) alone")
        }
        self.metric = metric
        guard metric.isDistribution else {
            guard parts.count == 1 else {
                throw LoadProblem("'\(name)' is one number: it has no '\(parts[1])'")
            }
            statistic = nil
            return
        }
        guard parts.count == 2, let statistic = Statistic(rawValue: parts[1]) else {
            let known = Statistic.allCases.map { "\(name).\($0.rawValue)" }
            throw LoadProblem("'\(text)' must be one of \(known.joined(separator: ", "))")
        }
        self.statistic = statistic
    }

    init(_ metric: Metric, _ platform: LoadPlatform? = nil, _ statistic: Statistic? = nil) {
        self.metric = metric
        self.platform = platform
        self.statistic = statistic
    }

    public var name: String {
        [platform?.rawValue, metric.name, statistic?.rawValue].compactMap { $0 }
            .joined(separator: ".")
    }

    /// A count has no unit, whatever it is a count of.
    public var kind: Metric.Kind { statistic == .count ? .count : metric.kind }

    /// Every value that a run over `platforms` has.
    static func all(of platforms: [LoadPlatform]) -> [MetricReference] {
        Metric.all.flatMap { metric in
            ([nil] + (metric.isPerPlatform ? platforms.map { $0 } : [])).flatMap { platform in
                metric.isDistribution
                    ? Statistic.allCases.map { MetricReference(metric, platform, $0) }
                    : [MetricReference(metric, platform)]
            }
        }
    }
}

extension Quantiles {
    func value(_ statistic: MetricReference.Statistic) -> Double? {
        switch statistic {
        case .count: Double(count)
        case _ where count == 0: nil
        case .p50: p50
        case .p90: p90
        case .p95: p95
        case .p99: p99
        case .p999: p999
        case .max: max
        case .mean: mean
        }
    }
}

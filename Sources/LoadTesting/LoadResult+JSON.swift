// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import Foundation

extension LoadResult {
    /// What `--json` writes. Times are microseconds, memory KiB, shares per cent.
    private struct Document: Encodable {
        struct Plan: Encodable {
            var calls: Int
            var mix: [String: Int]
            var behaviours: [String: Int]
            var rampSeconds: Double
            var holdSeconds: Double
            var callLengthSeconds: Double?
            var seed: UInt64
        }

        struct Limits: Encodable {
            var generatorLateP99: Double
            var generatorLateMax: Double
        }

        var date: String
        var verdict: Verdict
        var reason: String
        var assertions: [Assertion.Outcome]
        var plan: Plan
        var limits: Limits
        var callers: [String: Int]
        /// By the names that assertions use.
        var metrics: [String: Double]
        var violationsByRule: [String: [String: Int]]
        var incidents: [LoadTally.Incident]
        var usage: Usage
        var server: ServerStatistics?
        var seconds: [Sample]
    }

    /// The result as JSON, members sorted.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(document)
    }

    private var document: Document {
        var metrics: [String: Double] = [:]
        for reference in MetricReference.all(of: platforms) {
            metrics[reference.name] = value(of: reference)
        }
        let byRule = tally.platforms.filter { !$0.value.violationsByRule.isEmpty }
            .map { ($0.key.rawValue, $0.value.violationsByRule) }
        return Document(
            date: date, verdict: verdict, reason: reason, assertions: outcomes,
            plan: Document.Plan(
                calls: plan.calls,
                mix: Self.named(plan.mix.parts(of: plan.calls)),
                behaviours: Self.named(plan.behaviours.entries),
                rampSeconds: plan.ramp.seconds, holdSeconds: plan.hold.seconds,
                callLengthSeconds: plan.callLength?.seconds, seed: plan.seed),
            limits: Document.Limits(
                generatorLateP99: lateLimit.p99 * 1000, generatorLateMax: lateLimit.maximum * 1000),
            callers: Dictionary(
                uniqueKeysWithValues: tally.behaviours.map { ($0.key.rawValue, $0.value) }),
            metrics: metrics, violationsByRule: Dictionary(uniqueKeysWithValues: byRule),
            incidents: tally.incidents, usage: usage, server: statistics, seconds: samples)
    }

    private static func named<Key>(_ entries: [Shares<Key>.Entry]) -> [String: Int] {
        Dictionary(entries.map { ($0.key.rawValue, $0.weight) }, uniquingKeysWith: +)
    }

    /// The verdict as a sentence.
    public var reason: String {
        let late = tally.generatorLate
        let kind = Metric.Kind.time
        let lateness =
            "p99 \(kind.text(late.value(at: 0.99))), max \(kind.text(late.maximum));"
            + " the limits are \(kind.text(lateLimit.p99 * 1000)) and"
            + " \(kind.text(lateLimit.maximum * 1000))"
        let broken = outcomes.filter { !$0.holds }
        switch verdict {
        case .inconclusive:
            return "the generator was late (\(lateness)): this run says nothing of the server"
        case .failed:
            return broken.map { "\($0.text) does not hold: \($0.measured ?? "nothing measured")" }
                .joined(separator: "; ")
        case .passed:
            return outcomes.isEmpty
                ? "nothing was asserted; the generator was in time (\(lateness))"
                : "all \(outcomes.count) assertions hold; the generator was in time (\(lateness))"
        }
    }
}

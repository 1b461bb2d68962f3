// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LoadTesting

@Suite struct AssertionTests {
    @Test(arguments: [
        ("response.p99<=500ms", "response.p99", Assertion.Comparison.atMost, 500_000.0),
        ("webex.response.p50 < 0.35 s", "webex.response.p50", .below, 350_000),
        ("violations==0", "violations", .equal, 0), ("turns>=100", "turns", .atLeast, 100),
        ("cpu_per_call<0.06%", "cpu_per_call", .below, 0.06),
        ("rss_per_call<=1.5MiB", "rss_per_call", .atMost, 1536),
        ("own.p999<=20000us", "own.p999", .atMost, 20_000),
        ("barge_in.count>10", "barge_in.count", .above, 10),
    ])
    func reads(
        _ text: String, _ name: String, _ comparison: Assertion.Comparison, _ limit: Double
    ) throws {
        let assertion = try Assertion(parsing: text)
        #expect(assertion.reference.name == name)
        #expect(assertion.comparison == comparison)
        #expect(assertion.limit == limit)
        #expect(assertion.text == text)
    }

    @Test(arguments: [
        ("response.p99", "compares nothing"), ("respons.p99<=1ms", "there are response, barge_in"),
        ("response<=500ms", "must be one of response.p50"),
        ("response.p98<=500ms", "must be one of response.p50"),
        ("violations.p99==0", "it has no 'p99'"),
        ("webex.own.p99<=1ms", "not known of webex alone"),
        ("response.p99<=500", "takes us or ms or s, not ''"),
        ("response.p99<=500KiB", "takes us or ms or s, not 'KiB'"),
        ("violations==0ms", "takes no unit, not 'ms'"), ("lost==", "a number is missing"),
        ("lost==zero", "a number is missing"),
    ])
    func saysWhatIsWrong(_ text: String, _ part: String) {
        do {
            _ = try Assertion(parsing: text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.description.contains(part), "\(error.description)")
        }
    }

    @Test func isHeldAgainstTheResult() throws {
        let result = Sample.result()
        func holds(_ text: String) throws -> Bool {
            try Assertion(parsing: text).outcome(result).holds
        }
        #expect(try holds("response.p50<=400ms"))
        #expect(try !holds("response.p50<100ms"))
        #expect(try holds("webex.turns==2"))
        #expect(try holds("genesys.turns==0"))
        #expect(try holds("violations==1"))
        // Nothing was measured: no limit is kept.
        let unmeasured = try Assertion(parsing: "barge_in.p95<=250ms").outcome(result)
        #expect(unmeasured == .init(text: "barge_in.p95<=250ms", measured: nil, holds: false))
    }
}

@Suite struct MetricTests {
    @Test func theReferenceListsEveryMetric() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/load.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        for metric in Metric.all {
            let mark = metric.isDistribution ? " *d*" : ""
            #expect(
                text.contains("| `\(metric.name)`\(mark) | \(metric.meaning) |"), "\(metric.name)")
        }
    }

    @Test func namesAreUnique() {
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
    }

    @Test(arguments: [
        (Metric.Kind.time, 431_250.0, "431 ms"), (.time, 900, "900 us"), (.count, 0, "0"),
        (.share, 0.0421, "0.042 %"), (.memory, 512, "512 KiB"), (.memory, 20_480, "20 MiB"),
    ])
    func valuesReadLikeNumbersOfPeople(_ kind: Metric.Kind, _ value: Double, _ text: String) {
        #expect(kind.text(value) == text)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LoadTesting

@Suite struct ReportPageTests {
    @Test func pageStandsAloneAndTellsTheRun() throws {
        var result = Sample.result()
        result.outcomes = [
            try Assertion(parsing: "response.p99<=500ms").outcome(result),
            try Assertion(parsing: "violations==0").outcome(result),
        ]
        let html = ReportPage(result).html
        #expect(html.hasPrefix("<!doctype html>"))
        for outside in ["http:", "https:", "src=", "href=", "@import", "url("] {
            #expect(!html.contains(outside), "\(outside)")
        }
        #expect(html.contains("\u{2717} failed"))
        #expect(html.contains("response.p99&lt;=500ms"))
        #expect(html.contains("p50 300 ms") || html.contains("p50 301 ms"))
        #expect(html.contains("endpoint 335 ms"))
        // What a server wrote is text and no markup.
        #expect(html.contains("c-1 &lt;b&gt;") && !html.contains("c-1 <b>"))
        for name in ["section", "table", "svg", "figure", "main", "tr"] {
            let opened = html.components(separatedBy: "<\(name)").count
            #expect(opened == html.components(separatedBy: "</\(name)>").count, "\(name)")
        }
        #expect(!html.contains("\"nan") && !html.contains(">nan") && !html.contains("inf"))
    }

    @Test func aRunWithoutAnswersAndServerHasAPage() {
        var result = Sample.result()
        result.tally = LoadTally([.cxone])
        result.statistics = nil
        result.samples = []
        let html = ReportPage(result).html
        #expect(html.contains("No answer was measured"))
        #expect(html.contains("\u{2713} passed"))
    }

    @Test func aLateGeneratorMakesARunInconclusive() throws {
        var result = Sample.result()
        result.outcomes = [try Assertion(parsing: "violations==0").outcome(result)]
        #expect(result.verdict == .failed)
        result.lateLimit = .init(p99: 1, maximum: 250)
        #expect(result.verdict == .inconclusive)
        #expect(result.reason.contains("the generator was late"))
        #expect(ReportPage(result).html.contains("? inconclusive"))
        result.lateLimit = .init(p99: 20, maximum: 1)
        #expect(result.verdict == .inconclusive)
    }

    @Test func jsonNamesMetricsAsAssertionsDo() throws {
        let object = try #require(
            try JSONSerialization.jsonObject(with: Sample.result().json()) as? [String: Any])
        let metrics = try #require(object["metrics"] as? [String: Double])
        #expect(metrics["webex.turns"] == 2)
        #expect(metrics["own.p99"] == 19_000)
        #expect(metrics["barge_in.p99"] == nil)
        #expect(object["verdict"] as? String == "passed")
        #expect((object["seconds"] as? [Any])?.count == 12)
    }

    @Test func linesTellTheRun() {
        let lines = Sample.result().lines
        #expect(lines.contains { $0.hasPrefix("webex ") && $0.contains("turns 2") })
        #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
        #expect(lines.last?.hasPrefix("passed") == true)
    }
}

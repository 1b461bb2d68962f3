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

    @Test func theEnginesCurveIsDrawnWhereItIsGiven() throws {
        var result = Sample.result()
        #expect(!ReportPage(result).html.contains("The engine alone"))
        let text = """
            {"pieces": [], "curve": [
             {"calls": 4000, "nanoseconds": 9640, "bytes": 86016},
             {"calls": 100, "nanoseconds": 6600, "bytes": 81920}]}
            """
        result.curve = try ScalingCurve(parsing: Data(text.utf8))
        let html = ReportPage(result).html
        #expect(html.contains("The engine alone, up to 4000 calls"))
        #expect(html.contains("100 calls: 6.6 us") && html.contains("4000 calls: 84 KiB"))
        #expect(html.components(separatedBy: "<circle").count == 5)
    }

    @Test(arguments: [
        "nonsense", #"{"curve": []}"#,
        #"{"curve": [{"calls": 100, "nanoseconds": 1, "bytes": 1}]}"#,
        #"{"curve": [{"calls": 0, "nanoseconds": 1, "bytes": 1}, {"calls": 9, "nanoseconds": 1, "bytes": 1}]}"#,
    ])
    func whatIsNoCurveIsRefused(_ text: String) {
        #expect(throws: LoadProblem.self) { try ScalingCurve(parsing: Data(text.utf8)) }
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

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import SyntheticCallers
import Testing

@testable import LoadTesting

/// Results as a run might have them.
enum Sample {
    static func clip(_ name: String = "speech") throws -> CallerClip {
        let samples = (0..<6400).map { Int16(8000 * sin(Double($0) * 0.35)) }
        return try CallerClip(
            name: name, audio: AudioClip(rate: .hz8000, samples: samples),
            labels: SpeechLabels(runs: [0..<6400]))
    }

    static func call(_ behaviour: CallerBehaviour = .talker) -> PlannedCall {
        PlannedCall(
            platform: .webex, behaviour: behaviour, start: .zero, length: .seconds(10), seed: 1)
    }

    /// A report with two answered turns, 300 and 420 ms after the end of speech, and a violation.
    static func report() throws -> CallReport {
        let text = """
            {"platform": "webex", "call": "c-1 <b>", "duration_ms": 9000, "media_start_ms": 1,
             "ending": {"kind": "caller-hung-up", "detail": "end"},
             "turns": [
              {"clip": "a", "speech_start_ms": 100, "speech_end_ms": 1000, "sent_ms": 1000,
               "arrived_ms": 1300, "arrival_latency_ms": 300, "answered_early": false,
               "onset_latency_ms": 90, "endpoint_latency_ms": 299, "prompt_latency_ms": 1},
              {"clip": "b", "speech_start_ms": 4000, "speech_end_ms": 5000, "sent_ms": 5000,
               "arrived_ms": 5420, "arrival_latency_ms": 420, "answered_early": false}],
             "interruptions": [], "responses": [], "underruns": [],
             "violations": [{"at_ms": 5, "rule": "no-final", "detail": "<RPC 1>"}],
             "timeline": [], "levels": {}, "generator_lateness":
             {"count": 0, "p50_ms": 0, "p99_ms": 0, "max_ms": 0},
             "counts": {"text_sent": 2, "binary_sent": 400, "binary_bytes_sent": 64000,
              "text_received": 4, "binary_received": 5, "binary_bytes_received": 8000,
              "violations": 1, "flushes_in_silence": 0, "most_buffered_ms": 10},
             "output_variables": {}}
            """
        return try JSONDecoder().decode(CallReport.self, from: Data(text.utf8))
    }

    static func tally() -> LoadTally {
        var tally = LoadTally([.webex, .genesys])
        guard let report = try? report() else { return tally }
        tally.began(call(), late: .milliseconds(2))
        tally.ended(call(), result(report))
        return tally
    }

    static func result(_ report: CallReport) -> CallResult {
        CallResult(report: report, recording: CallRecording(), generator: LatenessHistogram())
    }

    static func result() -> LoadResult {
        var usage = LoadResult.Usage()
        (usage.seconds, usage.calls, usage.server, usage.frames) = (10, 2, 0.1, 400)
        (usage.serverInAll, usage.generatorInAll) = (0.1, 0.002)
        (usage.memoryBefore, usage.mostMemory) = (10_000, 10_400)
        let samples = (1...12).map { second in
            LoadResult.Sample(
                at: Double(second), live: 2, serverCPU: 1, serverMemory: 10_400, generatorCPU: 0.2,
                machineCPU: 2, steal: 0, generatorLate: 900,
                response: second == 6 ? 420_000 : nil, tickLate: 300)
        }
        return LoadResult(
            plan: LoadPlan(
                mix: Shares([.init(.webex, 1), .init(.genesys, 1)]), ramp: .seconds(2),
                hold: .seconds(10)),
            tally: tally(), usage: usage, samples: samples,
            statistics: try? ServerStatistics(parsing: ServerStatisticsTests.document.utf8),
            lateLimit: .init(p99: 20, maximum: 250), date: "2026-11-21T16:00:00Z")
    }
}

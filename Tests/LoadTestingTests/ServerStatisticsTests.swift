// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadTesting

@Suite struct ServerStatisticsTests {
    /// As a server answers `GET /statistics`; members that we do not read among them.
    static let document = """
        {"pid": 4711, "uptime_ms": 61234, "live_calls": 2, "calls_started": 5, "calls_ended": 3,
         "calls_refused": 0, "ticks": 12000, "ticks_skipped": 0,
         "tick_late_us": {"count": 12000, "p50": 80, "p90": 150, "p99": 700, "p999": 1900,
          "max": 4000, "mean": 101.5},
         "turn_total_us": {"count": 9, "p50": 340000, "p90": 400000, "p99": 431000, "p999": 431000,
          "max": 431000, "mean": 352000},
         "turn_arrival_us": {"count": 9, "p50": 9000, "p90": 19000, "p99": 20000, "p999": 20000,
          "max": 20000, "mean": 10000},
         "turn_endpoint_us": {"count": 9, "p50": 320000, "p90": 390000, "p99": 400000,
          "p999": 400000, "max": 400000, "mean": 335000},
         "turn_bot_us": {"count": 9, "p50": 0, "p90": 10, "p99": 20, "p999": 20, "max": 20,
          "mean": 4},
         "turn_playout_us": {"count": 9, "p50": 5000, "p90": 9000, "p99": 10000, "p999": 10000,
          "max": 10000, "mean": 6996},
         "turn_own_us": {"count": 9, "p50": 11000, "p90": 18000, "p99": 19000, "p999": 19000,
          "max": 19000, "mean": 12000},
         "barge_in_us": {"count": 0, "p50": 0, "p90": 0, "p99": 0, "p999": 0, "max": 0, "mean": 0},
         "budget_breaches": 0, "barge_ins": 0, "underruns": 0, "stalls": 1, "timeline_jumps": 0,
         "stream_faults": {}, "samples_received": 63840, "samples_concealed": 400,
         "samples_skipped": 0, "samples_sent": 80000,
         "shards": [{"live_calls": 1, "tick_late_us": {"count": 1, "p50": 1, "p90": 1, "p99": 1,
          "p999": 1, "max": 1, "mean": 1}}]}
        """

    @Test func readsWhatAServerTells() throws {
        let statistics = try ServerStatistics(parsing: Self.document.utf8)
        #expect(statistics.pid == 4711)
        #expect(statistics.tickLate?.p99 == 700)
        #expect(statistics.turnOwn?.quantiles.p99 == 19_000)
        #expect(statistics.samplesReceived == 63_840)
    }

    @Test func aServerMayTellLess() throws {
        let statistics = try ServerStatistics(parsing: #"{"live_calls": 3, "new": [1]}"#.utf8)
        #expect(statistics.liveCalls == 3)
        #expect(statistics.turnTotal == nil)
        #expect(throws: LoadProblem.self) { try ServerStatistics(parsing: "nonsense".utf8) }
    }

    @Test func theRunReadsItsMetricsFromThem() throws {
        let result = Sample.result()
        func value(_ name: String) throws -> Double? {
            result.value(of: try MetricReference(parsing: name))
        }
        #expect(try value("own.p99") == 19_000)
        #expect(try value("own.p95") == nil)
        #expect(try value("tick_late.max") == 4000)
        #expect(try value("stalls") == 1)
        // 64000 samples were sent and 63840 arrived: one frame.
        #expect(try value("lost") == 1)
        // Two frames and a half.
        #expect(try value("concealed") == 3)
        #expect(try value("cpu_per_call") == 0.5)
        #expect(try value("cpu_per_frame") == 250)
        #expect(try value("generator_cpu_per_frame") == 5)
        #expect(try value("rss_per_call") == 400)
    }

    @Test func anAddressWithoutServerIsAProblem() async {
        await #expect(throws: LoadProblem.self) {
            try await ServerStatistics.fetch("http://127.0.0.1:9/statistics")
        }
    }
}

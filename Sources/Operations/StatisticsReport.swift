// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
internal import GRPCTransport
internal import Histogram
internal import JSON
internal import MediaServer
internal import SpeechDetection
internal import WebSocketBots
internal import WebSocketTransport

/// What `GET /statistics` answers: flat JSON with names that stay, all since the start, histograms
/// in microseconds.
struct StatisticsReport {
    let uptime: MediaDuration
    let shards: [ShardStatistics]
    let refusals: [AdmissionError: Int]
    /// Memory that the live calls declare to need, and what they may, in bytes.
    let declaredByteCount: Int
    let memoryLimit: Int
    let webSocket: WebSocketServer.Counters
    /// Nil when gRPC is not served.
    let grpc: GRPCServer.Counters?
    /// Conversations with bots that run elsewhere.
    let bots: RemoteBotCounters.Counts
    /// Log lines that nobody could be given.
    let droppedLogLines: Int

    var json: JSONValue {
        let all = ShardStatistics(sum: shards)
        var object = JSONObject()
        func add(_ name: String, _ value: Int) {
            object.append(name, .integer(Int64(value)))
        }
        add("pid", Int(ProcessInfo.processInfo.processIdentifier))
        add("uptime_ms", Int(uptime.milliseconds))
        add("live_calls", all.liveCalls)
        add("calls_started", all.callsStarted)
        add("calls_ended", all.callsEnded)
        add("calls_refused", refusals.values.reduce(0, +))
        object.append("refusals", Self.counts(refusals))
        object.append("endings", Self.counts(all.endings))
        add("ticks", all.ticks)
        add("ticks_skipped", all.ticksSkipped)
        add("overloads", all.overloads)
        for (name, histogram) in [
            ("tick_late_us", all.tickLateness), ("turn_total_us", all.turnTotal),
            ("turn_arrival_us", all.turnArrival), ("turn_endpoint_us", all.turnEndpoint),
            ("turn_bot_us", all.turnBot), ("turn_playout_us", all.turnPlayout),
            ("turn_own_us", all.turnOwn), ("turn_filler_us", all.turnFiller),
            ("barge_in_us", all.bargeIn),
        ] {
            object.append(name, Self.summary(histogram))
        }
        add("budget_breaches", all.budgetBreaches)
        add("fillers", all.fillers)
        add("barge_ins", all.bargeIns)
        add("barge_ins_held", all.bargeInsHeld)
        add("interruptions_vetoed", all.interruptionsVetoed)
        add("underruns", all.underruns)
        add("stalls", all.stalls)
        add("timeline_jumps", all.timelineJumps)
        object.append("stream_faults", Self.counts(all.streamFaults))
        add("samples_received", all.samplesReceived)
        add("samples_concealed", all.samplesConcealed)
        add("samples_skipped", all.samplesSkipped)
        add("samples_sent", all.samplesSent)
        add("declared_bytes", declaredByteCount)
        add("memory_limit_bytes", memoryLimit)
        add("connections", webSocket.openConnections + (grpc?.openConnections ?? 0))
        add("slow_readers", webSocket.slowReaders + (grpc?.slowReaders ?? 0))
        add("connections_lost", webSocket.connectionsLost)
        add("rpcs_cancelled", grpc?.callsEnded[.cancelled] ?? 0)
        add("unresponsive_peers", webSocket.unresponsivePeers + (grpc?.unresponsivePeers ?? 0))
        add("bot_connections", bots.connections)
        add("bot_connections_lost", bots.connectionsLost)
        add("bot_failures", bots.failures)
        add("bot_invalid_messages", bots.invalidMessages)
        add("bot_errors", bots.botErrors)
        add("bot_rate_limited", bots.rateLimited)
        add("bot_missed_ms", bots.missedMilliseconds)
        add("bot_refused_ms", bots.refusedMilliseconds)
        add("log_lines_dropped", droppedLogLines)
        object.append(
            "shards",
            .array(
                shards.map { shard in
                    [
                        "live_calls": .integer(Int64(shard.liveCalls)),
                        "overloads": .integer(Int64(shard.overloads)),
                        "tick_late_us": Self.summary(shard.tickLateness),
                    ]
                }))
        return .object(object)
    }

    private static func summary(_ histogram: Histogram<UInt32>) -> JSONValue {
        func microseconds(_ value: UInt64) -> JSONValue { .integer(Int64(value)) }
        guard histogram.totalCount > 0 else {
            return ["count": 0, "p50": 0, "p90": 0, "p99": 0, "p999": 0, "max": 0, "mean": 0]
        }
        return [
            "count": microseconds(histogram.totalCount),
            "p50": microseconds(histogram.valueAtPercentile(50)),
            "p90": microseconds(histogram.valueAtPercentile(90)),
            "p99": microseconds(histogram.valueAtPercentile(99)),
            "p999": microseconds(histogram.valueAtPercentile(99.9)),
            "max": microseconds(histogram.max),
            "mean": .number((histogram.mean * 10).rounded() / 10),
        ]
    }

    /// Every name there is, so that a reader need not know which have occurred.
    private static func counts<Name: RawRepresentable<String> & CaseIterable & Hashable>(
        _ counts: [Name: Int]
    ) -> JSONValue {
        var object = JSONObject()
        for name in Name.allCases {
            object.append(name.rawValue, .integer(Int64(counts[name] ?? 0)))
        }
        return .object(object)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import Logging
import MediaServer
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import WebSocketTransport

@testable import Operations

@Suite struct OperationsEndpointTests {
    private struct NoBots: BotProvider {
        func makeBot(for call: CallInfo) -> BotSetup? { nil }
    }

    private func withSource(
        memoryLimit: Int = .max, _ body: (OperationsSource) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var policy = AdmissionPolicy()
        policy.memoryLimit = memoryLimit
        let media = try await MediaServer.start(
            configuration: .init(admission: policy), bots: NoBots(), group: group,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let transport = try await WebSocketServer.start(
            group: group,
            accept: { _, loop in loop.makeSucceededFuture(.refuse(.text(.notFound, ""))) })
        try await body(OperationsSource(media: media, transport: transport, grpc: nil))
        await transport.shutdown(within: .zero)
        try await media.stop(deadline: .zero)
        try await group.shutdownGracefully()
    }

    private func ask(
        _ path: String, _ source: OperationsSource, method: HTTPMethod = .GET
    ) async -> (status: HTTPResponseStatus, body: String) {
        let response = await OperationsEndpoint.respond(
            to: HTTPRequest(method: method, target: path), source)
        return (response.status, String(buffer: response.body))
    }

    @Test func statisticsAreFlatJSONWithNamesThatStay() async throws {
        try await withSource { source in
            let answer = await ask("/statistics", source)
            #expect(answer.status == .ok)
            let object = try #require(try JSONValue(parsing: answer.body).object)
            for name in [
                "pid", "uptime_ms", "live_calls", "calls_started", "calls_ended", "calls_refused",
                "ticks", "ticks_skipped", "budget_breaches", "barge_ins", "underruns", "stalls",
                "timeline_jumps", "samples_received", "samples_concealed", "samples_skipped",
                "samples_sent", "log_lines_dropped",
            ] {
                #expect(object[name]?.integer != nil, "\(name)")
            }
            for name in [
                "tick_late_us", "turn_total_us", "turn_arrival_us", "turn_endpoint_us",
                "turn_bot_us", "turn_playout_us", "turn_own_us", "barge_in_us",
            ] {
                let histogram = try #require(object[name]?.object, "\(name)")
                #expect(
                    histogram.members.map(\.name)
                        == ["count", "p50", "p90", "p99", "p999", "max", "mean"])
                #expect(histogram.members.allSatisfy { $0.value.number != nil })
            }
            let shards = try #require(object["shards"]?.array)
            #expect(shards.count == 2)
            #expect(shards[0].object?["live_calls"]?.integer == 0)
            #expect(shards[0].object?["tick_late_us"]?.object?["p99"]?.integer != nil)
            #expect(object["stream_faults"]?.object?["dead_air"]?.integer == 0)
            #expect(object["refusals"]?.object?["overloaded"]?.integer == 0)
        }
    }

    @Test func readinessSaysWhyCallsAreRefused() async throws {
        try await withSource { source in
            #expect(await ask("/health/ready", source) == (.ok, "ready\n"))
            source.media.beginDrain()
            #expect(await ask("/health/ready", source) == (.serviceUnavailable, "draining\n"))
            #expect(await ask("/health/live", source) == (.ok, "live\n"))
        }
        try await withSource(memoryLimit: 1000) { source in
            let answer = await ask("/health/ready", source)
            #expect(answer == (.serviceUnavailable, "full: out of memory\n"))
        }
    }

    @Test func whatIsNotThereIsNotFoundAndNothingIsPosted() async throws {
        try await withSource { source in
            #expect(await ask("/", source).status == .notFound)
            #expect(await ask("/statistics", source, method: .POST).status == .methodNotAllowed)
            #expect(await ask("/health/live", source, method: .HEAD).status == .ok)
        }
    }

    @Test func itListensOnAPortOfItsOwn() async throws {
        try await withSource { source in
            let endpoint = try await OperationsEndpoint.start(
                host: "127.0.0.1", port: 0, source: source)
            #expect(endpoint.port > 0 && endpoint.port != source.transport.port)
            try await endpoint.stop()
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// What a server tells of itself at `GET /statistics`: all since its start, times in microseconds.
/// Members that it leaves out are nil.
public struct ServerStatistics: Codable, Hashable, Sendable {
    public struct Spread: Codable, Hashable, Sendable {
        public var count: Int
        public var p50: Double
        public var p90: Double
        public var p99: Double
        public var p999: Double?
        public var max: Double
        public var mean: Double

        /// As the rest of a report has it.
        var quantiles: Quantiles {
            Quantiles(
                count: count, p50: p50, p90: p90, p95: nil, p99: p99, p999: p999, max: max,
                mean: mean)
        }
    }

    public var pid: Int32?
    public var liveCalls: Int?
    public var callsStarted: Int?
    public var callsEnded: Int?
    public var callsRefused: Int?
    public var ticks: Int?
    public var ticksSkipped: Int?
    public var tickLate: Spread?
    public var turnTotal: Spread?
    public var turnArrival: Spread?
    public var turnEndpoint: Spread?
    public var turnBot: Spread?
    public var turnPlayout: Spread?
    public var turnOwn: Spread?
    public var bargeIn: Spread?
    public var budgetBreaches: Int?
    public var underruns: Int?
    public var stalls: Int?
    public var timelineJumps: Int?
    public var samplesReceived: Int?
    public var samplesConcealed: Int?
    public var samplesSent: Int?

    enum CodingKeys: String, CodingKey {
        case pid
        case liveCalls = "live_calls"
        case callsStarted = "calls_started"
        case callsEnded = "calls_ended"
        case callsRefused = "calls_refused"
        case ticks
        case ticksSkipped = "ticks_skipped"
        case tickLate = "tick_late_us"
        case turnTotal = "turn_total_us"
        case turnArrival = "turn_arrival_us"
        case turnEndpoint = "turn_endpoint_us"
        case turnBot = "turn_bot_us"
        case turnPlayout = "turn_playout_us"
        case turnOwn = "turn_own_us"
        case bargeIn = "barge_in_us"
        case budgetBreaches = "budget_breaches"
        case underruns, stalls
        case timelineJumps = "timeline_jumps"
        case samplesReceived = "samples_received"
        case samplesConcealed = "samples_concealed"
        case samplesSent = "samples_sent"
    }

    public init() {}

    /// - Throws: ``LoadProblem`` when the text is no such document.
    public init(parsing bytes: some Sequence<UInt8>) throws(LoadProblem) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw LoadProblem("the statistics cannot be read: \(error)")
        }
    }

    /// Asks a server.
    ///
    /// - Throws: ``LoadProblem`` when it cannot be asked, or does not answer within two seconds.
    public static func fetch(_ url: String) async throws(LoadProblem) -> ServerStatistics {
        let body: ByteBuffer
        do {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: url), timeout: .seconds(2))
            guard response.status == .ok else {
                throw LoadProblem("\(url): HTTP \(response.status.code)")
            }
            body = try await response.body.collect(upTo: 1 << 20)
        } catch let problem as LoadProblem {
            throw problem
        } catch {
            throw LoadProblem("\(url): \(error)")
        }
        return try ServerStatistics(parsing: body.readableBytesView)
    }
}

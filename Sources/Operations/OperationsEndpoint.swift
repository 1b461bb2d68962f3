// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import GRPCTransport
internal import JSON
internal import MediaServer
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import WebSocketBots
internal import WebSocketTransport

/// Figures and health over plain HTTP, for operators and orchestrators; never on the port of calls.
///
/// It has an event loop of its own: it answers, and says why, when those of the calls are late.
final class OperationsEndpoint: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let server: WebSocketServer

    /// The TCP port listened on.
    var port: Int { server.port }

    private init(group: MultiThreadedEventLoopGroup, server: WebSocketServer) {
        self.group = group
        self.server = server
    }

    /// - Parameter port: 0 takes an unused one.
    /// - Throws: the system's error when the address cannot be listened on.
    static func start(host: String, port: Int, source: OperationsSource) async throws
        -> OperationsEndpoint
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var transport = WebSocketServer.Configuration()
        transport.host = host
        transport.port = port
        transport.maximumConnections = 64
        transport.maximumBodyBytes = 1024
        do {
            let server = try await WebSocketServer.start(
                transport, group: group,
                accept: { _, eventLoop in
                    eventLoop.makeSucceededFuture(.refuse(.text(.notFound, "not found\n")))
                },
                respond: { request, eventLoop in
                    eventLoop.makeFutureWithTask { await respond(to: request, source) }
                })
            return OperationsEndpoint(group: group, server: server)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    func stop() async throws {
        await server.shutdown(within: .seconds(1))
        try await group.shutdownGracefully()
    }

    static func respond(to request: HTTPRequest, _ source: OperationsSource) async -> HTTPResponse {
        guard ["/statistics", "/health/live", "/health/ready"].contains(request.path) else {
            return .text(.notFound, "not found\n")
        }
        guard request.method == .GET || request.method == .HEAD else {
            return HTTPResponse(status: .methodNotAllowed, headers: ["Allow": "GET, HEAD"])
        }
        var response: HTTPResponse
        switch request.path {
        case "/statistics":
            guard let report = try? await source.report() else {
                return .text(.serviceUnavailable, "stopped\n")
            }
            response = HTTPResponse(
                status: .ok, headers: ["Content-Type": "application/json"],
                body: ByteBuffer(string: report.json.text + "\n"))
        case "/health/ready":
            // All shards together: who asks cannot choose one.
            if let refusal = source.media.refusal() {
                response = .unavailable(
                    "\(refusal.readiness)\n", retryAfterSeconds: AdmissionPolicy.retryAfterSeconds)
            } else {
                response = .text(.ok, "ready\n")
            }
        default: response = .text(.ok, "live\n")
        }
        response.headers.add(name: "Cache-Control", value: "no-store")
        return response
    }
}

/// Where the endpoint's figures come from.
struct OperationsSource: Sendable {
    let media: MediaServer
    let transport: WebSocketServer
    let grpc: GRPCServer?
    var bots = RemoteBotCounters()
    let start = MonotonicClock.now()

    func report() async throws -> StatisticsReport {
        StatisticsReport(
            uptime: MonotonicClock.now() - start, shards: try await media.shardStatistics(),
            refusals: media.refusedCalls, declaredByteCount: media.directory.declaredByteCount,
            memoryLimit: media.configuration.admission.memoryLimit, webSocket: transport.counters,
            grpc: grpc?.counters, bots: bots.counts,
            droppedLogLines: StandardErrorLog.droppedLineCount)
    }
}

extension AdmissionError {
    /// Why no traffic should come here now.
    fileprivate var readiness: String {
        switch self {
        case .draining: "draining"
        case .atCapacity: "full"
        case .overloaded: "overloaded"
        case .outOfMemory: "full: out of memory"
        case .alreadyLive, .noSuchBot: rawValue
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import GRPCTransport
internal import Histogram
internal import Logging
public import MediaServer
internal import NIOCore
public import WebSocketTransport

/// The daemon: media server, platforms and bots as a configuration says, behind one socket for
/// WebSockets and HTTP and, for Webex, one for gRPC.
public final class SidetoneServer: Sendable {
    /// A service of a platform and where it is served, for people.
    public struct Endpoint: Hashable, Sendable {
        public let name: String
        public let url: String
    }

    /// Port for WebSockets and HTTP.
    public var port: Int { transport.port }
    /// Port for gRPC; nil when no enabled platform needs it.
    public var grpcPort: Int? { grpc?.port }
    /// Port for figures and health; nil when they are not served.
    public var operationsPort: Int? { operations?.port }
    /// Where WebSockets are served.
    public let url: String
    /// All that is served.
    public let endpoints: [Endpoint]

    let group: any EventLoopGroup
    /// Whether the group was made for this server and ends with it.
    private let ownsGroup: Bool
    let media: MediaServer
    let transport: WebSocketServer
    let grpc: GRPCServer?
    let platforms: Platforms
    /// Nil when it is not served.
    private let operations: OperationsEndpoint?
    /// Nil without TLS.
    let identity: IdentityWatch?
    private let identityTask: Task<Void, Never>?
    private let drainDeadline: MediaDuration
    let logger: Logger

    init(
        _ configuration: ServerConfiguration, group: any EventLoopGroup, ownsGroup: Bool,
        media: MediaServer, transport: WebSocketServer, grpc: GRPCServer?, platforms: Platforms,
        operations: OperationsEndpoint?, identity: IdentityWatch?, logger: Logger
    ) {
        self.operations = operations
        self.group = group
        self.ownsGroup = ownsGroup
        self.media = media
        self.transport = transport
        self.grpc = grpc
        self.platforms = platforms
        self.identity = identity
        self.logger = logger
        drainDeadline = configuration.server.drainDeadline
        identityTask = identity.map { watch in Task { await watch.run() } }
        let isSecure = configuration.server.tls != nil
        url = "\(isSecure ? "wss" : "ws")://\(configuration.server.host):\(transport.port)"
        endpoints = Self.endpoints(
            configuration, webSocket: url, operationsPort: operations?.port,
            http: "\(isSecure ? "https" : "http")://\(configuration.server.host):",
            port: transport.port, grpcPort: grpc?.port)
    }

    private static func endpoints(
        _ configuration: ServerConfiguration, webSocket: String, operationsPort: Int?,
        http: String, port: Int, grpcPort: Int?
    ) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        let genesys = configuration.genesys
        if genesys.isEnabled {
            endpoints.append(
                Endpoint(name: "genesys connector", url: webSocket + genesys.connectorPath))
            endpoints.append(
                Endpoint(name: "genesys monitor", url: webSocket + genesys.monitorPath))
        }
        let cxone = configuration.cxone
        if cxone.isEnabled {
            endpoints.append(Endpoint(name: "cxone audio", url: webSocket + cxone.path))
            endpoints.append(
                Endpoint(name: "cxone webhook", url: "\(http)\(port)\(cxone.webhookPath)"))
        }
        if let grpcPort {
            endpoints.append(Endpoint(name: "webex gRPC", url: "\(http)\(grpcPort)"))
        }
        if configuration.webex.isEnabled, let path = configuration.webex.pingPath {
            endpoints.append(Endpoint(name: "webex ping", url: "\(http)\(port)\(path)"))
        }
        if let operationsPort {
            endpoints.append(
                Endpoint(
                    name: "statistics and health",
                    url: "http://\(configuration.operations.host):\(operationsPort)"))
        }
        return endpoints
    }

    /// What the media server measured and counted.
    public func statistics() async throws -> ShardStatistics {
        try await media.statistics()
    }

    /// What the WebSocket transport counted.
    public var transportCounters: WebSocketServer.Counters { transport.counters }

    /// What the gRPC transport counted; nil when it is not served.
    public var grpcCounters: GRPCServer.Counters? { grpc?.counters }

    /// Reads certificate and key anew and shows them to new connections; when they cannot be used
    /// the old ones stay and the log says why. Without TLS it does nothing. Reads files: not for an
    /// event loop.
    public func reloadIdentity() {
        identity?.reload()
    }

    /// Lets a stop that is under way, or comes, wait for nobody.
    public func hurry() {
        media.hurry()
    }

    /// Takes no more calls, lets live ones finish until the configured deadline, ends the rest.
    public func stop() async throws {
        media.beginDrain()
        platforms.webex?.beginDrain()
        identityTask?.cancel()
        logger.info("draining", metadata: ["live_calls": "\(media.directory.count)"])
        // The sockets stay open meanwhile: every turn of a Webex call is a new RPC, and a client that
        // is told to go away would take it to another server, which does not know the call.
        let cut = try await media.stop(deadline: drainDeadline)
        let statistics = try await media.statistics()
        let patience: TimeAmount = media.isHurrying ? .milliseconds(100) : .seconds(2)
        async let grpcEnd: Void? = grpc?.shutdown(within: patience)
        await transport.shutdown(within: patience)
        _ = await grpcEnd
        try await operations?.stop()
        try await platforms.stop()
        logger.info("stopped", metadata: Self.summary(statistics, cut: cut))
        if ownsGroup { try await group.shutdownGracefully() }
    }

    private static func summary(_ statistics: ShardStatistics, cut: Int) -> Logger.Metadata {
        [
            "calls": "\(statistics.callsEnded)",
            "cut": "\(cut)",
            "barge_ins": "\(statistics.bargeIns)",
            "underruns": "\(statistics.underruns)",
            "stream_faults": "\(statistics.streamFaults.values.reduce(0, +))",
            "turns_answered": "\(statistics.turnTotal.totalCount)",
            "turns_over_budget": "\(statistics.budgetBreaches)",
            "turn_p50_ms": "\(Double(statistics.turnTotal.valueAtPercentile(50)) / 1000)",
            "turn_p99_ms": "\(Double(statistics.turnTotal.valueAtPercentile(99)) / 1000)",
            "tick_late_p99_ms": "\(Double(statistics.tickLateness.valueAtPercentile(99)) / 1000)",
        ]
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Bots
internal import Foundation
internal import GenesysAudioHook
internal import Histogram
public import Logging
public import MediaServer
internal import NICECXone
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServiceLifecycle
internal import SpeechDetection
internal import UnixSignals
public import WebSocketTransport

/// The daemon: media server, platforms and bot as a configuration says, behind one listening socket.
public final class SidetoneServer: Sendable {
    /// Where it listens.
    public var port: Int { transport.port }
    /// Where it listens, for people.
    public let url: String

    private let group: MultiThreadedEventLoopGroup
    private let media: MediaServer
    private let transport: WebSocketServer
    private let genesys: GenesysAdapter?
    private let cxone: CXoneAdapter?
    private let drainDeadline: MediaDuration
    private let logger: Logger

    /// Reads prompts, certificates and keys, and listens.
    ///
    /// - Parameter bots: a bridge's own bots, instead of the one that is configured.
    /// - Throws: what is wrong with them or with the address, in words for the operator.
    public static func start(
        _ configuration: ServerConfiguration, bots: (any BotProvider)? = nil, logger: Logger
    ) async throws -> SidetoneServer {
        let bots = try bots ?? botProvider(for: configuration.bot)
        let credentials = try configuration.genesys.apiKeys.map { key in
            try GenesysCredential(
                apiKey: key.key.revealed, clientSecret: key.secret?.revealed)
        }
        var transport = WebSocketServer.Configuration()
        transport.host = configuration.server.host
        transport.port = configuration.server.port
        transport.tls = try configuration.server.tls.map { tls in
            try ServerTLS(
                certificateChain: String(contentsOfFile: tls.certificate, encoding: .utf8),
                privateKey: String(contentsOfFile: tls.privateKey, encoding: .utf8))
        }
        transport.limits.maximumMessageBytes = GenesysPolicy.maximumTextBytes
        // Two connections a call at most, and room to refuse more of them politely.
        transport.maximumConnections = configuration.server.maximumCalls * 2 + 256

        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: configuration.server.shards ?? System.coreCount)
        do {
            let media = try await MediaServer.start(
                configuration: MediaServer.Configuration(
                    maximumCalls: configuration.server.maximumCalls,
                    endpoints: configuration.bot.endpointProfile == .patient
                        ? .patient : .responsive),
                bots: bots, group: group, logger: logger)
            return try await start(
                configuration, credentials: credentials, transport: transport, media: media,
                group: group, logger: logger)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private static func start(
        _ configuration: ServerConfiguration, credentials: [GenesysCredential],
        transport: WebSocketServer.Configuration, media: MediaServer,
        group: MultiThreadedEventLoopGroup, logger: Logger
    ) async throws -> SidetoneServer {
        let authenticator =
            credentials.isEmpty
            ? GenesysAuthenticator.admittingAnyone()
            : GenesysAuthenticator(credentials: credentials)
        let genesys =
            configuration.genesys.isEnabled
            ? GenesysAdapter(
                server: media, authenticator: authenticator,
                paths: GenesysAdapter.Paths(
                    connector: configuration.genesys.connectorPath,
                    monitor: configuration.genesys.monitorPath),
                logger: logger) : nil
        let cxone =
            configuration.cxone.isEnabled
            ? CXoneAdapter(
                server: media, configuration: cxoneConfiguration(configuration.cxone),
                eventLoop: group.next(), logger: logger) : nil
        let server = try await WebSocketServer.start(
            transport, group: group,
            accept: { request, loop in
                if let genesys, genesys.serves(request) { return genesys.accept(request, on: loop) }
                if let cxone, cxone.serves(request) { return cxone.accept(request, on: loop) }
                return loop.makeSucceededFuture(.refuse(.text(.notFound, "not found\n")))
            },
            respond: { request, loop in
                guard let cxone, cxone.serves(request) else {
                    return loop.makeSucceededFuture(.text(.notFound, "not found\n"))
                }
                return loop.makeSucceededFuture(cxone.respond(to: request))
            })
        let scheme = transport.tls == nil ? "ws" : "wss"
        return SidetoneServer(
            url: "\(scheme)://\(transport.host):\(server.port)", group: group, media: media,
            transport: server, genesys: genesys, cxone: cxone,
            drainDeadline: configuration.server.drainDeadline, logger: logger)
    }

    private init(
        url: String, group: MultiThreadedEventLoopGroup, media: MediaServer,
        transport: WebSocketServer, genesys: GenesysAdapter?, cxone: CXoneAdapter?,
        drainDeadline: MediaDuration, logger: Logger
    ) {
        self.url = url
        self.group = group
        self.media = media
        self.transport = transport
        self.genesys = genesys
        self.cxone = cxone
        self.drainDeadline = drainDeadline
        self.logger = logger
    }

    private static func cxoneConfiguration(
        _ settings: ServerConfiguration.CXone
    ) -> CXoneAdapter.Configuration {
        CXoneAdapter.Configuration(
            path: settings.path, tokens: settings.token.map { [CXoneToken($0.revealed)] } ?? [],
            grace: settings.gracePeriod, webhookPath: settings.webhookPath,
            webhookTokens: settings.webhookAuthorization.map { [CXoneToken($0.revealed)] } ?? [])
    }

    private static func botProvider(
        for settings: ServerConfiguration.Bot
    ) throws -> any BotProvider {
        switch settings.kind {
        case .echo:
            return EchoBotProvider()
        case .scripted:
            let url = settings.script.map { URL(filePath: $0) } ?? Script.defaultURL
            let script = try Script(contentsOf: url)
            return ScriptedBotProvider(
                script: script, prompts: try PromptLibrary(script: script),
                bargeInIsEnabled: settings.allowsBargeIn)
        }
    }

    /// What the media server measured and counted.
    public func statistics() async throws -> ShardStatistics {
        try await media.statistics()
    }

    /// What the transport counted.
    public var transportCounters: WebSocketServer.Counters { transport.counters }

    /// Takes no more calls, lets live ones finish until the configured deadline, ends the rest.
    public func stop() async throws {
        media.beginDrain()
        logger.info("draining", metadata: ["live_calls": "\(media.directory.count)"])
        try await media.stop(deadline: drainDeadline)
        cxone?.stop()
        let statistics = try await media.statistics()
        await transport.shutdown(within: .seconds(2))
        logger.info("stopped", metadata: Self.summary(statistics))
        try await group.shutdownGracefully()
    }

    /// Serves until the process is told to stop (SIGTERM or SIGINT), then drains.
    public func runUntilSignal() async throws {
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: Lifetime(server: self))],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await services.run()
    }

    private struct Lifetime: Service {
        let server: SidetoneServer

        func run() async throws {
            try await gracefulShutdown()
            try await server.stop()
        }
    }

    private static func summary(_ statistics: ShardStatistics) -> Logger.Metadata {
        [
            "calls": "\(statistics.callsEnded)",
            "barge_ins": "\(statistics.bargeIns)",
            "underruns": "\(statistics.underruns)",
            "turns_answered": "\(statistics.turnTotal.totalCount)",
            "turns_over_budget": "\(statistics.budgetBreaches)",
            "turn_p50_ms": "\(Double(statistics.turnTotal.valueAtPercentile(50)) / 1000)",
            "turn_p99_ms": "\(Double(statistics.turnTotal.valueAtPercentile(99)) / 1000)",
            "tick_late_p99_ms": "\(Double(statistics.tickLateness.valueAtPercentile(99)) / 1000)",
        ]
    }
}

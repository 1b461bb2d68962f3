// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Bots
internal import GRPCTransport
internal import GenesysAudioHook
public import Logging
internal import MediaEngine
public import MediaServer
public import NIOCore
internal import NIOPosix
internal import SpeechDetection
internal import WebSocketBots
internal import WebSocketTransport

extension SidetoneServer {
    /// Reads prompts, certificates and keys, and listens.
    ///
    /// - Parameters:
    ///   - bots: a bridge's own bots, instead of those that are configured.
    ///   - group: the bridge's own event loops, of NIOPosix. Each loop becomes a shard, whatever
    ///     `server.shards` says; the group must outlive the server and is left running. What blocks
    ///     one of its loops makes calls late. Nil: the server makes and ends its own.
    /// - Throws: what is wrong with them or with the address, in words for the operator.
    public static func start(
        _ configuration: ServerConfiguration, bots: (any BotProvider)? = nil,
        group ownGroup: (any EventLoopGroup)? = nil, logger: Logger
    ) async throws -> SidetoneServer {
        var counters = RemoteBotCounters()
        var bots = bots
        if bots == nil {
            let configured = try ConfiguredBots(configuration, logger: logger)
            counters = configured.counters
            bots = configured
        }
        guard let bots else { preconditionFailure("Bots are given or configured") }
        let group: any EventLoopGroup =
            ownGroup
            ?? MultiThreadedEventLoopGroup(
                numberOfThreads: configuration.server.shards ?? System.coreCount)
        let ownsGroup = ownGroup == nil
        do {
            var admission = AdmissionPolicy()
            admission.memoryLimit = configuration.server.memoryLimit ?? MemoryLimit.derived()
            let media = try await MediaServer.start(
                configuration: MediaServer.Configuration(
                    maximumCalls: configuration.server.maximumCalls,
                    endpoints: EndpointProfile(configuration.bot.endpointProfile),
                    bargeIn: BargeInPolicy(
                        mode: configuration.bot.bargeInMode,
                        sensitivity: BargeInSensitivity(
                            evidence: Float(configuration.bot.bargeInSensitivity))),
                    cleansAudio: configuration.bot.cleansAudio,
                    filler: try configuration.bot.filler.map {
                        Filler(
                            clip: try PromptLibrary.clip(at: $0),
                            after: configuration.bot.fillerDelay)
                    }, admission: admission),
                bots: bots, group: group, logger: logger)
            return try await start(
                configuration, media: media, group: group, ownsGroup: ownsGroup, counters: counters,
                logger: logger)
        } catch {
            if ownsGroup { try await group.shutdownGracefully() }
            throw error
        }
    }

    private static func start(
        _ configuration: ServerConfiguration, media: MediaServer,
        group: any EventLoopGroup, ownsGroup: Bool, counters: RemoteBotCounters, logger: Logger
    ) async throws -> SidetoneServer {
        let files = configuration.server.tls
        let authorities = configuration.webex.isEnabled ? configuration.webex.clientCA : nil
        let identity = try files.map { try ServerIdentity($0, clientAuthorities: authorities) }
        let platforms = try Platforms(configuration, server: media, group: group, logger: logger)
        do {
            let transport = try await listen(configuration, identity, platforms, group)
            do {
                let grpc = try await listenForGRPC(configuration, identity, platforms, group)
                let source = OperationsSource(
                    media: media, transport: transport, grpc: grpc, bots: counters)
                let operations = try await listenForOperations(configuration, source)
                let watch = files.map { files in
                    IdentityWatch(
                        paths: [files.certificate, files.privateKey]
                            + (authorities.map { [$0] } ?? []),
                        logger: logger
                    ) {
                        let identity = try ServerIdentity(files, clientAuthorities: authorities)
                        let (webSocket, rpc) = (
                            try identity.webSocketTLS(), try identity.grpcTLS()
                        )
                        transport.replaceTLS(webSocket)
                        grpc?.replaceTLS(rpc)
                    }
                }
                return SidetoneServer(
                    configuration, group: group, ownsGroup: ownsGroup, media: media,
                    transport: transport, grpc: grpc,
                    platforms: platforms, operations: operations, identity: watch, logger: logger)
            } catch {
                await transport.shutdown(within: .zero)
                throw error
            }
        } catch {
            try await platforms.stop()
            throw error
        }
    }

    private static func listen(
        _ configuration: ServerConfiguration, _ identity: ServerIdentity?, _ platforms: Platforms,
        _ group: any EventLoopGroup
    ) async throws -> WebSocketServer {
        var transport = WebSocketServer.Configuration()
        transport.host = configuration.server.host
        transport.port = configuration.server.port
        transport.tls = try identity?.webSocketTLS()
        transport.limits.maximumMessageBytes = GenesysPolicy.maximumTextBytes
        // Platforms are sent audio as it is heard: 16 s of mu-law that nobody took are no burst.
        transport.limits.maximumBufferedBytes = 128 * 1024
        // Two connections a call at most, and room to refuse more of them politely.
        transport.maximumConnections = configuration.server.maximumCalls * 2 + 256
        return try await WebSocketServer.start(
            transport, group: group,
            accept: { request, eventLoop in platforms.accept(request, on: eventLoop) },
            respond: { request, eventLoop in
                eventLoop.makeSucceededFuture(platforms.respond(to: request))
            })
    }

    private static func listenForOperations(
        _ configuration: ServerConfiguration, _ source: OperationsSource
    ) async throws -> OperationsEndpoint? {
        guard let port = configuration.operations.port else { return nil }
        do {
            return try await OperationsEndpoint.start(
                host: configuration.operations.host, port: port, source: source)
        } catch {
            await source.grpc?.shutdown(within: .zero)
            throw error
        }
    }

    private static func listenForGRPC(
        _ configuration: ServerConfiguration, _ identity: ServerIdentity?, _ platforms: Platforms,
        _ group: any EventLoopGroup
    ) async throws -> GRPCServer? {
        guard let webex = platforms.webex else { return nil }
        var transport = GRPCServer.Configuration()
        transport.host = configuration.server.host
        transport.port = configuration.webex.port
        transport.tls = try identity?.grpcTLS()
        // All calls may come on one connection, with two RPCs each while an answer is interrupted.
        transport.limits.maximumStreams = max(2048, configuration.server.maximumCalls * 2 + 256)
        transport.maximumConnections = configuration.server.maximumCalls * 2 + 256
        return try await GRPCServer.start(transport, router: webex.router, group: group)
    }
}

extension EndpointProfile {
    fileprivate init(_ name: ServerConfiguration.Bot.EndpointProfile) {
        self =
            switch name {
            case .responsive: .responsive
            case .patient: .patient
            case .adaptive: .adaptive
            }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GenesysAudioHook
internal import Logging
internal import MediaServer
internal import NICECXone
internal import NIOCore
internal import NIOHTTP1
internal import WebSocketTransport

/// The adapters of the platforms that a configuration enables, behind the two listening sockets.
struct Platforms: Sendable {
    let genesys: GenesysAdapter?
    let cxone: CXoneAdapter?
    let webex: WebexService?

    /// - Throws: what is wrong with keys and rules, in words for the operator.
    init(
        _ configuration: ServerConfiguration, server: MediaServer, group: any EventLoopGroup,
        logger: Logger
    ) throws {
        genesys =
            configuration.genesys.isEnabled
            ? try Self.genesys(configuration.genesys, server, logger) : nil
        cxone =
            configuration.cxone.isEnabled
            ? Self.cxone(configuration.cxone, server, group.next(), logger) : nil
        webex =
            configuration.webex.isEnabled
            ? try WebexService(configuration.webex, server: server, group: group, logger: logger)
            : nil
    }

    private static func genesys(
        _ settings: ServerConfiguration.Genesys, _ server: MediaServer, _ logger: Logger
    ) throws -> GenesysAdapter {
        let credentials = try settings.apiKeys.map { key in
            try GenesysCredential(apiKey: key.key.revealed, clientSecret: key.secret?.revealed)
        }
        return GenesysAdapter(
            server: server,
            authenticator: credentials.isEmpty
                ? .admittingAnyone() : GenesysAuthenticator(credentials: credentials),
            paths: GenesysAdapter.Paths(
                connector: settings.connectorPath, monitor: settings.monitorPath),
            logger: logger)
    }

    private static func cxone(
        _ settings: ServerConfiguration.CXone, _ server: MediaServer, _ eventLoop: any EventLoop,
        _ logger: Logger
    ) -> CXoneAdapter {
        CXoneAdapter(
            server: server,
            configuration: CXoneAdapter.Configuration(
                path: settings.path,
                tokens: settings.token.map { [CXoneToken($0.revealed)] } ?? [],
                grace: settings.gracePeriod, webhookPath: settings.webhookPath,
                webhookTokens: settings.webhookAuthorization.map { [CXoneToken($0.revealed)] }
                    ?? []),
            eventLoop: eventLoop, logger: logger)
    }

    /// Decides about a request to upgrade.
    func accept(
        _ request: HTTPRequest, on eventLoop: any EventLoop
    ) -> EventLoopFuture<UpgradeDecision> {
        if let genesys, genesys.serves(request) { return genesys.accept(request, on: eventLoop) }
        if let cxone, cxone.serves(request) { return cxone.accept(request, on: eventLoop) }
        return eventLoop.makeSucceededFuture(.refuse(.text(.notFound, "not found\n")))
    }

    /// Answers a plain HTTP request.
    func respond(to request: HTTPRequest) -> HTTPResponse {
        if let cxone, cxone.serves(request) { return cxone.respond(to: request) }
        if let webex, webex.serves(request) { return webex.respond(to: request) }
        return .text(.notFound, "not found\n")
    }

    /// After the last call.
    func stop() async throws {
        cxone?.stop()
        try await webex?.stop()
    }
}

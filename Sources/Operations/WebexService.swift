// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRPCTransport
internal import Logging
internal import MediaServer
internal import NIOCore
internal import NIOHTTP1
internal import WebSocketTransport
internal import WebexContactCenter

/// Webex's services as a configuration says: virtual agents, media forking, health.
final class WebexService: Sendable {
    private let adapter: WebexAdapter
    private let forking: WebexForkingAdapter
    /// Nil: no token is asked.
    private let fetcher: WebexIssuerKeyFetcher?
    private let server: MediaServer
    private let pingPath: String?

    /// - Throws: what is wrong with the settings, in words for the operator.
    init(
        _ settings: ServerConfiguration.Webex, server: MediaServer, group: any EventLoopGroup,
        logger: Logger
    ) throws {
        self.server = server
        pingPath = settings.pingPath
        let agent: WebexAuthenticator
        let forking: WebexAuthenticator
        if let url = settings.dataSourceURL {
            let certificates = try settings.clientSubject.map {
                try WebexClientCertificateRule($0)
            }
            let fetcher = WebexIssuerKeyFetcher(group: group)
            let keys = WebexIssuerKeys(fetcher: fetcher, logger: logger)
            func authenticator(_ schema: String) -> WebexAuthenticator {
                WebexAuthenticator(
                    requirements: WebexTokenRequirements(
                        dataSourceURL: url, schemaUUID: schema, audience: settings.audience,
                        subject: settings.subject, issuers: settings.issuers),
                    keys: keys, certificates: certificates, logger: logger)
            }
            agent = authenticator(settings.schemaUUID)
            forking = authenticator(settings.forkingSchemaUUID)
            self.fetcher = fetcher
        } else {
            agent = .admittingAnyone()
            forking = .admittingAnyone()
            fetcher = nil
        }
        adapter = WebexAdapter(
            server: server,
            configuration: WebexAdapter.Configuration(
                virtualAgents: settings.virtualAgents.enumerated().map { index, agent in
                    WebexVirtualAgent(id: agent.id, name: agent.name, isDefault: index == 0)
                },
                answerMode: settings.answerMode == .wav ? .wav : .chunk,
                idleTimeout: settings.idleTimeout,
                authenticator: { head, eventLoop in agent.authenticate(head, on: eventLoop) }),
            eventLoop: group.next(), logger: logger)
        self.forking = WebexForkingAdapter(
            server: server,
            configuration: WebexForkingAdapter.Configuration(authenticator: forking),
            eventLoop: group.next(), logger: logger)
    }

    /// The services, for a gRPC server on the media server's event loops.
    var router: GRPCRouter {
        var router = GRPCRouter()
        adapter.register(in: &router)
        forking.register(in: &router)
        return router
    }

    /// Tells health checks at once that no more calls are taken.
    func beginDrain() {
        adapter.health.set(isServing: false)
    }

    func stop() async throws {
        adapter.stop()
        forking.stop()
        try await fetcher?.shutdown()
    }

    // MARK: Health over HTTP

    func serves(_ request: HTTPRequest) -> Bool { request.path == pingPath }

    /// Whether calls are taken, in the form that Webex's guide shows for HTTP.
    ///
    /// What a server that takes none answers is not stated: `offline`, with 503 for load balancers.
    func respond(to request: HTTPRequest) -> HTTPResponse {
        guard request.method == .GET || request.method == .HEAD else {
            return HTTPResponse(status: .methodNotAllowed, headers: ["Allow": "GET, HEAD"])
        }
        let isOnline = server.refusal() == nil
        let body = """
            {"serviceName":"VoiceVirtualAgent","serviceType":"REQUIRED",\
            "serviceState":"\(isOnline ? "online" : "offline")",\
            "message":"\(isOnline ? "calls are taken" : "no further call is taken")",\
            "lastUpdated":"\(Date.now.formatted(.iso8601))"}

            """
        return HTTPResponse(
            status: isOnline ? .ok : .serviceUnavailable,
            headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: ByteBuffer(string: body))
    }
}

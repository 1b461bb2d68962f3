// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import GRPCTransport
public import Logging
public import MediaServer
public import NIOCore
internal import Synchronization
internal import WebexMessages

/// Takes calls of Webex Contact Center ("bring your own virtual agent") into the media server.
///
/// ``register(in:)`` adds its services to a gRPC server, whose connections must be on event loops
/// of the media server. Usable from any thread; needs ``stop()`` at the end.
public final class WebexAdapter: Sendable {
    /// Decides who may call; nil lets the RPC in. Called on the connection's event loop, may answer
    /// from any.
    public typealias Authenticator =
        @Sendable (GRPCCallHead, any EventLoop) -> EventLoopFuture<GRPCStatus?>

    public struct Configuration: Sendable {
        /// What the platform may ask for. Without any, every name goes to the bot provider.
        public var virtualAgents: [WebexVirtualAgent]
        public var answerMode: WebexAnswerMode
        /// How long a call without any sign of life is kept.
        public var idleTimeout: MediaDuration
        /// Asked before the first message of every RPC but those of health.
        public var authenticator: Authenticator

        public init(
            virtualAgents: [WebexVirtualAgent] = [], answerMode: WebexAnswerMode = .chunk,
            idleTimeout: MediaDuration = WebexPolicy.idleTimeout,
            authenticator: @escaping Authenticator
        ) {
            self.virtualAgents = virtualAgents
            self.answerMode = answerMode
            self.idleTimeout = idleTimeout
            self.authenticator = authenticator
        }
    }

    /// Full name of the service.
    public static let service = "com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent"
    /// Full name of Webex's own health service; it has the wire shape of gRPC's.
    public static let healthService = "com.cisco.wcc.ccai.v1.Health"

    /// Says NOT_SERVING while the server is stopping or full.
    public let health: GRPCHealth
    let server: MediaServer
    let logger: Logger
    let agents: WebexVirtualAgents
    let answerMode: WebexAnswerMode
    let idleTimeout: MediaDuration
    let counters = WebexCounters()
    let directory = WebexCallDirectory()
    private let authenticator: Authenticator
    private let lastRPC = Atomic<UInt64>(0)
    private let sweep = Mutex<RepeatedTask?>(nil)

    /// - Parameter eventLoop: looks after idle calls and health, once a second; any loop will do.
    public init(
        server: MediaServer, configuration: Configuration, eventLoop: any EventLoop, logger: Logger
    ) {
        self.server = server
        var logger = logger
        logger[metadataKey: "platform"] = "webex"
        self.logger = logger
        agents = WebexVirtualAgents(configuration.virtualAgents)
        answerMode = configuration.answerMode
        idleTimeout = configuration.idleTimeout
        authenticator = configuration.authenticator
        health = GRPCHealth(
            services: [
                Self.service, "com.cisco.wcc.ccai.media.v1.ConversationAudio", Self.healthService,
                "grpc.health.v1.Health",
            ])
        health.set(isServing: server.refusal() == nil)
        let second = TimeAmount.seconds(1)
        let task = eventLoop.scheduleRepeatedTask(initialDelay: second, delay: second) {
            [weak self] _ in self?.lookAfterCalls()
        }
        sweep.withLock { $0 = task }
    }

    /// Ends no call. Idle calls are no longer ended either, and health stays as it is.
    public func stop() {
        sweep.withLock { task in
            task?.cancel()
            task = nil
        }
    }

    /// What has been seen so far.
    public var counts: WebexCounts { counters.snapshot }

    /// Adds the virtual agent, and both health services, which need no authentication.
    public func register(in router: inout GRPCRouter) {
        health.register(in: &router)
        health.register(in: &router, as: Self.healthService)
        router.add(service: Self.service, method: "ProcessCallerInput") { [self] head, eventLoop in
            authenticate(head, eventLoop).map { status in
                if let status { return .refuse(status) }
                let number = self.lastRPC.add(1, ordering: .relaxed).newValue
                return .accept { WebexTurn(self, id: WebexRPCID(number: number)) }
            }
        }
        router.addUnary(service: Self.service, method: "ListVirtualAgents") {
            [self] (request: WebexListVARequest, head, eventLoop: any EventLoop)
                -> EventLoopFuture<WebexListVAResponse> in
            authenticate(head, eventLoop).flatMapThrowing { status in
                if let status { throw status }
                return try self.listing(for: request)
            }
        }
    }

    private func authenticate(
        _ head: GRPCCallHead, _ eventLoop: any EventLoop
    ) -> EventLoopFuture<GRPCStatus?> {
        authenticator(head, eventLoop).map { status in
            if status != nil { self.counters.add { $0.unauthenticated += 1 } }
            return status
        }
    }

    private func listing(
        for request: WebexListVARequest
    ) throws(GRPCStatus) -> WebexListVAResponse {
        counters.add { $0.listings += 1 }
        guard !request.customerOrgID.isEmpty else {
            counters.add(.missingOrganization)
            throw WebexViolation.missingOrganization.status ?? .ok
        }
        var response = WebexListVAResponse()
        response.virtualAgents = agents.agents.map { agent in
            var info = WebexVirtualAgentInfo()
            info.virtualAgentID = agent.id
            info.virtualAgentName = agent.name
            info.isDefault = agent.isDefault
            return info
        }
        return response
    }

    private func lookAfterCalls() {
        health.set(isServing: server.refusal() == nil)
        directory.onEachLoop { $0.advance() }
    }
}

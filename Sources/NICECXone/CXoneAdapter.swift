// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import Logging
public import MediaServer
public import NIOCore
internal import NIOHTTP1
internal import Synchronization
public import WebSocketTransport

/// Takes NICE CXone audio hooks, and the text webhook, into the media server.
///
/// Give ``accept(_:on:)`` the upgrade requests and ``respond(to:)`` the plain requests that are for
/// it. Every stream (contact, agent, or both mixed) is a call of the server, heard and never spoken
/// to. Usable from any thread; needs ``stop()`` at the end.
public final class CXoneAdapter: Sendable {
    public struct Configuration: Sendable {
        /// Path of audio WebSockets.
        public var path: String
        /// Tokens of which every initial message must carry one; none: anyone may connect.
        public var tokens: [CXoneToken]
        /// How long a call without connections is kept.
        public var grace: MediaDuration
        /// Path of the text webhook.
        public var webhookPath: String
        /// As `tokens`, for the text webhook.
        public var webhookTokens: [CXoneToken]

        public init(
            path: String = "/cxone", tokens: [CXoneToken] = [],
            grace: MediaDuration = CXonePolicy.grace, webhookPath: String = "/cxone/utterance",
            webhookTokens: [CXoneToken] = []
        ) {
            self.path = path
            self.tokens = tokens
            self.grace = grace
            self.webhookPath = webhookPath
            self.webhookTokens = webhookTokens
        }
    }

    /// What all loops share: asked when connections come and go, never per frame.
    struct Calls {
        var directory: CXoneCallDirectory
        var streams: [CXoneStreamKey: NIOLoopBound<CXoneStream>] = [:]
        var lastConnection: CXoneCallDirectory.ConnectionID = 0
    }

    let server: MediaServer
    let logger: Logger
    let counters = CXoneCounters()
    let tokens: CXoneTokenCheck
    let calls: Mutex<Calls>
    private let configuration: Configuration
    private let webhook: CXoneTextWebhook
    private let onUtterance: @Sendable (CXoneUtterance) -> Void
    private let sweeper: RepeatedTaskHolder

    /// - Parameters:
    ///   - eventLoop: ends calls whose grace has passed, once a second; any loop will do.
    ///   - onUtterance: called on a connection's event loop for every message of a text
    ///     conversation; must return quickly.
    public init(
        server: MediaServer, configuration: Configuration = Configuration(),
        eventLoop: any EventLoop, logger: Logger,
        onUtterance: @escaping @Sendable (CXoneUtterance) -> Void = { _ in }
    ) {
        self.server = server
        self.configuration = configuration
        self.logger = logger
        self.onUtterance = onUtterance
        tokens = CXoneTokenCheck(accepted: configuration.tokens)
        webhook = CXoneTextWebhook(
            tokens: CXoneTokenCheck(accepted: configuration.webhookTokens))
        calls = Mutex(Calls(directory: CXoneCallDirectory(grace: configuration.grace)))
        sweeper = RepeatedTaskHolder()
        sweeper.start(on: eventLoop) { [weak self] in self?.sweep() }
    }

    /// Ends no call; calls without connections are no longer ended by their grace either.
    public func stop() {
        sweeper.stop()
    }

    /// What has been seen so far.
    public var counts: CXoneCounts { counters.snapshot }

    /// Whether the upgrade, or the plain request, is for this adapter.
    public func serves(_ request: HTTPRequest) -> Bool {
        request.path == configuration.path || request.path == configuration.webhookPath
    }

    /// Decides about an upgrade: 503 while the server takes no calls and no held one waits to come
    /// back. Who the peer is, only its first message tells.
    public func accept(
        _ request: HTTPRequest, on eventLoop: any EventLoop
    ) -> EventLoopFuture<UpgradeDecision> {
        guard request.path == configuration.path else {
            return eventLoop.makeSucceededFuture(.refuse(.text(.notFound, "not found\n")))
        }
        if let refusal = server.refusal(on: eventLoop),
            !calls.withLock({ $0.directory.awaitsConnection })
        {
            server.count(refusal)
            counters.add { $0.overloads += 1 }
            return eventLoop.makeSucceededFuture(
                .refuse(
                    .unavailable(
                        "\(refusal.message)\n",
                        retryAfterSeconds: AdmissionPolicy.retryAfterSeconds)))
        }
        counters.add { $0.connections += 1 }
        let id = calls.withLock { calls in
            calls.lastConnection += 1
            return calls.lastConnection
        }
        return eventLoop.makeSucceededFuture(.accept { CXoneConnection(self, id: id) })
    }

    /// Answers a request of the text webhook.
    public func respond(to request: HTTPRequest) -> HTTPResponse {
        guard request.path == configuration.webhookPath else {
            return .text(.notFound, "not found\n")
        }
        guard request.method == .POST else {
            return HTTPResponse(status: .methodNotAllowed, headers: ["Allow": "POST"])
        }
        let reply = webhook.reply(to: Array(request.body.readableBytesView))
        if let utterance = reply.utterance {
            counters.add { $0.utterances += 1 }
            onUtterance(utterance)
        } else {
            counters.add { $0.refusedUtterances[reply.status, default: 0] += 1 }
        }
        return HTTPResponse(
            status: HTTPResponseStatus(statusCode: reply.status),
            headers: ["Content-Type": "application/json"], body: ByteBuffer(string: reply.body))
    }

    private func sweep() {
        let ended = calls.withLock { calls in
            calls.directory.advance(to: MonotonicClock.now())
                .compactMap { calls.streams.removeValue(forKey: $0) }
        }
        for stream in ended {
            stream.eventLoop.execute { stream.value.end(.platformEnded) }
        }
    }
}

/// Starts and stops the one repeated task of an adapter from any thread.
final class RepeatedTaskHolder: Sendable {
    private let task = Mutex<RepeatedTask?>(nil)

    func start(on eventLoop: any EventLoop, _ body: @escaping @Sendable () -> Void) {
        let second = TimeAmount.seconds(1)
        let started = eventLoop.scheduleRepeatedTask(initialDelay: second, delay: second) { _ in
            body()
        }
        task.withLock { $0 = started }
    }

    func stop() {
        task.withLock { task in
            task?.cancel()
            task = nil
        }
    }
}

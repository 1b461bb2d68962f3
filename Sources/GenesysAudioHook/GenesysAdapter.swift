// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
public import Logging
public import MediaServer
public import NIOCore
internal import NIOHTTP1
public import WebSocketTransport

/// Takes Genesys AudioHook connections into the media server.
///
/// Give ``accept(_:on:)`` the upgrade requests whose path ``serves(_:)``. The transport has to let
/// messages of ``GenesysPolicy/maximumTextBytes`` through. Usable from any thread.
public final class GenesysAdapter: Sendable {
    /// Paths of the two products. What follows after a slash names the bot: an integration appends
    /// the flow's connector id to its connection URI.
    public struct Paths: Hashable, Sendable {
        public var connector: String
        public var monitor: String

        public init(
            connector: String = "/genesys/connector", monitor: String = "/genesys/monitor"
        ) {
            self.connector = connector
            self.monitor = monitor
        }
    }

    let server: MediaServer
    let logger: Logger
    let counters = GenesysCounters()
    private let paths: Paths
    private let authenticator: GenesysAuthenticator
    private let unixSeconds: @Sendable () -> Int64

    /// - Parameter unixSeconds: the wall clock, in seconds since 1970, for signatures; the
    ///   system's unless a test has its own.
    public init(
        server: MediaServer, authenticator: GenesysAuthenticator, paths: Paths = Paths(),
        logger: Logger,
        unixSeconds: (@Sendable () -> Int64)? = nil
    ) {
        self.server = server
        self.authenticator = authenticator
        self.paths = paths
        self.logger = logger
        self.unixSeconds = unixSeconds ?? { Int64(Date().timeIntervalSince1970) }
    }

    /// What has been seen so far.
    public var counts: GenesysCounts { counters.snapshot }

    /// Whether the request is for this adapter.
    public func serves(_ request: HTTPRequest) -> Bool { route(request) != nil }

    /// Decides about an upgrade: 503 while the server takes no calls, 400 and 401 as
    /// authentication has it, the latter not before its delay is over.
    public func accept(
        _ request: HTTPRequest, on eventLoop: any EventLoop
    ) -> EventLoopFuture<UpgradeDecision> {
        guard let (mode, bot) = route(request) else {
            return eventLoop.makeSucceededFuture(.refuse(.text(.notFound, "not found\n")))
        }
        if let refusal = server.refusal(on: eventLoop) {
            server.count(refusal)
            counters.add { $0.overloads += 1 }
            return eventLoop.makeSucceededFuture(
                .refuse(
                    .unavailable(
                        "\(refusal.message)\n",
                        retryAfterSeconds: AdmissionPolicy.retryAfterSeconds)))
        }
        let upgrade = GenesysUpgradeRequest(
            target: request.target,
            headers: request.headers.map { (name: $0.name, value: $0.value) })
        switch authenticator.admit(upgrade, unixSeconds: unixSeconds()) {
        case .admitted(let identity):
            counters.add { $0.sessions += 1 }
            return eventLoop.makeSucceededFuture(
                .accept { GenesysConnection(self, identity: identity, mode: mode, bot: bot) })
        case .refused(let status, let failure, let delay):
            counters.add { $0.refusals[failure, default: 0] += 1 }
            logger.notice(
                "upgrade refused",
                metadata: ["platform": "genesys", "reason": "\(failure.rawValue)"])
            let refusal = UpgradeDecision.refuse(
                .text(HTTPResponseStatus(statusCode: status), "\(status)\n"))
            guard delay > .zero else { return eventLoop.makeSucceededFuture(refusal) }
            return eventLoop.scheduleTask(in: .nanoseconds(delay.nanoseconds)) { refusal }
                .futureResult
        }
    }

    /// Mode and bot that the path asks for; nil for a path of somebody else.
    func route(_ request: HTTPRequest) -> (mode: GenesysMode, bot: String?)? {
        for (path, mode) in [(paths.connector, GenesysMode.connector), (paths.monitor, .monitor)] {
            guard request.path.hasPrefix(path) else { continue }
            let rest = request.path.dropFirst(path.count)
            if rest.isEmpty || rest == "/" { return (mode, request.queryValue("bot")) }
            if rest.first == "/" || path.last == "/" {
                let name = rest.drop { $0 == "/" }
                return (mode, name.removingPercentEncoding ?? String(name))
            }
        }
        return nil
    }
}

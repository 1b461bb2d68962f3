// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwiftProtobuf
internal import Synchronization

/// The health service of gRPC (`grpc.health.v1`), Check and Watch, for itself and for any service
/// of the same shape under another name.
///
/// Usable from any thread. Knows one state for the server, told for `""` and for each of the
/// services it was made with; any other name is NOT_FOUND to Check and SERVICE_UNKNOWN to Watch.
public final class GRPCHealth: Sendable {
    private struct Shared {
        var isServing = true
        var watchers: [ObjectIdentifier: HealthWatcher] = [:]
    }

    private let names: Set<String>
    private let shared = Mutex(Shared())

    /// - Parameter services: full names that clients may ask for, beside the empty one.
    public init(services: [String]) {
        names = Set(services + [""])
    }

    /// Whether clients are told SERVING. Watching ones are told of a change.
    public var isServing: Bool { shared.withLock { $0.isServing } }

    /// Changes what clients are told.
    public func set(isServing: Bool) {
        let watchers = shared.withLock { shared in
            guard shared.isServing != isServing else { return [HealthWatcher]() }
            shared.isServing = isServing
            return Array(shared.watchers.values)
        }
        for watcher in watchers { watcher.tell(isServing) }
    }

    /// Adds the service's methods to `router`.
    public func register(
        in router: inout GRPCRouter, as service: String = "grpc.health.v1.Health"
    ) {
        router.addUnary(service: service, method: "Check") {
            [self] (request: GRPCHealthCheckRequest, _, eventLoop: any EventLoop)
                -> EventLoopFuture<GRPCHealthCheckResponse> in
            guard names.contains(request.service) else {
                return eventLoop.makeFailedFuture(GRPCStatus(.notFound, "unknown service"))
            }
            return eventLoop.makeSucceededFuture(Self.response(isServing))
        }
        router.add(service: service, method: "Watch") { [self] _, eventLoop in
            eventLoop.makeSucceededFuture(.accept { HealthWatcher(self, eventLoop) })
        }
    }

    static func response(_ isServing: Bool) -> GRPCHealthCheckResponse {
        .with { $0.status = isServing ? .serving : .notServing }
    }

    func knows(_ name: String) -> Bool { names.contains(name) }

    fileprivate func begin(_ watcher: HealthWatcher) -> Bool {
        shared.withLock { shared in
            shared.watchers[ObjectIdentifier(watcher)] = watcher
            return shared.isServing
        }
    }

    fileprivate func end(_ watcher: HealthWatcher) {
        shared.withLock { _ = $0.watchers.removeValue(forKey: ObjectIdentifier(watcher)) }
    }
}

// Sendable although its state is mutable: it is used on its stream's event loop only.

/// One Watch call. Tells the state at once and then every change.
private final class HealthWatcher: GRPCServerHandler, @unchecked Sendable {
    private let health: GRPCHealth
    private let eventLoop: any EventLoop
    private var stream: GRPCServerStream?
    private var hasRequest = false
    private var told: Bool?

    init(_ health: GRPCHealth, _ eventLoop: any EventLoop) {
        self.health = health
        self.eventLoop = eventLoop
    }

    func started(_ stream: GRPCServerStream) {
        self.stream = stream
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        guard !hasRequest else {
            return stream.finish(GRPCStatus(.internalError, "more than one request message"))
        }
        hasRequest = true
        do throws(GRPCStatus) {
            let request = try GRPCHealthCheckRequest(decoding: message)
            guard health.knows(request.service) else {
                return stream.send(GRPCHealthCheckResponse.with { $0.status = .serviceUnknown })
            }
            send(health.begin(self))
        } catch {
            stream.finish(error)
        }
    }

    func halfClosed(_ stream: GRPCServerStream) {
        guard !hasRequest else { return }
        stream.finish(GRPCStatus(.internalError, "no request message"))
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {
        self.stream = nil
        health.end(self)
    }

    func tell(_ isServing: Bool) {
        eventLoop.execute { self.send(isServing) }
    }

    private func send(_ isServing: Bool) {
        guard told != isServing else { return }
        told = isServing
        stream?.send(GRPCHealth.response(isServing))
    }
}

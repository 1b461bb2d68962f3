// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// What the connections of one server share. Touched when a connection or a call begins or ends,
/// never for a message.
final class GRPCServerState: Sendable {
    private struct Shared {
        var counters = GRPCServer.Counters()
        var channels: [ObjectIdentifier: any Channel] = [:]
        var pacers: [ObjectIdentifier: NIOLoopBound<WritePacer>] = [:]
        var tls: GRPCServerTLS?
        var isStopping = false
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    let configuration: GRPCServer.Configuration
    let router: GRPCRouter
    private let shared: Mutex<Shared>

    init(_ configuration: GRPCServer.Configuration, router: GRPCRouter) {
        self.configuration = configuration
        self.router = router
        var shared = Shared()
        shared.tls = configuration.tls
        self.shared = Mutex(shared)
    }

    var counters: GRPCServer.Counters { shared.withLock { $0.counters } }

    var channels: [any Channel] { shared.withLock { Array($0.channels.values) } }

    /// The identity that new connections are shown.
    var tls: GRPCServerTLS? { shared.withLock { $0.tls } }

    /// What the connections of an event loop share to write together. On that loop only.
    func pacer(of eventLoop: any EventLoop) -> WritePacer {
        let key = ObjectIdentifier(eventLoop)
        let bound = shared.withLock { shared in
            if let known = shared.pacers[key] { return known }
            let new = NIOLoopBound(WritePacer(eventLoop: eventLoop), eventLoop: eventLoop)
            shared.pacers[key] = new
            return new
        }
        return bound.value
    }

    func replace(tls: GRPCServerTLS) {
        shared.withLock { $0.tls = tls }
    }

    func count(_ change: (inout GRPCServer.Counters) -> Void) {
        shared.withLock { change(&$0.counters) }
    }

    func stop() {
        shared.withLock { $0.isStopping = true }
    }

    /// Takes a new channel in; false when there is no place for it.
    func admit(_ channel: any Channel) -> Bool {
        let key = ObjectIdentifier(channel)
        let isAdmitted = shared.withLock { shared in
            guard !shared.isStopping,
                shared.channels.count < configuration.maximumConnections
            else {
                shared.counters.overCapacity += 1
                return false
            }
            shared.counters.connectionsAccepted += 1
            shared.counters.openConnections += 1
            shared.channels[key] = channel
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in self.remove(key) }
        return true
    }

    /// Succeeds the promise as soon as no channel is open.
    func notifyWhenEmpty(_ promise: EventLoopPromise<Void>) {
        let isEmpty = shared.withLock { shared in
            if !shared.channels.isEmpty { shared.whenEmpty.append(promise) }
            return shared.channels.isEmpty
        }
        if isEmpty { promise.succeed() }
    }

    private func remove(_ key: ObjectIdentifier) {
        let promises = shared.withLock { shared in
            shared.channels[key] = nil
            shared.counters.openConnections -= 1
            guard shared.channels.isEmpty else { return [EventLoopPromise<Void>]() }
            defer { shared.whenEmpty = [] }
            return shared.whenEmpty
        }
        for promise in promises { promise.succeed() }
    }
}

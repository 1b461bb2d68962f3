// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// What the connections of one server share: its counters, its open channels and whether it still
/// accepts. Touched when a connection begins, changes or ends, never for a message.
final class ServerState: Sendable {
    private struct Shared {
        var counters = WebSocketServer.Counters()
        var channels: [ObjectIdentifier: any Channel] = [:]
        var webSockets: Set<ObjectIdentifier> = []
        var tls: ServerTLS?
        var isStopping = false
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    let configuration: WebSocketServer.Configuration
    let accept: WebSocketServer.Accept
    let respond: WebSocketServer.Respond?
    private let shared: Mutex<Shared>

    init(
        _ configuration: WebSocketServer.Configuration, accept: @escaping WebSocketServer.Accept,
        respond: WebSocketServer.Respond?
    ) {
        self.configuration = configuration
        self.accept = accept
        self.respond = respond
        var shared = Shared()
        shared.tls = configuration.tls
        self.shared = Mutex(shared)
    }

    /// The identity that new connections are shown.
    var tls: ServerTLS? { shared.withLock { $0.tls } }

    func replace(tls: ServerTLS) {
        shared.withLock { $0.tls = tls }
    }

    var counters: WebSocketServer.Counters { shared.withLock { $0.counters } }

    var isStopping: Bool { shared.withLock { $0.isStopping } }

    var channels: [any Channel] { shared.withLock { Array($0.channels.values) } }

    func count(_ change: (inout WebSocketServer.Counters) -> Void) {
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
            shared.counters.accepted += 1
            shared.counters.openConnections += 1
            shared.channels[key] = channel
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in self.remove(key) }
        return true
    }

    /// The channel, admitted before, carries a WebSocket from now on.
    func upgraded(_ channel: any Channel) {
        shared.withLock { shared in
            shared.counters.upgraded += 1
            shared.counters.openWebSockets += 1
            shared.webSockets.insert(ObjectIdentifier(channel))
        }
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
            if shared.webSockets.remove(key) != nil { shared.counters.openWebSockets -= 1 }
            guard shared.channels.isEmpty else { return [EventLoopPromise<Void>]() }
            defer { shared.whenEmpty = [] }
            return shared.whenEmpty
        }
        for promise in promises { promise.succeed() }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOPosix

/// A gRPC server (HTTP/2 by libnghttp2) on an event loop group's loops. Usable from any thread.
public final class GRPCServer: Sendable {
    /// What a server listens on and what it allows.
    public struct Configuration: Sendable {
        /// A name or address of this machine; the default is reachable from this machine only.
        public var host = "127.0.0.1"
        /// The TCP port; 0 lets the system choose, see ``GRPCServer/port``.
        public var port = 0
        /// Serves TLS with this identity; nil serves cleartext HTTP/2 with prior knowledge.
        public var tls: GRPCServerTLS?
        public var limits = GRPCLimits()
        /// The most connections at a time. A further one is closed as soon as it is accepted.
        public var maximumConnections = 10_000
        /// The length of the system's queue of connections not yet accepted.
        public var backlog = 1024

        public init() {}
    }

    private let listener: any Channel
    private let state: GRPCServerState
    /// The TCP port it listens on.
    public let port: Int

    private init(listener: any Channel, port: Int, state: GRPCServerState) {
        self.listener = listener
        self.port = port
        self.state = state
    }

    /// What has happened so far.
    public var counters: Counters { state.counters }

    /// Listens and serves.
    ///
    /// - Parameter group: its loops carry the connections. It must outlive the server.
    /// - Throws: the system's error when the address cannot be listened on.
    public static func start(
        _ configuration: Configuration = Configuration(), router: GRPCRouter,
        group: any EventLoopGroup
    ) async throws -> GRPCServer {
        let state = GRPCServerState(configuration, router: router)
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(configuration.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One read for one event: a second would find nothing nearly always.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard state.admit(channel) else {
                        return channel.close(promise: nil)
                    }
                    try GRPCServerConnection.install(state, in: channel)
                }
            }
            .bind(host: configuration.host, port: configuration.port)
            .get()
        guard let port = listener.localAddress?.port else {
            throw ChannelError.unknownLocalAddress
        }
        return GRPCServer(listener: listener, port: port, state: state)
    }

    /// New connections are shown this identity; those that are open keep theirs.
    /// - Precondition: the server was started with TLS.
    public func replaceTLS(_ tls: GRPCServerTLS) {
        precondition(state.configuration.tls != nil, "A cleartext server has no identity")
        state.replace(tls: tls)
    }

    /// Stops listening and says goodbye on every connection (GOAWAY): calls in progress go on, each
    /// connection closes after its last.
    public func beginDrain() async {
        state.stop()
        try? await listener.close().get()
        for channel in state.channels {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    /// Drains, and returns when no connection is left. Those that are left after the deadline are
    /// cut.
    public func shutdown(within deadline: TimeAmount) async {
        await beginDrain()
        let loop = listener.eventLoop
        let state = state
        let cut = loop.scheduleTask(in: deadline) {
            for channel in state.channels { channel.close(promise: nil) }
        }
        let empty = loop.makePromise(of: Void.self)
        state.notifyWhenEmpty(empty)
        try? await empty.futureResult.get()
        cut.cancel()
    }
}

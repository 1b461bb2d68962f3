// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// A WebSocket server that also answers plain HTTP/1.1 requests on the same port.
///
/// Connections are spread over the event loops of the group; each lives on its loop from its first
/// byte to its last. Safe to use from any thread.
public final class WebSocketServer: Sendable {
    private let listener: any Channel
    let state: ServerState

    /// The address listened on.
    public let localAddress: SocketAddress

    private init(listener: any Channel, address: SocketAddress, state: ServerState) {
        self.listener = listener
        self.localAddress = address
        self.state = state
    }

    /// The TCP port listened on: the system's choice when the configuration left it open.
    public var port: Int { localAddress.port ?? 0 }

    /// What has happened so far.
    public var counters: Counters { state.counters }

    /// Listens and serves.
    ///
    /// - Parameters:
    ///   - group: Its loops carry the connections. It must outlive the server.
    ///   - accept: Decides about each upgrade.
    ///   - respond: Answers plain requests; without it they get 426.
    /// - Throws: The system's error when the address cannot be listened on.
    public static func start(
        _ configuration: Configuration = Configuration(), group: any EventLoopGroup,
        accept: @escaping Accept, respond: Respond? = nil
    ) async throws -> WebSocketServer {
        precondition(
            (1...Int(UInt32.max)).contains(configuration.limits.maximumMessageBytes),
            "A WebSocket message limit is between 1 byte and 4 GiB.")
        let state = ServerState(configuration, accept: accept, respond: respond)
        let highWaterMark = min(64 * 1024, configuration.limits.maximumBufferedBytes)
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(configuration.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .socketOption(.so_sndbuf),
                value: SocketOptionValue(configuration.limits.systemBufferBytes)
            )
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: highWaterMark / 2, high: highWaterMark)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel, state)
                }
            }
            .bind(host: configuration.host, port: configuration.port)
            .get()
        guard let address = listener.localAddress else {
            throw ChannelError.unknownLocalAddress
        }
        return WebSocketServer(listener: listener, address: address, state: state)
    }

    private static func prepare(_ channel: any Channel, _ state: ServerState) throws {
        guard state.admit(channel) else {
            return channel.close(promise: nil)
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls = state.tls {
            try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
        }
        try HTTPServerHandler.install(state, in: pipeline)
    }

    /// New connections are shown this identity; those that are open keep theirs.
    /// - Precondition: the server was started with TLS.
    public func replaceTLS(_ tls: ServerTLS) {
        precondition(state.configuration.tls != nil, "A server without TLS has no identity")
        state.replace(tls: tls)
    }

    /// Stops listening. What is connected stays.
    public func stopAccepting() async {
        state.stop()
        try? await listener.close().get()
    }

    /// Starts the closing handshake on every open WebSocket.
    public func closeAll(code: WebSocketCloseCode = .goingAway, reason: String = "") {
        precondition(code.isAllowedOnTheWire, "Close code \(code) must not be sent.")
        let request = WebSocketChannelHandler.CloseRequest(code: code, reason: reason)
        for channel in state.channels {
            channel.pipeline.fireUserInboundEventTriggered(request)
        }
    }

    /// Stops listening, closes every WebSocket with 1001, lets plain requests in progress be
    /// answered, and returns when no connection is left. Those that are left after the deadline
    /// are cut.
    public func shutdown(within deadline: TimeAmount) async {
        await stopAccepting()
        closeAll()
        let channels = state.channels
        for channel in channels {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
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

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOPosix
internal import NIOSSL

// Sendable although its state is mutable: every entry point traps when it is not on `eventLoop`.

/// One connection to a gRPC server, for synthetic callers and tests: it neither reconnects nor
/// balances. Everything but ``eventLoop`` and ``closeFuture`` may be used on its event loop only.
public final class GRPCClient: @unchecked Sendable {
    public struct Target: Hashable, Sendable {
        public var host: String
        public var port: Int
        /// What the server is addressed as; nil is `host:port`.
        public var authority: String?

        public init(host: String, port: Int, authority: String? = nil) {
            self.host = host
            self.port = port
            self.authority = authority
        }
    }

    public let eventLoop: any EventLoop
    let limits: GRPCLimits
    private let authority: String
    private let scheme: String
    private let channel: any Channel
    /// Holds this object as well: let go when the connection ends.
    private var connection: HTTP2Connection?
    private let settled: EventLoopPromise<Void>
    private var isClosing = false

    /// Connects, and completes when the server has shown that it speaks HTTP/2.
    ///
    /// Fails with the system's error, or with `unavailable`.
    public static func connect(
        _ target: Target, tls: GRPCClientTLS? = nil, limits: GRPCLimits = GRPCLimits(),
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<GRPCClient> {
        let clients = eventLoop.makePromise(of: GRPCClient.self)
        ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One read for one event: a second would find nothing nearly always.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                eventLoop.makeCompletedFuture {
                    let client = GRPCClient(target, tls: tls, limits: limits, channel: channel)
                    try client.install(tls, host: target.host)
                    client.settled.futureResult.map { client }.cascade(to: clients)
                }
            }
            .connect(host: target.host, port: target.port)
            .whenFailure { clients.fail($0) }
        return clients.futureResult
    }

    private init(
        _ target: Target, tls: GRPCClientTLS?, limits: GRPCLimits, channel: any Channel
    ) {
        self.limits = limits
        self.channel = channel
        eventLoop = channel.eventLoop
        authority = target.authority ?? "\(target.host):\(target.port)"
        scheme = tls == nil ? "http" : "https"
        settled = eventLoop.makePromise()
    }

    private func install(_ tls: GRPCClientTLS?, host: String) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            // An address is no name for SNI (RFC 6066, section 3).
            let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            try pipeline.addHandler(
                NIOSSLClientHandler(
                    context: tls.context, serverHostname: isAddress ? nil : host))
        }
        let connection = HTTP2Connection(
            limits.session(.client), times: limits.times, usesTLS: tls != nil, endpoint: self,
            eventLoop: eventLoop)
        self.connection = connection
        try pipeline.addHandler(connection)
    }

    // MARK: Calls

    /// Begins a call. What is sent before the server has room for it waits.
    public func open(
        service: String, method: String, metadata: GRPCMetadata = [:], timeout: TimeAmount? = nil,
        handler: any GRPCClientHandler
    ) -> GRPCClientStream {
        eventLoop.preconditionInEventLoop()
        let call = GRPCClientStream(
            connection, limits: limits, handler: handler, timeout: timeout, eventLoop: eventLoop)
        var fields = [
            HTTP2Field(":method", "POST"), HTTP2Field(":scheme", scheme),
            HTTP2Field(":path", "/\(service)/\(method)"), HTTP2Field(":authority", authority),
            HTTP2Field("te", "trailers"), HTTP2Field("content-type", "application/grpc"),
            HTTP2Field("user-agent", "sidetone"),
        ]
        if let timeout {
            fields.append(HTTP2Field("grpc-timeout", GRPCTimeout.text(timeout)))
        }
        fields += metadata.fields
        guard !isClosing, let connection,
            let stream = connection.session.request(fields, receiver: call)
        else {
            let bound = NIOLoopBound(call, eventLoop: eventLoop)
            eventLoop.execute {
                bound.value.end(GRPCStatus(.unavailable, "the connection takes no calls"), [:])
            }
            return call
        }
        call.stream = stream
        connection.setNeedsFlush()
        return call
    }

    /// Closes the connection; calls in progress end with `unavailable`.
    public func close() {
        eventLoop.preconditionInEventLoop()
        isClosing = true
        connection?.session.terminate(.noError)
        connection?.close(.closed)
    }

    /// Completes when the connection is gone.
    public var closeFuture: EventLoopFuture<Void> { channel.closeFuture }
}

extension GRPCClient: HTTP2Endpoint {
    func opened(
        _ stream: HTTP2Stream, fields: [HTTP2Field], isOversize: Bool
    ) -> (any HTTP2StreamReceiver)? {
        nil
    }

    func readCompleted() {}

    func established() {
        settled.succeed()
    }

    func received(goAway code: HTTP2ErrorCode, lastStream: Int32) {
        isClosing = true
    }

    func ended(_ reason: HTTP2Connection.End) {
        isClosing = true
        connection = nil
        settled.fail(GRPCStatus(.unavailable, "the server does not speak HTTP/2: \(reason)"))
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Opens WebSockets to servers.
public enum WebSocketClient {
    /// Connects, checks the certificate for `wss`, and does the opening handshake.
    ///
    /// - Parameters:
    ///   - headers: Added to the request; a `Host` here replaces the URL's.
    ///   - tls: For `wss`; without it the system's authorities are trusted.
    ///   - limits: The handshake timeout covers everything up to `connected`.
    ///   - eventLoop: Where the connection lives. Must be one of NIOPosix.
    ///   - handler: Makes the handler, on that loop, once the server has agreed; not called when
    ///     the future fails.
    /// - Returns: The connection, after its handler's `connected`. Fails with
    ///   ``WebSocketClientError``.
    public static func connect(
        to url: WebSocketURL, headers: HTTPHeaders = [:], tls: ClientTLS? = nil,
        limits: WebSocketLimits = WebSocketLimits(), on eventLoop: any EventLoop,
        handler: @escaping @Sendable () -> any WebSocketHandler
    ) -> EventLoopFuture<WebSocketConnection> {
        precondition(
            (1...Int(UInt32.max)).contains(limits.maximumMessageBytes),
            "A WebSocket message limit is between 1 byte and 4 GiB.")
        let promise = eventLoop.makePromise(of: WebSocketConnection.self)
        var context: NIOSSLContext?
        if url.isSecure {
            do throws(TLSError) {
                let tls = if let tls { tls } else { try ClientTLS() }
                context = tls.context
            } catch {
                promise.fail(WebSocketClientError.tls(error.description))
                return promise.futureResult
            }
        }
        let highWaterMark = min(64 * 1024, limits.maximumBufferedBytes)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(limits.handshakeTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .socketOption(.so_sndbuf), value: SocketOptionValue(limits.systemBufferBytes)
            )
            .channelOption(
                .writeBufferWaterMark,
                value: .init(low: highWaterMark / 2, high: highWaterMark)
            )
            .channelInitializer { [context] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        try pipeline.addHandler(secure(context, url))
                    }
                    try ClientHandshakeHandler.install(
                        ClientHandshakeHandler.Opening(
                            url: url, headers: headers, limits: limits, makeHandler: handler,
                            promise: promise),
                        in: pipeline)
                }
            }
            .connect(host: url.host, port: url.port)
            .whenFailure { error in
                switch error {
                case ChannelError.connectTimeout:
                    promise.fail(WebSocketClientError.timedOut)
                default:
                    promise.fail(WebSocketClientError.unreachable(String(describing: error)))
                }
            }
        return promise.futureResult
    }

    /// An address has no place in the server name extension; its certificate is checked against
    /// the address itself.
    private static func secure(
        _ context: NIOSSLContext, _ url: WebSocketURL
    ) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: url.host, port: 0)) != nil
        return try NIOSSLClientHandler(
            context: context, serverHostname: isAddress ? nil : url.host)
    }
}

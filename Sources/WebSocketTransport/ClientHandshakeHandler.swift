// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOWebSocket

/// The client's side of the opening handshake (RFC 6455 section 4.1).
final class ClientHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What one attempt to connect is about.
    struct Opening: Sendable {
        let url: WebSocketURL
        let headers: HTTPHeaders
        let limits: WebSocketLimits
        let makeHandler: @Sendable () -> any WebSocketHandler
        let promise: EventLoopPromise<WebSocketConnection>
    }

    private enum Phase {
        case waiting
        /// A correct 101 is here, the end of its head is awaited.
        case agreed
        /// The HTTP handlers are leaving; these reads are what came behind the answer.
        case switching([NIOAny])
        case refused(HTTPResponse)
        case done
    }

    private static let maximumHeaderBytes = 16 * 1024
    private static let maximumBodyBytes = 64 * 1024

    private let opening: Opening
    private let key: String
    private let encoder: HTTPRequestEncoder
    private let decoder: ByteToMessageHandler<HTTPResponseDecoder>
    private var phase = Phase.waiting
    private var deadline: Scheduled<Void>?

    private init(
        _ opening: Opening, encoder: HTTPRequestEncoder,
        decoder: ByteToMessageHandler<HTTPResponseDecoder>
    ) {
        self.opening = opening
        self.encoder = encoder
        self.decoder = decoder
        key = NIOWebSocketClientUpgrader.randomRequestKey()
    }

    static func install(
        _ opening: Opening, in pipeline: ChannelPipeline.SynchronousOperations
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = maximumHeaderBytes
        limits.maxHeaderListSize = maximumHeaderBytes
        limits.maxHeaderFieldCount = 100
        let encoder = HTTPRequestEncoder()
        let decoder = ByteToMessageHandler(
            HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
        try pipeline.addHandlers([
            encoder, decoder,
            ClientHandshakeHandler(opening, encoder: encoder, decoder: decoder),
        ])
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let timeout = opening.limits.handshakeTimeout
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.fail(.timedOut, context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: opening.url.target, headers: requestHeaders)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    private var requestHeaders: HTTPHeaders {
        var headers = opening.headers
        if !headers.contains(name: "Host") {
            headers.add(name: "Host", value: opening.url.authority)
        }
        headers.replaceOrAdd(name: "Upgrade", value: "websocket")
        headers.replaceOrAdd(name: "Connection", value: "Upgrade")
        headers.replaceOrAdd(name: "Sec-WebSocket-Version", value: "13")
        headers.replaceOrAdd(name: "Sec-WebSocket-Key", value: key)
        return headers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .switching(let reads) = phase {
            phase = .switching(reads + [data])
            return
        }
        switch (Self.unwrapInboundIn(data), phase) {
        case (.head(let head), .waiting):
            judge(head, context)
        case (.body(let part), .refused(var response)):
            let space = Self.maximumBodyBytes - response.body.readableBytes
            response.body.writeBytes(part.readableBytesView.prefix(space))
            phase = .refused(response)
        case (.end, .refused(let response)):
            fail(.refused(response), context)
        case (.end, .agreed):
            switchProtocols(context)
        default:
            break
        }
    }

    private func judge(_ head: HTTPResponseHead, _ context: ChannelHandlerContext) {
        guard head.status == .switchingProtocols else {
            phase = .refused(HTTPResponse(status: head.status, headers: head.headers))
            return
        }
        let headers = head.headers
        guard headers[canonicalForm: "upgrade"].map({ $0.lowercased() }) == ["websocket"],
            headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" })
        else {
            return fail(.malformedResponse("101 without the upgrade to websocket"), context)
        }
        guard headers["sec-websocket-extensions"].isEmpty else {
            return fail(.malformedResponse("an extension that was not offered"), context)
        }
        let offered = opening.headers[canonicalForm: "sec-websocket-protocol"]
        guard headers["sec-websocket-protocol"].allSatisfy({ offered.contains($0[...]) }) else {
            return fail(.malformedResponse("a subprotocol that was not offered"), context)
        }
        let upgrader = NIOWebSocketClientUpgrader(
            requestKey: key,
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        guard upgrader.shouldAllowUpgrade(upgradeResponse: head) else {
            return fail(.invalidAccept, context)
        }
        phase = .agreed
    }

    /// The decoder also watches what is written, so nothing may be sent before it has left; what it
    /// holds passes through here then.
    private func switchProtocols(_ context: ChannelHandlerContext) {
        phase = .switching([])
        let pipeline = context.pipeline.syncOperations
        pipeline.removeHandler(encoder, promise: nil)
        let removed = context.eventLoop.makePromise(of: Void.self)
        pipeline.removeHandler(decoder, promise: removed)
        removed.futureResult.assumeIsolated().whenSuccess {
            guard case .switching(let reads) = self.phase else { return }
            do {
                try self.open(context, reads)
            } catch {
                self.fail(.connectionLost, context)
            }
        }
    }

    private func open(_ context: ChannelHandlerContext, _ reads: [NIOAny]) throws {
        let request = HTTPRequest(
            target: opening.url.target, headers: requestHeaders,
            remoteAddress: context.remoteAddress, isSecure: opening.url.isSecure)
        let connection = WebSocketConnection(
            eventLoop: context.eventLoop, request: request, role: .client,
            limits: opening.limits, handler: opening.makeHandler(), reportFailure: { _ in })
        try WebSocketChannelHandler.install(connection, in: context.pipeline)
        phase = .done
        connection.open()
        opening.promise.succeed(connection)
        for read in reads { context.fireChannelRead(read) }
        if !reads.isEmpty { context.fireChannelReadComplete() }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func fail(_ error: WebSocketClientError, _ context: ChannelHandlerContext) {
        if case .done = phase { return }
        phase = .done
        opening.promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .refused(let response) = phase {
            fail(.refused(response), context)
        } else {
            fail(.connectionLost, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            fail(.tls(String(describing: error)), context)
        case is HTTPParserError, is NIOHTTPDecoderError:
            fail(.malformedResponse(String(describing: error)), context)
        default:
            fail(.connectionLost, context)
        }
    }
}

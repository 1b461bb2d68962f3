// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// The HTTP side of one connection: plain requests one after another, until one becomes a WebSocket.
///
/// Each request has the handshake timeout for its arrival, and again for its answer.
final class HTTPServerHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case waiting
        case receiving(HTTPRequestHead, body: ByteBuffer)
        case answering(HTTPRequestHead)
        /// The answer that ends the connection is written, or the connection was upgraded.
        case done
    }

    private let state: ServerState
    private let httpHandlers: [any RemovableChannelHandler]
    private var phase = Phase.waiting
    private var deadline: Scheduled<Void>?

    private init(_ state: ServerState, above httpHandlers: [any RemovableChannelHandler]) {
        self.state = state
        self.httpHandlers = httpHandlers
    }

    static func install(
        _ state: ServerState, in pipeline: ChannelPipeline.SynchronousOperations
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = state.configuration.maximumHeaderBytes
        limits.maxHeaderListSize = state.configuration.maximumHeaderBytes
        limits.maxHeaderFieldCount = 100
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits),
            // One read, and what of a head came before it.
            maximumBufferSize: 64 * 1024 + 2 * state.configuration.maximumHeaderBytes)
        // The decoder comes last: removing it passes on the bytes it holds.
        let handlers: [any RemovableChannelHandler] = [
            HTTPResponseEncoder(), NIOHTTPResponseHeadersValidator(), HTTPServerPipelineHandler(),
            decoder,
        ]
        try pipeline.addHandler(handlers[0])
        try pipeline.addHandler(decoder)
        try pipeline.addHandler(handlers[2])
        try pipeline.addHandler(handlers[1])
        try pipeline.addHandler(HTTPServerHandler(state, above: handlers))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        startDeadline(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (Self.unwrapInboundIn(data), phase) {
        case (.head(let head), .waiting):
            let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            guard announced <= state.configuration.maximumBodyBytes else {
                return refuse(.payloadTooLarge, to: head, context)
            }
            phase = .receiving(head, body: ByteBuffer())
        case (.body(let part), .receiving(let head, var body)):
            guard body.readableBytes + part.readableBytes <= state.configuration.maximumBodyBytes
            else { return refuse(.payloadTooLarge, to: head, context) }
            phase = .waiting
            body.writeImmutableBuffer(part)
            phase = .receiving(head, body: body)
        case (.end, .receiving(let head, let body)):
            phase = .answering(head)
            startDeadline(context)
            if UpgradeHandshake.isWanted(by: head) {
                decide(head, context)
            } else {
                respond(head, body, context)
            }
        default:
            // What follows a request that was refused before its end.
            break
        }
    }

    private func request(
        _ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) -> HTTPRequest {
        HTTPRequest(
            method: head.method, target: head.uri, headers: head.headers, body: body,
            remoteAddress: context.remoteAddress, isSecure: state.configuration.tls != nil)
    }

    private func respond(
        _ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        guard let respond = state.respond else {
            var response = HTTPResponse.text(.upgradeRequired, "A WebSocket is served here.\n")
            response.headers.add(name: "Upgrade", value: "websocket")
            return answer(response, to: head, context)
        }
        respond(request(head, body, context), context.eventLoop)
            .hop(to: context.eventLoop).assumeIsolated()
            .whenComplete { result in
                guard case .answering = self.phase else { return }
                switch result {
                case .success(let response):
                    self.state.count { $0.responded += 1 }
                    self.answer(response, to: head, context)
                case .failure:
                    self.answer(HTTPResponse(status: .internalServerError), to: head, context)
                }
            }
    }

    // MARK: Upgrades

    private func decide(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if let refusal = UpgradeHandshake.refusal(of: head) {
            state.count { $0.malformedRequests += 1 }
            return answer(refusal, to: head, isLast: true, context)
        }
        let request = request(head, ByteBuffer(), context)
        state.accept(request, context.eventLoop)
            .hop(to: context.eventLoop).assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(.accept(let headers, let makeHandler)):
                    self.upgrade(head, request, headers, makeHandler, context)
                case .success(.refuse(let response)):
                    self.refuse(response, to: head, context)
                case .failure:
                    self.refuse(HTTPResponse(status: .internalServerError), to: head, context)
                }
            }
    }

    private func refuse(
        _ response: HTTPResponse, to head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        guard case .answering = phase else { return }
        state.count { $0.refused += 1 }
        answer(response, to: head, isLast: true, context)
    }

    private func upgrade(
        _ head: HTTPRequestHead, _ request: HTTPRequest, _ headers: HTTPHeaders,
        _ makeHandler: @escaping @Sendable () -> any WebSocketHandler,
        _ context: ChannelHandlerContext
    ) {
        let state = state
        let connection = WebSocketConnection(
            eventLoop: context.eventLoop, request: request, role: .server,
            limits: state.configuration.limits, handler: makeHandler(),
            reportFailure: { failure in state.count { $0.count(failure) } })
        guard case .answering = phase, !state.isStopping else {
            connection.open()
            connection.transportEnded("the peer left, or the server stopped, before the answer")
            return refuse(HTTPResponse(status: .serviceUnavailable), to: head, context)
        }
        UpgradeHandshake.responseHeaders(to: head, adding: headers, on: context.channel)
            .assumeIsolated()
            .whenComplete { result in
                do {
                    try self.switchProtocols(connection, head, result.get(), context)
                } catch {
                    connection.open()
                    connection.transportEnded(String(describing: error))
                    context.close(promise: nil)
                }
            }
    }

    private func switchProtocols(
        _ connection: WebSocketConnection, _ head: HTTPRequestHead, _ headers: HTTPHeaders,
        _ context: ChannelHandlerContext
    ) throws {
        phase = .done
        let answer = HTTPResponseHead(
            version: head.version, status: .switchingProtocols, headers: headers)
        context.write(Self.wrapOutboundOut(.head(answer)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        state.upgraded(context.channel)
        let pipeline = context.pipeline
        for handler in httpHandlers.dropLast() {
            pipeline.syncOperations.removeHandler(handler, promise: nil)
        }
        try WebSocketChannelHandler.install(connection, in: pipeline)
        pipeline.syncOperations.removeHandler(context: context, promise: nil)
        connection.open()
        guard let decoder = httpHandlers.last else { return }
        // The frames the decoder held arrive as it leaves, outside any read of the socket.
        let removed = context.eventLoop.makePromise(of: Void.self)
        removed.futureResult.assumeIsolated().whenSuccess { connection.receiveCompleted() }
        pipeline.syncOperations.removeHandler(decoder, promise: removed)
    }

    // MARK: Answers

    private func refuse(
        _ status: HTTPResponseStatus, to head: HTTPRequestHead?, _ context: ChannelHandlerContext
    ) {
        state.count { $0.malformedRequests += 1 }
        answer(HTTPResponse(status: status), to: head, isLast: true, context)
    }

    private func answer(
        _ response: HTTPResponse, to head: HTTPRequestHead?, isLast: Bool = false,
        _ context: ChannelHandlerContext
    ) {
        // After a request to upgrade the decoder reads no further request.
        let isLast =
            isLast || state.isStopping || head.map { !$0.isKeepAlive } ?? true
            || head?.headers.contains(name: "upgrade") ?? false
        var headers = response.headers
        headers.replaceOrAdd(name: "Content-Length", value: "\(response.body.readableBytes)")
        headers.replaceOrAdd(name: "Connection", value: isLast ? "close" : "keep-alive")
        phase = isLast ? .done : .waiting
        startDeadline(context)
        let answer = HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(answer)), promise: nil)
        if head?.method != .HEAD, response.body.readableBytes > 0 {
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        if isLast {
            // Input may be on its way still; closing both directions could reset the connection
            // before the answer is read.
            written.futureResult.assumeIsolated().whenSuccess {
                context.close(mode: .output, promise: nil)
            }
        }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: written)
    }

    private func startDeadline(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: state.configuration.limits.handshakeTimeout
        ) { self.deadlinePassed(context) }
    }

    private func deadlinePassed(_ context: ChannelHandlerContext) {
        switch phase {
        case .waiting, .receiving:
            state.count { $0.handshakeTimeouts += 1 }
            context.close(promise: nil)
        case .answering(let head):
            state.count { $0.handshakeTimeouts += 1 }
            answer(HTTPResponse(status: .serviceUnavailable), to: head, isLast: true, context)
        case .done:
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .done
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (error, phase) {
        case (_, .done):
            break
        case (is HTTPParserError, .waiting), (is HTTPParserError, .receiving):
            let isTooLong = error as? HTTPParserError == .headerOverflow
            refuse(isTooLong ? .requestHeaderFieldsTooLarge : .badRequest, to: nil, context)
        default:
            state.count {
                if error is NIOSSLError || error is BoringSSLError {
                    $0.tlsFailures += 1
                } else {
                    $0.malformedRequests += 1
                }
            }
            phase = .done
            context.close(promise: nil)
        }
    }
}

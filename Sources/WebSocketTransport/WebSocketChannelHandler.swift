// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

/// The end of the pipeline after an upgrade: carries the channel's events to the connection.
final class WebSocketChannelHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    /// Fired into a pipeline to start its closing handshake, from wherever.
    struct CloseRequest: Sendable {
        let code: WebSocketCloseCode
        let reason: String
    }

    private let connection: WebSocketConnection

    init(_ connection: WebSocketConnection) {
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connection.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connection.transportEnded("the channel was taken down")
        connection.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.receive(Self.unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection.receiveCompleted()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // The channel says so from inside a write, which may be a call of the handler.
        context.eventLoop.assumeIsolated().execute { [connection] in
            guard let channel = connection.context?.channel else { return }
            connection.handler?.writabilityChanged(connection, isWritable: channel.isWritable)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.transportEnded("the peer ended the TCP connection")
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let request = event as? CloseRequest {
            connection.close(code: request.code, reason: request.reason)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error as? NIOWebSocketError {
        case .invalidFrameLength: connection.fail(.oversizeMessage)
        case .fragmentedControlFrame: connection.fail(.fragmentedControlFrame)
        case .multiByteControlFrameLength: connection.fail(.oversizeControlFrame)
        case nil:
            // What arrives after a violation is discarded.
            if case .dataReceivedInErrorState = error as? ByteToMessageDecoderError { return }
            connection.transportEnded(String(describing: error))
            context.close(promise: nil)
        }
    }

    /// Puts the WebSocket handlers at the end of the pipeline. The HTTP handlers are to be gone,
    /// or to be removed next, the decoder last: what it holds passes on then.
    static func install(_ connection: WebSocketConnection, in pipeline: ChannelPipeline) throws {
        try pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(
                WebSocketFrameDecoder(maxFrameSize: connection.limits.maximumMessageBytes)),
            WebSocketChannelHandler(connection),
        ])
    }
}

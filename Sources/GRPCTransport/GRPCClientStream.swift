// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwiftProtobuf

// Sendable although its state is mutable: it is for `eventLoop` alone. Every entry point traps off it;
// that which messages pass does so in debug builds only.

/// One call at the client. Everything but ``eventLoop`` may be used on the connection's event loop
/// only. Messages leave by themselves at the end of the event loop's turn.
public final class GRPCClientStream: @unchecked Sendable {
    public let eventLoop: any EventLoop
    /// What the server sent before its first message; nil until it came.
    public private(set) var initialMetadata: GRPCMetadata?
    /// Nil when the call was begun on a connection that had ended.
    private let transport: HTTP2Connection?
    private let limits: GRPCLimits
    var stream: HTTP2Stream?
    private var handler: (any GRPCClientHandler)?
    private var deframer: MessageDeframer
    private var trailers: GRPCMetadata?
    private var httpStatus = "200"
    private var hasHalfClosed = false
    private var deadline: Scheduled<Void>?
    private var isReading = true
    /// What came while nothing was read; it still counts against the windows.
    private var unread = ByteBuffer()
    private var hasUnreadEnd = false

    init(
        _ transport: HTTP2Connection?, limits: GRPCLimits, handler: any GRPCClientHandler,
        timeout: TimeAmount?, eventLoop: any EventLoop
    ) {
        self.transport = transport
        self.limits = limits
        self.handler = handler
        self.eventLoop = eventLoop
        deframer = MessageDeframer(limit: limits.maximumMessageBytes)
        if let timeout {
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            deadline = eventLoop.scheduleTask(in: timeout) {
                bound.value.abandon(GRPCStatus(.deadlineExceeded, "the deadline has passed"))
            }
        }
    }

    /// Whether the call is over.
    public var hasEnded: Bool {
        eventLoop.assertInEventLoop()
        return handler == nil
    }

    /// Whether the server keeps up. When false wait for `writable`.
    public var isWritable: Bool {
        eventLoop.assertInEventLoop()
        return (stream?.outbound.count ?? 0) < limits.writableBytes
    }

    /// Sends one message; does nothing after ``halfClose()`` or the end of the call.
    public func send(_ message: Span<UInt8>) {
        eventLoop.assertInEventLoop()
        guard let stream, handler != nil, !hasHalfClosed else { return }
        stream.outbound.append(message: message)
        if stream.outbound.count >= limits.writableBytes { stream.wantsNotice = true }
        resume(stream)
    }

    public func send(_ message: [UInt8]) {
        send(message.span)
    }

    /// Serialises and sends a message.
    public func send(_ message: some Message) {
        do {
            let octets: [UInt8] = try message.serializedBytes()
            send(octets.span)
        } catch {
            abandon(GRPCStatus(.internalError, "a request could not be written"))
        }
    }

    /// Sends no more.
    public func halfClose() {
        eventLoop.preconditionInEventLoop()
        guard let stream, handler != nil, !hasHalfClosed else { return }
        hasHalfClosed = true
        stream.outboundEnd = .ending(trailers: [])
        resume(stream)
    }

    private func resume(_ stream: HTTP2Stream) {
        guard let transport else { return }
        transport.session.resume(stream)
        transport.setNeedsFlush()
    }

    private func reset(_ stream: HTTP2Stream) {
        guard let transport else { return }
        transport.session.reset(stream, code: .cancel)
        transport.setNeedsFlush()
    }

    /// Gives the call up: it ends with `cancelled` before this returns.
    public func cancel() {
        eventLoop.preconditionInEventLoop()
        abandon(GRPCStatus(.cancelled, "cancelled by the caller"))
    }

    private func abandon(_ status: GRPCStatus) {
        guard handler != nil else { return }
        if let stream { reset(stream) }
        end(status, [:])
    }

    func end(_ status: GRPCStatus, _ trailers: GRPCMetadata) {
        deadline?.cancel()
        deadline = nil
        let ended = handler
        handler = nil
        ended?.ended(self, status, trailers: trailers)
    }
}

extension GRPCClientStream {
    /// Whether what the server sends is taken. While it is not, messages pile up here up to the
    /// stream's window and then at the server; other calls of the connection go on.
    public func setReading(_ isReading: Bool) {
        eventLoop.preconditionInEventLoop()
        self.isReading = isReading
        guard isReading, let stream else { return }
        var octets = ByteBuffer()
        swap(&octets, &unread)
        received(octets.readableBytesUInt8Span, on: stream)
        if hasUnreadEnd { remoteEnded(stream) }
    }
}

extension GRPCClientStream: HTTP2StreamReceiver {
    func received(_ fields: [HTTP2Field], endsStream: Bool, on stream: HTTP2Stream) {
        let metadata = GRPCMetadata(fields)
        let status = fields.first { $0.name == ":status" }?.value
        // 1xx announces a response that is still to come.
        if let status, status.hasPrefix("1") { return }
        if let status { httpStatus = status }
        if endsStream {
            trailers = metadata
        } else {
            initialMetadata = metadata
        }
    }

    func received(_ data: Span<UInt8>, on stream: HTTP2Stream) {
        guard isReading else { return unread.append(data) }
        transport?.session.consumeWhole(data.count, on: stream)
        var offset = 0
        do throws(MessageFramingError) {
            while let handler {
                switch try deframer.next(in: data, at: &offset) {
                case .nothing:
                    return
                case .inPlace(let range, _):
                    handler.received(data.extracting(range), on: self)
                case .assembled(let message, _):
                    handler.received(message.readableBytesUInt8Span, on: self)
                    deframer.reuse(message)
                }
            }
        } catch {
            abandon(status(of: error))
        }
    }

    private func status(of error: MessageFramingError) -> GRPCStatus {
        switch error {
        case .tooLong(let length):
            GRPCStatus(
                .resourceExhausted,
                "a message of \(length) octets; the limit is \(limits.maximumMessageBytes)")
        default:
            GRPCStatus(.internalError, "the response cannot be read: \(error)")
        }
    }

    func remoteEnded(_ stream: HTTP2Stream) {
        hasUnreadEnd = !isReading
        guard isReading else { return }
        guard let trailers else {
            return abandon(GRPCStatus(.internalError, "the response ended without a status"))
        }
        guard httpStatus == "200" || trailers["grpc-status"] != nil else {
            return end(GRPCStatus(httpStatus: httpStatus), trailers)
        }
        guard deframer.isBetweenMessages else {
            return abandon(GRPCStatus(.internalError, "the response ended inside a message"))
        }
        let status = GRPCStatus(trailers: trailers)
        // The server has finished; what we have not sent is of no use to it.
        if !hasHalfClosed { reset(stream) }
        end(status, trailers)
    }

    func sent(_ stream: HTTP2Stream) {
        if stream.outbound.count <= limits.writableBytes / 2 {
            handler?.writable(self)
        } else {
            stream.wantsNotice = true
        }
    }

    func closed(_ stream: HTTP2Stream, code: HTTP2ErrorCode) {
        // It ended in order, and its end waits to be read.
        guard !hasUnreadEnd else { return }
        let status: GRPCStatus =
            switch code {
            case .connectionLost: GRPCStatus(.unavailable, "the connection was lost")
            case .refusedStream: GRPCStatus(.unavailable, "the server refused the stream")
            case .cancel: GRPCStatus(.cancelled, "the server reset the stream")
            case .enhanceYourCalm: GRPCStatus(.resourceExhausted, "the server asked for calm")
            default: GRPCStatus(.internalError, "the stream was reset with \(code)")
            }
        end(status, [:])
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwiftProtobuf

// Sendable although its state is mutable: it is for `eventLoop` alone. Every entry point traps off it;
// those that messages pass do so in debug builds only.

/// One call at the server: what its handler sends with.
///
/// Messages leave by themselves at the end of the event loop's turn. A message costs a copy of its
/// octets and no allocation once the buffer has its size. Everything but ``head`` and
/// ``eventLoop`` may be used on the connection's event loop only.
public final class GRPCServerStream: @unchecked Sendable {
    private enum State {
        /// The service has not decided yet.
        case deciding
        case open
        /// The status is on its way, or the stream is gone.
        case finished
    }

    public let head: GRPCCallHead
    public let eventLoop: any EventLoop
    let connection: GRPCServerConnection
    private let transport: HTTP2Connection
    private let session: HTTP2Session
    private let limits: GRPCLimits
    private let stream: HTTP2Stream
    private let encoding: String?
    private var state = State.deciding
    /// There until it was told the end.
    private var handler: (any GRPCServerHandler)?
    /// Whether its handler wants to know when the socket has nothing more to read.
    private var tellsReadCompleted = false
    private let framing: MessageFraming
    private var deframer: MessageDeframer
    /// The deframer holds the beginning of a message. Kept apart because most octets are whole
    /// messages, which never touch it.
    private var isSplit = false
    /// Octets that wait because the service has not decided or the handler has paused.
    private var held = ByteBuffer()
    /// What the connection knows of `held` and of the message that is incomplete.
    private var settled = 0
    private var isPaused = false
    private var isDelivering = false
    private var remoteHasEnded = false
    private var halfCloseIsReported = false
    private var hasSentHead = false
    private var deadline: Scheduled<Void>?
    /// Messages came in this read burst.
    var isTouched = false

    init(
        _ stream: HTTP2Stream, head: GRPCCallHead, connection: GRPCServerConnection,
        transport: HTTP2Connection
    ) {
        self.stream = stream
        self.head = head
        self.connection = connection
        self.transport = transport
        session = transport.session
        limits = connection.limits
        eventLoop = transport.eventLoop
        encoding = head.metadata["grpc-encoding"]
        framing = MessageFraming(
            limit: limits.maximumMessageBytes, takesCompressed: encoding == "gzip")
        deframer = MessageDeframer(framing)
        if let timeout = head.timeout {
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            deadline = eventLoop.scheduleTask(in: timeout) {
                bound.value.fail(
                    GRPCStatus(.deadlineExceeded, "the deadline has passed"), .deadlineExceeded)
            }
        }
    }

    // MARK: Sending

    /// Octets of messages that have not left.
    public var bufferedByteCount: Int {
        eventLoop.assertInEventLoop()
        return stream.outbound.count
    }

    /// Whether the client keeps up. When false wait for `writable`; what is sent all the same is
    /// kept up to ``GRPCLimits/maximumBufferedBytes``, beyond which the call fails.
    public var isWritable: Bool {
        bufferedByteCount < limits.writableBytes
    }

    /// Sends one message; does nothing once the call has ended.
    public func send(_ message: Span<UInt8>) {
        eventLoop.assertInEventLoop()
        guard state == .open else { return }
        if !hasSentHead { sendHead() }
        stream.outbound.append(message: message)
        let waiting = stream.outbound.count
        guard waiting <= limits.maximumBufferedBytes else {
            state = .finished
            connection.count { $0.slowReaders += 1 }
            connection.countEnd(.cancelled)
            session.reset(stream, code: .cancel)
            return transport.setNeedsFlush()
        }
        if waiting >= limits.writableBytes { stream.wantsNotice = true }
        session.resume(stream)
        transport.setNeedsFlush()
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
            finish(GRPCStatus(.internalError, "a response could not be written"))
        }
    }

    /// Sends the response's metadata now instead of with the first message.
    public func sendInitialMetadata(_ metadata: GRPCMetadata) {
        eventLoop.preconditionInEventLoop()
        guard state == .open, !hasSentHead else { return }
        sendHead(metadata)
        transport.setNeedsFlush()
    }

    /// Ends the call after what was sent; the second time it does nothing.
    public func finish(_ status: GRPCStatus = .ok, trailers: GRPCMetadata = [:]) {
        eventLoop.preconditionInEventLoop()
        guard state == .open else { return }
        state = .finished
        close(status, trailers)
    }

    private func sendHead(_ metadata: GRPCMetadata = [:]) {
        hasSentHead = true
        session.respond(
            to: stream, GRPCServerConnection.responseFields + metadata.fields, endsStream: false)
    }

    private func close(_ status: GRPCStatus, _ trailers: GRPCMetadata) {
        deadline?.cancel()
        deadline = nil
        connection.countEnd(status.code)
        let fields = status.fields + trailers.fields
        if hasSentHead {
            stream.outboundEnd = .ending(trailers: fields)
            session.resume(stream)
        } else {
            hasSentHead = true
            session.respond(
                to: stream, GRPCServerConnection.responseFields + fields, endsStream: true)
        }
        held = ByteBuffer()
        settle()
        transport.setNeedsFlush()
    }

    // MARK: Deciding

    func decided(_ decision: GRPCDecision) {
        guard state == .deciding else { return }
        switch decision {
        case .refuse(let status):
            state = .finished
            close(status, [:])
        case .accept(let make):
            let handler = make()
            self.handler = handler
            tellsReadCompleted = handler.wantsReadCompleted
            state = .open
            connection.count { $0.callsStarted += 1 }
            handler.started(self)
            deliverHeld()
        }
    }

    /// The transport ends the call.
    func fail(_ status: GRPCStatus, _ end: GRPCStreamEnd? = nil) {
        guard state != .finished else { return }
        state = .finished
        close(status, [:])
        tellEnd(end ?? .failed(status))
    }

    private func tellEnd(_ end: GRPCStreamEnd) {
        let ended = handler
        handler = nil
        ended?.ended(self, end)
    }

    // MARK: Receiving

    /// Takes no more messages: the client may send one window more, then it has to wait.
    public func pauseReading() {
        eventLoop.preconditionInEventLoop()
        isPaused = true
    }

    /// Takes messages again, beginning with those that waited, before this returns.
    public func resumeReading() {
        eventLoop.preconditionInEventLoop()
        guard isPaused else { return }
        isPaused = false
        if !isDelivering { deliverHeld() }
    }

    private func deliverHeld() {
        guard state == .open, !isPaused else { return }
        if held.readableBytes > 0 {
            var octets = ByteBuffer()
            swap(&octets, &held)
            let count = octets.readableBytes
            let taken = deliver(octets.readableBytesUInt8Span)
            session.consume(taken, on: stream)
            if taken < count {
                octets.moveReaderIndex(forwardBy: taken)
                let rest = octets
                held = rest
            }
            settle()
            transport.setNeedsFlush()
        }
        reportHalfClose()
    }

    /// - Returns: octets used; fewer than given when the handler paused meanwhile.
    private func deliver(_ data: Span<UInt8>) -> Int {
        var offset = 0
        isDelivering = true
        defer { isDelivering = false }
        do throws(MessageFramingError) {
            guard let handler else { return data.count }
            while offset < data.count, !isPaused, state == .open {
                if !isSplit, let whole = try framing.whole(in: data, at: offset) {
                    offset = whole.range.upperBound
                    try hand(data.extracting(whole.range), whole.isCompressed, to: handler)
                    continue
                }
                switch try deframer.next(in: data, at: &offset) {
                case .nothing:
                    isSplit = !deframer.isBetweenMessages
                    return offset
                case .inPlace(let range, let isCompressed):
                    try hand(data.extracting(range), isCompressed, to: handler)
                case .assembled(let message, let isCompressed):
                    isSplit = false
                    try hand(message.readableBytesUInt8Span, isCompressed, to: handler)
                    deframer.reuse(message)
                }
            }
        } catch {
            fail(status(of: error))
            return data.count
        }
        return state == .open ? offset : data.count
    }

    private func hand(
        _ message: Span<UInt8>, _ isCompressed: Bool, to handler: any GRPCServerHandler
    ) throws(MessageFramingError) {
        if tellsReadCompleted { connection.touched(self) }
        guard isCompressed else { return handler.received(message, on: self) }
        let inflated = try GzipMessage.inflate(
            message, limit: limits.maximumMessageBytes)
        handler.received(inflated.readableBytesUInt8Span, on: self)
    }

    private func status(of error: MessageFramingError) -> GRPCStatus {
        switch error {
        case .tooLong(let length):
            GRPCStatus(
                .resourceExhausted,
                "a message of \(length) octets; the limit is \(limits.maximumMessageBytes)"
            )
        case .reservedFlag(let flag):
            GRPCStatus(.internalError, "the first octet of a message is \(flag), not 0 or 1")
        case .compressed:
            switch encoding {
            case nil, "identity":
                GRPCStatus(.internalError, "a compressed message without grpc-encoding")
            case .some:
                GRPCStatus(.unimplemented, "messages are taken as identity or gzip")
            }
        case .notGzip:
            GRPCStatus(.internalError, "a message is not gzip")
        }
    }

    private func reportHalfClose() {
        guard remoteHasEnded, !halfCloseIsReported, held.readableBytes == 0, !isPaused,
            state == .open
        else { return }
        halfCloseIsReported = true
        guard !isSplit else {
            return fail(GRPCStatus(.internalError, "the request ended inside a message"))
        }
        handler?.halfClosed(self)
    }

    func readCompleted() {
        isTouched = false
        guard state == .open else { return }
        handler?.readCompleted(self)
    }

    /// Tells the connection how much this stream keeps.
    private func settle() {
        let now = held.readableBytes + deframer.keptCount
        connection.heldBytes += now - settled
        settled = now
    }
}

extension GRPCServerStream: HTTP2StreamReceiver {
    func received(_ fields: [HTTP2Field], endsStream: Bool, on stream: HTTP2Stream) {
        // Clients have no trailers in gRPC; what they send there is of no consequence.
    }

    func received(_ data: Span<UInt8>, on stream: HTTP2Stream) {
        switch state {
        case .finished:
            session.consumeWhole(data.count, on: stream)
        case .open where !isPaused && held.readableBytes == 0:
            let taken = deliver(data)
            session.consumeWhole(taken, on: stream)
            if taken < data.count { hold(data.extracting(taken..<data.count)) }
            if settled > 0 || held.readableBytes > 0 || isSplit { checkHeld() }
        case .deciding, .open:
            hold(data)
            checkHeld()
        }
    }

    /// Keeps octets for later. They count against the stream's window alone, so that what one call
    /// leaves lying stalls no other.
    private func hold(_ data: Span<UInt8>) {
        session.consumeOnConnection(data.count)
        held.append(data)
    }

    private func checkHeld() {
        settle()
        guard connection.heldBytes > limits.maximumHeldBytes else { return }
        fail(GRPCStatus(.resourceExhausted, "too much unread on this connection"))
    }

    func remoteEnded(_ stream: HTTP2Stream) {
        remoteHasEnded = true
        reportHalfClose()
    }

    func sent(_ stream: HTTP2Stream) {
        guard state == .open else { return }
        if stream.outbound.count <= limits.writableBytes / 2 {
            handler?.writable(self)
        } else {
            stream.wantsNotice = true
        }
    }

    func closed(_ stream: HTTP2Stream, code: HTTP2ErrorCode) {
        deadline?.cancel()
        deadline = nil
        connection.heldBytes -= settled
        settled = 0
        let lost: GRPCStreamEnd = code == .connectionLost ? .connectionLost : .cancelled
        let hasFinished = state == .finished
        if !hasFinished { connection.countEnd(.cancelled) }
        state = .finished
        tellEnd(hasFinished && code == .noError ? .finished : lost)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOTLS

/// What uses a connection: gRPC's server or client side.
protocol HTTP2Endpoint: AnyObject {
    func opened(_ stream: HTTP2Stream, fields: [HTTP2Field], isOversize: Bool)
        -> (any HTTP2StreamReceiver)?
    /// The socket has nothing more to read for the moment.
    func readCompleted()
    /// The peer's settings have arrived: it speaks HTTP/2.
    func established()
    func received(goAway code: HTTP2ErrorCode, lastStream: Int32)
    /// Last call. Every stream was closed before.
    func ended(_ reason: HTTP2Connection.End)
}

/// One HTTP/2 connection on a socket: octets to the session and back, keep-alive, floods, drain.
///
/// Octets leave once per read burst or turn of the event loop, whatever the number of messages.
final class HTTP2Connection: ChannelInboundHandler, HTTP2SessionOwner, PacedWriter {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Why a connection ended.
    enum End: Hashable {
        case closed
        /// The peer did not become an HTTP/2 peer in time.
        case handshakeTimeout
        /// It speaks something else (ALPN).
        case notHTTP2
        /// A ping was not answered.
        case unresponsive
        /// It broke the protocol, or sent what is none.
        case protocolViolation
        /// It had emptied its ``FrameBudget``.
        case flood
        case tlsFailure
    }

    struct Times: Sendable {
        var handshake = TimeAmount.seconds(10)
        /// Silence after which the peer is asked whether it is there, and how long it may take.
        var keepAlive = TimeAmount.seconds(30)
        var keepAliveAnswer = TimeAmount.seconds(10)
        /// A connection without streams is closed after this; nil keeps it.
        var idle: TimeAmount?
    }

    private static let pieceLength = 64 * 1024

    let session: HTTP2Session
    let eventLoop: any EventLoop
    private let endpoint: any HTTP2Endpoint
    private let times: Times
    private let usesTLS: Bool
    private var context: ChannelHandlerContext?
    private var budget: FrameBudget
    private var isReading = false
    /// As the channel says; asked for each burst, so kept here.
    private var isActive = false
    private var isWritable = true
    private var isReceiving = false
    private var closeIsDue: End?
    private let pacer: WritePacer?
    private var flushIsScheduled = false
    private var isEstablished = false
    private var hasEnded = false
    /// Kept for its memory: the socket gives it back when it has taken what was written.
    private var piece = ByteBuffer()
    private var lastRead: NIODeadline
    /// Something was read since the timer last looked: asking for the time at each read costs more.
    private var hasRead = false
    private var busyUntil: NIODeadline
    private var pingDeadline: NIODeadline?
    private var drainDeadline: NIODeadline?
    private var isDraining = false
    private var end = End.closed
    private var timer: Scheduled<Void>?
    private let began: NIODeadline

    init(
        _ configuration: HTTP2Configuration, times: Times, usesTLS: Bool,
        endpoint: any HTTP2Endpoint, eventLoop: any EventLoop, pacer: WritePacer? = nil
    ) {
        session = HTTP2Session(configuration)
        self.endpoint = endpoint
        self.times = times
        self.usesTLS = usesTLS
        self.eventLoop = eventLoop
        self.pacer = pacer
        began = eventLoop.now
        lastRead = began
        busyUntil = began
        budget = FrameBudget(streams: configuration.maximumStreams, now: began)
        session.owner = self
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start() }
    }

    func channelActive(context: ChannelHandlerContext) {
        start()
        context.fireChannelActive()
    }

    private func start() {
        isActive = true
        armTimer()
        if !usesTLS { flush() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        isReading = true
        hasRead = true
        isReceiving = true
        let isGood = session.receive(unwrapInboundIn(data))
        isReceiving = false
        if let closeIsDue {
            close(closeIsDue)
        } else if !isGood {
            close(.protocolViolation)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        endpoint.readCompleted()
        isReading = false
        guard !flushIsScheduled else { return }
        guard let pacer, session.wantsWrite else { return flush() }
        if pacer.mayWrite(self) { flush() } else { flushIsScheduled = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { flush() }
        // A peer that does not read is not read from either: what it causes is to be written.
        context.channel.setOption(.autoRead, value: isWritable).whenFailure { _ in }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as TLSUserEvent:
            if case .handshakeCompleted(let negotiated) = event {
                // A client that offers no protocol at all is taken at its word.
                guard negotiated == nil || negotiated == "h2" else { return close(.notHTTP2) }
                flush()
            }
        case is ChannelShouldQuiesceEvent:
            drain()
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(error is ChannelError || error is IOError ? .closed : .tlsFailure)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
        self.context = nil
    }

    private func finish() {
        guard !hasEnded else { return }
        hasEnded = true
        isActive = false
        timer?.cancel()
        timer = nil
        session.abandonStreams()
        session.owner = nil
        endpoint.ended(end)
    }

    // MARK: Writing

    /// Something waits to be sent: it leaves at the end of this turn of the event loop.
    func setNeedsFlush() {
        guard !isReading, !flushIsScheduled, !hasEnded else { return }
        flushIsScheduled = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.flush() }
    }

    func flush() {
        flushIsScheduled = false
        guard isActive, let context else { return }
        var count = Self.pieceLength
        while isWritable, count >= Self.pieceLength {
            // Taken out for the moment: sending calls back into this object.
            var octets = ByteBuffer()
            swap(&octets, &piece)
            octets.clear()
            session.send(into: &octets, limit: Self.pieceLength)
            swap(&octets, &piece)
            count = piece.readableBytes
            guard count > 0 else { break }
            context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
        }
        session.giveNotice()
        if !session.isAlive { close(end) }
    }

    /// Ends the connection after what explains it was written.
    func close(_ reason: End) {
        guard let context, !hasEnded else { return }
        // The library is in the middle of its octets: it must not be asked to send now.
        guard !isReceiving else {
            closeIsDue = reason
            return
        }
        if end == .closed { end = reason }
        var rest = context.channel.allocator.buffer(capacity: 256)
        session.send(into: &rest, limit: Self.pieceLength)
        if rest.readableBytes > 0 {
            context.writeAndFlush(wrapOutboundOut(rest), promise: nil)
        }
        context.close(mode: .all, promise: nil)
    }

    /// Says goodbye: streams in progress go on to their end, new ones are refused.
    func drain() {
        guard !isDraining, !hasEnded else { return }
        isDraining = true
        session.submitShutdownNotice()
        // Streams that cross with the notice are still served; the answer to the ping came after.
        session.ping()
        drainDeadline = eventLoop.now + .seconds(1)
        armTimer()
        setNeedsFlush()
    }

    private func finishDrain() {
        guard drainDeadline != nil else { return }
        drainDeadline = nil
        session.submitGoAway(.noError)
        setNeedsFlush()
    }

    // MARK: Time

    /// Streams keep a connection from being idle.
    func noteActivity() {
        busyUntil = eventLoop.now
    }

    private func armTimer() {
        timer?.cancel()
        var next = pingDeadline ?? lastRead + times.keepAlive
        if !isEstablished { next = began + times.handshake }
        if let drainDeadline { next = min(next, drainDeadline) }
        if let idle = times.idle, session.streams.isEmpty { next = min(next, busyUntil + idle) }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(deadline: max(next, eventLoop.now + .milliseconds(10))) {
            bound.value.passTime()
        }
    }

    private func passTime() {
        let now = eventLoop.now
        if hasRead {
            hasRead = false
            lastRead = now
            pingDeadline = nil
        }
        if !isEstablished, now >= began + times.handshake { return close(.handshakeTimeout) }
        if let pingDeadline, now >= pingDeadline { return close(.unresponsive) }
        if let drainDeadline, now >= drainDeadline { finishDrain() }
        if pingDeadline == nil, now >= lastRead + times.keepAlive {
            pingDeadline = now + times.keepAliveAnswer
            session.ping()
            setNeedsFlush()
        }
        if !session.streams.isEmpty { busyUntil = now }
        if let idle = times.idle, session.streams.isEmpty, now >= busyUntil + idle { drain() }
        armTimer()
    }

    // MARK: Session

    func opened(
        _ stream: HTTP2Stream, fields: [HTTP2Field], isOversize: Bool
    ) -> (any HTTP2StreamReceiver)? {
        endpoint.opened(stream, fields: fields, isOversize: isOversize)
    }

    func charged(_ charge: HTTP2Charge) {
        let useful = session.takeUsefulFrames()
        guard !budget.charge(charge, useful: useful, now: eventLoop.now), end != .flood else {
            return
        }
        end = .flood
        session.terminate(.enhanceYourCalm)
    }

    func received(goAway code: HTTP2ErrorCode, lastStream: Int32) {
        endpoint.received(goAway: code, lastStream: lastStream)
    }

    func pingAcknowledged() {
        if isDraining { finishDrain() }
    }

    func settingsReceived() {
        guard !isEstablished else { return }
        isEstablished = true
        armTimer()
        endpoint.established()
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOWebSocket

// Sendable although its state is mutable: every entry point traps when it is not on `eventLoop`,
// and the channel handler, the only other user, runs there.

/// One open WebSocket, server's or client's side.
///
/// Sending appends to one buffer that leaves as a whole: with ``flush()``, at the end of the read
/// burst in which it was sent, or when it has grown large. A message costs a copy of its bytes and
/// no allocation once the buffer has its size.
///
/// Everything but ``eventLoop`` and ``request`` may be used on the connection's event loop only.
public final class WebSocketConnection: @unchecked Sendable {
    enum Role {
        case server
        case client
    }

    enum State {
        case open
        /// Our Close frame is sent, the peer's is awaited.
        case closing(WebSocketClose)
        /// The end is reported; only the transport remains to be taken down.
        case closed
    }

    /// Buffered output above this size leaves without waiting for a flush, and a buffer that has
    /// grown above it is not kept.
    private static let coalescedBytes = 32 * 1024

    public let eventLoop: any EventLoop

    /// The request that opened the connection; on the client's side the one we sent.
    public let request: HTTPRequest

    let role: Role
    let limits: WebSocketLimits
    let reportFailure: @Sendable (WebSocketFailure) -> Void
    var handler: (any WebSocketHandler)?
    var context: ChannelHandlerContext?
    var state = State.open
    var deadline: Scheduled<Void>?

    // The message being put together from fragments.
    var fragments: ByteBuffer?
    var fragmentsAreText = false
    var utf8 = UTF8Stream()

    // Keep-alive.
    var keepAlive: Scheduled<Void>?
    var hasHeard = true

    private var output = ByteBuffer()
    private var spareMask: UInt32?

    init(
        eventLoop: any EventLoop, request: HTTPRequest, role: Role, limits: WebSocketLimits,
        handler: any WebSocketHandler,
        reportFailure: @escaping @Sendable (WebSocketFailure) -> Void
    ) {
        self.eventLoop = eventLoop
        self.request = request
        self.role = role
        self.limits = limits
        self.handler = handler
        self.reportFailure = reportFailure
    }

    /// Whether messages may still be sent: false from the first Close frame on, either side's.
    public var isOpen: Bool {
        eventLoop.preconditionInEventLoop()
        if case .open = state { return true }
        return false
    }

    /// The bytes that wait for the peer: appended, or flushed but not yet taken by the system.
    public var bufferedByteCount: Int {
        eventLoop.preconditionInEventLoop()
        return output.readableBytes + channelBufferedByteCount
    }

    private var channelBufferedByteCount: Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        return (try? options.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Appends a text message. Ignored once the connection is closing.
    public func send(text: String) {
        guard isOpen else { return }
        output.writeWebSocketFrame(.text, text, mask: nextMask())
        flushIfLarge()
    }

    /// Appends a text message that is UTF-8 already. Ignored once the connection is closing.
    public func send(text: ByteBuffer) {
        guard isOpen else { return }
        output.writeWebSocketFrame(.text, text, mask: nextMask())
        flushIfLarge()
    }

    /// Appends a binary message. Ignored once the connection is closing.
    public func send(binary: ByteBuffer) {
        guard isOpen else { return }
        output.writeWebSocketFrame(.binary, binary, mask: nextMask())
        flushIfLarge()
    }

    /// Sends a ping at once. The answer is consumed; it counts as a sign of life.
    public func ping() {
        guard isOpen else { return }
        appendControl(.ping, ByteBuffer())
        flush()
    }

    /// Hands everything appended to the system. Cheap when there is nothing.
    ///
    /// A peer that leaves too much unread is cut off here, see
    /// ``WebSocketLimits/maximumBufferedBytes``.
    public func flush() {
        eventLoop.preconditionInEventLoop()
        guard output.readableBytes > 0, let context else { return }
        writeOutput(to: context, promise: nil)
        guard !context.channel.isWritable, case .open = state,
            channelBufferedByteCount > limits.maximumBufferedBytes
        else { return }
        cut(
            WebSocketClose(
                code: .policyViolation, reason: "slow reader", wasClean: false, initiator: .local,
                failure: .slowReader))
    }

    /// The handshake is done and the pipeline stands.
    func open() {
        handler?.connected(self)
        flush()
        startKeepAlive()
    }

    func appendControl(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
        output.writeWebSocketFrame(opcode, payload, mask: nextMask())
    }

    func writeOutput(to context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        context.writeAndFlush(NIOAny(output), promise: promise)
        // The channel has let go of the buffer when the system took all of it: its memory serves
        // again, which is the common case.
        if output.capacity > Self.coalescedBytes * 2 {
            output = ByteBuffer()
        } else {
            output.clear()
        }
    }

    private func flushIfLarge() {
        if output.readableBytes >= Self.coalescedBytes { flush() }
    }

    /// A fresh key for each frame of a client (RFC 6455 section 5.3): two from one draw.
    private func nextMask() -> UInt32? {
        guard role == .client else { return nil }
        if let spare = spareMask {
            spareMask = nil
            return spare
        }
        let drawn = UInt64.random(in: .min ... .max)
        spareMask = UInt32(truncatingIfNeeded: drawn)
        return UInt32(truncatingIfNeeded: drawn >> 32)
    }
}

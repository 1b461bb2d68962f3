// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Takes what arrives on one stream. Confined to the connection's event loop.
///
/// Called while the session reads: it may send and end, but the connection goes on as soon as it
/// returns.
protocol HTTP2StreamReceiver: AnyObject {
    /// A header block after the one that opened the stream: a response, or trailers.
    func received(_ fields: [HTTP2Field], endsStream: Bool, on stream: HTTP2Stream)
    /// Octets of the body, borrowed for the call. They count against the window until
    /// `HTTP2Session.consume` says otherwise.
    func received(_ data: Span<UInt8>, on stream: HTTP2Stream)
    /// The peer sends no more.
    func remoteEnded(_ stream: HTTP2Stream)
    /// Some of what waited to be sent has left.
    func sent(_ stream: HTTP2Stream)
    /// Last call: the stream is gone.
    func closed(_ stream: HTTP2Stream, code: HTTP2ErrorCode)
}

/// One stream of a session: what waits to be sent, and who takes what arrives.
final class HTTP2Stream {
    enum OutboundEnd {
        /// More may be written.
        case open
        /// After what is buffered the stream ends, with trailers where there are any.
        case ending(trailers: [HTTP2Field])
        /// The end was handed to the session.
        case ended
    }

    var id: Int32 = 0
    var receiver: (any HTTP2StreamReceiver)?
    /// Body octets that flow control or the socket has not let out yet.
    var outbound: OctetQueue
    var outboundEnd = OutboundEnd.open
    /// The session found nothing to send and waits to be told.
    var isDeferred = false
    /// The receiver has stopped writing and waits until something left.
    var wantsNotice = false
    var remoteHasEnded = false
    var isClosed = false

    /// - Parameter blocks: the connection's.
    init(_ blocks: OctetBlocks) {
        outbound = OctetQueue(blocks)
    }
}

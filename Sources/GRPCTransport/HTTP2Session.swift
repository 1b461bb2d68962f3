// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CNGHTTP2
internal import NIOCore

/// What a session tells the connection that owns it.
protocol HTTP2SessionOwner: AnyObject {
    /// A peer opened a stream. Returns who takes it; nil when it was dealt with at once.
    func opened(_ stream: HTTP2Stream, fields: [HTTP2Field], isOversize: Bool)
        -> (any HTTP2StreamReceiver)?
    /// A frame arrived, or left, that costs its sender nothing and us something.
    func charged(_ charge: HTTP2Charge)
    func received(goAway code: HTTP2ErrorCode, lastStream: Int32)
    func pingAcknowledged()
    func settingsReceived()
}

/// What may be had in masses by a peer without doing anything useful.
enum HTTP2Charge: Hashable, Sendable {
    case settings, ping, priority, windowUpdate, emptyData, resetByPeer, resetByUs, invalidFrame
    case hugeHeaders
    /// More answers wait than a peer that reads lets pile up.
    case unreadAnswers
}

// This file and its extension are the boundary to libnghttp2: pointers into the library's and
// NIO's memory are valid during a call only, and none is kept but the session's own.

/// One HTTP/2 connection's protocol (RFC 9113), without a socket: octets in, octets out.
///
/// Confined to one event loop. The library keeps HPACK, flow control and the stream states; this
/// class keeps the octets that wait and hands over what arrives. An arriving frame costs no
/// allocation.
///
/// Safe to use: the library's session lives as long as the object, and no pointer is handed out.
@safe
final class HTTP2Session {
    private let session: OpaquePointer?
    let configuration: HTTP2Configuration
    /// Holds the session as well: it lets go when the connection ends.
    var owner: (any HTTP2SessionOwner)?
    /// Frames with something in them, either way, since they were last asked for.
    private var usefulFrames: Int64 = 0
    var streams: [Int32: HTTP2Stream] = [:]
    let blocks = OctetBlocks()
    var fields: [HTTP2Field] = []
    var fieldBytes = 0
    /// Streams of which something left and whose receivers want to know.
    var noticed: [HTTP2Stream] = []

    init(_ configuration: HTTP2Configuration) {
        self.configuration = configuration
        var session: OpaquePointer?
        var options: OpaquePointer?
        var callbacks: OpaquePointer?
        unsafe nghttp2_option_new(&options)
        unsafe nghttp2_session_callbacks_new(&callbacks)
        // Credit is given back as messages are taken, not as they arrive.
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        // Closed streams are not kept for a priority tree that nobody uses.
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_max_settings(options, 32)
        // The library's own guard against rapid resets stands behind the connection's budget.
        unsafe nghttp2_option_set_stream_reset_rate_limit(
            options, UInt64(1_000 + 4 * configuration.maximumStreams), 500)
        unsafe nghttp2_option_set_peer_max_concurrent_streams(options, 100)
        unsafe HTTP2Session.install(callbacks)
        switch configuration.role {
        case .server:
            unsafe nghttp2_session_server_new2(&session, callbacks, nil, options)
        case .client:
            unsafe nghttp2_session_client_new2(&session, callbacks, nil, options)
        }
        unsafe nghttp2_session_callbacks_del(callbacks)
        unsafe nghttp2_option_del(options)
        unsafe self.session = session
        unsafe nghttp2_session_set_user_data(
            session, Unmanaged.passUnretained(self).toOpaque())
        announce()
    }

    deinit {
        unsafe nghttp2_session_del(session)
    }

    private func announce() {
        var entries = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(configuration.streamWindow)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(configuration.maximumHeaderListBytes)),
        ]
        switch configuration.role {
        case .server:
            entries.append(
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                    value: UInt32(configuration.maximumStreams)))
        case .client:
            entries.append(
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
        }
        unsafe nghttp2_submit_settings(session, 0, entries, entries.count)
        unsafe nghttp2_session_set_local_window_size(
            session, 0, 0, Int32(configuration.connectionWindow))
    }

    // MARK: Octets

    /// Takes octets off the wire. Nothing may be called on the session from a receiver but
    /// submitting and consuming.
    /// - Returns: false when the connection cannot go on; what explains it waits to be sent.
    func receive(_ buffer: ByteBuffer) -> Bool {
        let taken = unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe nghttp2_session_mem_recv(
                session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        guard taken < 0 else { return true }
        if taken == Int(NGHTTP2_ERR_FLOODED.rawValue) { owner?.charged(.unreadAnswers) }
        return false
    }

    /// Appends what waits to be sent to `buffer`, until it holds `limit` octets or nothing waits.
    func send(into buffer: inout ByteBuffer, limit: Int) {
        while buffer.readableBytes < limit {
            var octets: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &octets)
            guard count > 0, let octets = unsafe octets else { return }
            unsafe buffer.writeBytes(UnsafeRawBufferPointer(start: octets, count: count))
        }
    }

    /// Tells the receivers of streams that had stopped writing what has left. Call it after `send`:
    /// the library must not be called back while it sends.
    func giveNotice() {
        while let stream = noticed.popLast() {
            stream.wantsNotice = false
            stream.receiver?.sent(stream)
        }
    }

    /// Whether something waits that may be sent now.
    var wantsWrite: Bool {
        unsafe nghttp2_session_want_write(session) != 0
    }

    /// Whether the connection has a future: false means close it once everything was written.
    var isAlive: Bool {
        unsafe nghttp2_session_want_read(session) != 0
            || nghttp2_session_want_write(session) != 0
    }

    // MARK: Streams

    /// Opens a stream. Client's side only.
    /// - Returns: nil when the connection takes no more streams.
    func request(_ fields: [HTTP2Field], receiver: any HTTP2StreamReceiver) -> HTTP2Stream? {
        let stream = HTTP2Stream(blocks)
        var provider = unsafe Self.provider(of: stream)
        let id = unsafe Self.withFields(fields) { fields in
            unsafe nghttp2_submit_request(
                session, nil, fields.baseAddress, fields.count, &provider, nil)
        }
        guard id > 0 else { return nil }
        stream.id = id
        stream.receiver = receiver
        register(stream)
        return stream
    }

    /// Keeps the stream until the library says that it is closed, and lets the library name it.
    func register(_ stream: HTTP2Stream) {
        streams[stream.id] = stream
        unsafe nghttp2_session_set_stream_user_data(
            session, stream.id, Unmanaged.passUnretained(stream).toOpaque())
    }

    /// Lets go of every stream: the connection is lost.
    func abandonStreams() {
        let abandoned = streams.values
        streams = [:]
        for stream in abandoned {
            unsafe nghttp2_session_set_stream_user_data(session, stream.id, nil)
            stream.isClosed = true
            let receiver = stream.receiver
            stream.receiver = nil
            receiver?.closed(stream, code: .connectionLost)
        }
    }

    /// Answers a stream with a header block; a body may follow with `resume` unless it ends here.
    func respond(to stream: HTTP2Stream, _ fields: [HTTP2Field], endsStream: Bool) {
        guard !stream.isClosed else { return }
        if endsStream { stream.outboundEnd = .ended }
        var provider = unsafe Self.provider(of: stream)
        unsafe Self.withFields(fields) { fields in
            if endsStream {
                _ = unsafe nghttp2_submit_response(
                    session, stream.id, fields.baseAddress, fields.count, nil)
            } else {
                _ = unsafe nghttp2_submit_response(
                    session, stream.id, fields.baseAddress, fields.count, &provider)
            }
        }
    }

    /// There is something in the stream's outbound buffer, or its end.
    func resume(_ stream: HTTP2Stream) {
        guard stream.isDeferred, !stream.isClosed else { return }
        stream.isDeferred = false
        unsafe nghttp2_session_resume_data(session, stream.id)
    }

    func reset(_ stream: HTTP2Stream, code: HTTP2ErrorCode) {
        guard !stream.isClosed else { return }
        unsafe nghttp2_submit_rst_stream(session, 0, stream.id, code.rawValue)
    }

    /// The receiver has taken `count` octets of the stream and of the connection: its peer may send
    /// as many more.
    func consumeWhole(_ count: Int, on stream: HTTP2Stream) {
        guard count > 0, !stream.isClosed else { return consumeOnConnection(count) }
        unsafe nghttp2_session_consume(session, stream.id, count)
    }

    /// As `consumeWhole`, of the stream's window alone.
    func consume(_ count: Int, on stream: HTTP2Stream) {
        guard count > 0, !stream.isClosed else { return }
        unsafe nghttp2_session_consume_stream(session, stream.id, count)
    }

    /// As `consumeWhole`, of the connection's window alone.
    func consumeOnConnection(_ count: Int) {
        guard count > 0 else { return }
        unsafe nghttp2_session_consume_connection(session, count)
    }

    // MARK: The connection

    func noteUsefulFrame() {
        usefulFrames &+= 1
    }

    func takeUsefulFrames() -> Int64 {
        defer { usefulFrames = 0 }
        return usefulFrames
    }

    func ping() {
        unsafe nghttp2_submit_ping(session, 0, nil)
    }

    /// Announces the end: streams that are on their way are still taken.
    func submitShutdownNotice() {
        unsafe nghttp2_submit_shutdown_notice(session)
    }

    /// Takes no stream beyond those seen so far; the connection ends with the last of them.
    func submitGoAway(_ code: HTTP2ErrorCode) {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        unsafe nghttp2_submit_goaway(session, 0, last, code.rawValue, nil, 0)
    }

    /// Ends the connection: nothing but the GOAWAY frame leaves after this.
    func terminate(_ code: HTTP2ErrorCode) {
        unsafe nghttp2_session_terminate_session(session, code.rawValue)
    }

    func submitTrailers(_ fields: [HTTP2Field], on stream: HTTP2Stream) {
        unsafe Self.withFields(fields) { fields in
            _ = unsafe nghttp2_submit_trailer(
                session, stream.id, fields.baseAddress, fields.count)
        }
    }

    /// Lends the fields in the library's form. It copies them before it returns.
    private static func withFields<Result>(
        _ fields: [HTTP2Field], _ body: (UnsafeMutableBufferPointer<nghttp2_nv>) -> Result
    ) -> Result {
        var octets: [UInt8] = []
        for field in fields {
            octets.append(contentsOf: field.name.utf8)
            octets.append(contentsOf: field.value.utf8)
        }
        return unsafe octets.withUnsafeMutableBufferPointer { octets in
            // An empty array lends no address; no field of ours has an empty name.
            var pairs: [nghttp2_nv] = unsafe []
            var offset = 0
            for field in fields {
                let (name, value) = (field.name.utf8.count, field.value.utf8.count)
                guard let base = octets.baseAddress else { break }
                unsafe pairs.append(
                    nghttp2_nv(
                        name: base + offset, value: base + offset + name, namelen: name,
                        valuelen: value, flags: 0))
                offset += name + value
            }
            return unsafe pairs.withUnsafeMutableBufferPointer { unsafe body($0) }
        }
    }
}

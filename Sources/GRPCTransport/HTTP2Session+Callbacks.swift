// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CNGHTTP2

// The other half of the boundary to libnghttp2: what the library calls. The context is the session,
// which is alive for as long as the library's one that calls.

extension HTTP2Session {
    /// Gives the library the octets of a body when it has room for them.
    ///
    /// It names the stream by its address: the library asks for nothing after it has told that the
    /// stream is closed, until when `streams` holds it.
    static func provider(of stream: HTTP2Stream) -> nghttp2_data_provider {
        var provider = unsafe nghttp2_data_provider()
        unsafe provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
        unsafe provider.read_callback = {
            _, _, buffer, length, flags, source, context in
            guard let context = unsafe context, let buffer = unsafe buffer,
                let flags = unsafe flags, let address = unsafe source?.pointee.ptr
            else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
            let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: length)
            return unsafe HTTP2Session.lent(context) { session in
                unsafe HTTP2Stream.lent(address) { stream in
                    unsafe session.read(stream, into: room, flags: flags)
                }
            }
        }
        return unsafe provider
    }

    /// Lends the session without counting references: who calls the library keeps it alive.
    @inline(__always)
    private static func lent<Result>(
        _ context: UnsafeMutableRawPointer, _ body: (HTTP2Session) -> Result
    ) -> Result {
        unsafe Unmanaged<HTTP2Session>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
    }

    static func install(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
            _, _, context in
            guard let context = unsafe context else { return 0 }
            unsafe HTTP2Session.lent(context) { session in
                session.fields.removeAll(keepingCapacity: true)
                session.fieldBytes = 0
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameLength, value, valueLength, _, context in
            guard let context = unsafe context else { return 0 }
            let name = unsafe UnsafeBufferPointer(start: name, count: nameLength)
            let value = unsafe UnsafeBufferPointer(start: value, count: valueLength)
            return unsafe HTTP2Session.lent(context) { unsafe $0.receivedField(name, value) }
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) {
            _, frame, context in
            guard let context = unsafe context, let frame = unsafe frame else { return 0 }
            unsafe HTTP2Session.lent(context) { unsafe $0.received(frame) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            library, _, id, octets, count, context in
            guard let context = unsafe context else { return 0 }
            let address = unsafe nghttp2_session_get_stream_user_data(library, id)
            let data = unsafe UnsafeBufferPointer(start: octets, count: count)
            unsafe HTTP2Session.lent(context) { session in
                session.noteUsefulFrame()
                guard let address = unsafe address else {
                    return session.consumeOnConnection(count)
                }
                unsafe HTTP2Stream.lent(address) { stream in
                    unsafe stream.receiver?.received(data.span, on: stream)
                }
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) {
            _, frame, context in
            guard let context = unsafe context, let frame = unsafe frame else { return 0 }
            unsafe HTTP2Session.lent(context) { unsafe $0.sent(frame) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) {
            _, _, _, context in
            guard let context = unsafe context else { return 0 }
            unsafe HTTP2Session.lent(context) { $0.owner?.charged(.invalidFrame) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            _, id, code, context in
            guard let context = unsafe context else { return 0 }
            unsafe HTTP2Session.lent(context) {
                $0.closed(id, code: HTTP2ErrorCode(rawValue: code))
            }
            return 0
        }
    }

    private func closed(_ id: Int32, code: HTTP2ErrorCode) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.isClosed = true
        let receiver = stream.receiver
        stream.receiver = nil
        receiver?.closed(stream, code: code)
    }

    // MARK: Inbound

    private func receivedField(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) -> Int32 {
        fieldBytes += name.count + value.count + 32
        // The block must be decoded to its end to keep the compression state, but not kept.
        guard fieldBytes <= configuration.maximumHeaderListBytes else {
            guard fieldBytes <= 64 * configuration.maximumHeaderListBytes else {
                owner?.charged(.hugeHeaders)
                return Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
            }
            return 0
        }
        unsafe fields.append(
            HTTP2Field(
                String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        return 0
    }

    private func received(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        let endsStream = UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
        let isAcknowledgement = UInt32(header.flags) & NGHTTP2_FLAG_ACK.rawValue != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            receivedHeaders(header.stream_id, endsStream: endsStream)
        case NGHTTP2_DATA.rawValue:
            if header.length == 0, !endsStream { owner?.charged(.emptyData) }
            if endsStream, let stream = streams[header.stream_id] { remoteEnded(stream) }
        case NGHTTP2_RST_STREAM.rawValue:
            owner?.charged(.resetByPeer)
        case NGHTTP2_PING.rawValue:
            if isAcknowledgement { owner?.pingAcknowledged() } else { owner?.charged(.ping) }
        case NGHTTP2_SETTINGS.rawValue:
            if !isAcknowledgement {
                owner?.settingsReceived()
                owner?.charged(.settings)
            }
        case NGHTTP2_PRIORITY.rawValue:
            owner?.charged(.priority)
        case NGHTTP2_WINDOW_UPDATE.rawValue:
            owner?.charged(.windowUpdate)
        case NGHTTP2_GOAWAY.rawValue:
            let goAway = unsafe frame.pointee.goaway
            let code = unsafe HTTP2ErrorCode(rawValue: goAway.error_code)
            unsafe owner?.received(goAway: code, lastStream: goAway.last_stream_id)
        default:
            break
        }
    }

    private func receivedHeaders(_ id: Int32, endsStream: Bool) {
        let block = fields
        let isOversize = fieldBytes > configuration.maximumHeaderListBytes
        fields.removeAll(keepingCapacity: true)
        if let stream = streams[id] {
            stream.receiver?.received(block, endsStream: endsStream, on: stream)
            if endsStream { remoteEnded(stream) }
            return
        }
        guard configuration.role == .server else { return }
        let stream = HTTP2Stream(blocks)
        stream.id = id
        register(stream)
        stream.receiver = owner?.opened(stream, fields: block, isOversize: isOversize)
        if endsStream { remoteEnded(stream) }
    }

    private func remoteEnded(_ stream: HTTP2Stream) {
        stream.remoteHasEnded = true
        stream.receiver?.remoteEnded(stream)
    }

    // MARK: Outbound

    private func read(
        _ stream: HTTP2Stream, into room: UnsafeMutableRawBufferPointer,
        flags: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let count = unsafe stream.outbound.take(into: room)
        if stream.outbound.count == 0, case .ending(let trailers) = stream.outboundEnd {
            stream.outboundEnd = .ended
            unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            if !trailers.isEmpty {
                unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                submitTrailers(trailers, on: stream)
            }
        } else if count == 0 {
            stream.isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        if stream.wantsNotice, count > 0 { noticed.append(stream) }
        return count
    }

    private func sent(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_RST_STREAM.rawValue:
            let code = unsafe HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code)
            if code != .noError { owner?.charged(.resetByUs) }
        case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
            noteUsefulFrame()
            let endsStream = UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
            guard endsStream, configuration.role == .server,
                let stream = streams[header.stream_id], !stream.remoteHasEnded
            else { return }
            // The answer is complete; the client need not finish its request (RFC 9113, 8.1).
            reset(stream, code: .noError)
        default:
            break
        }
    }
}

extension HTTP2Stream {
    /// Lends the stream at an address that the library was given for it, without counting
    /// references: `streams` holds it until the library has told of its end.
    @inline(__always)
    fileprivate static func lent<Result>(
        _ address: UnsafeMutableRawPointer, _ body: (HTTP2Stream) -> Result
    ) -> Result {
        unsafe Unmanaged<HTTP2Stream>.fromOpaque(address)._withUnsafeGuaranteedRef(body)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

extension ByteBuffer {
    /// Appends one unfragmented frame (RFC 6455 section 5.2), masked when there is a key.
    ///
    /// Frames of one burst go one after another into the same buffer: one write to the socket, and
    /// one TLS record, for all of them.
    mutating func writeWebSocketFrame(
        _ opcode: WebSocketOpcode, _ payload: ByteBuffer, mask: UInt32?
    ) {
        writeWebSocketHeader(opcode, payloadCount: payload.readableBytes, mask: mask)
        if let mask {
            writeMasked(payload, key: mask)
        } else {
            writeImmutableBuffer(payload)
        }
    }

    /// Appends one unfragmented frame that carries the text.
    mutating func writeWebSocketFrame(
        _ opcode: WebSocketOpcode, _ payload: String, mask: UInt32?
    ) {
        guard mask == nil else {
            return writeWebSocketFrame(opcode, ByteBuffer(string: payload), mask: mask)
        }
        writeWebSocketHeader(opcode, payloadCount: payload.utf8.count, mask: nil)
        writeString(payload)
    }

    private mutating func writeWebSocketHeader(
        _ opcode: WebSocketOpcode, payloadCount count: Int, mask: UInt32?
    ) {
        let finalFrame: UInt8 = 0x80
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        reserveCapacity(minimumWritableBytes: 14 + count)
        writeInteger(finalFrame | UInt8(webSocketOpcode: opcode))
        switch count {
        case 0...125:
            writeInteger(maskBit | UInt8(count))
        case 126...0xFFFF:
            writeInteger(maskBit | 126)
            writeInteger(UInt16(count))
        default:
            writeInteger(maskBit | 127)
            writeInteger(UInt64(count))
        }
        if let mask { writeInteger(mask) }
    }

    /// Appends the bytes masked or, which is the same, unmasked (RFC 6455 section 5.3). The key's
    /// first byte on the wire is its most significant one.
    mutating func writeMasked(_ source: ByteBuffer, key: UInt32) {
        let start = writerIndex
        let reader = readerIndex
        writeImmutableBuffer(source)
        moveReaderIndex(to: start)
        let wide = UInt64(key) << 32 | UInt64(key)
        let from = source.readerIndex
        var span = mutableReadableBytesSpan
        let count = span.byteCount
        var offset = 0
        while offset &+ 8 <= count,
            let word = source.getInteger(at: from &+ offset, as: UInt64.self)
        {
            span.storeBytes(of: (word ^ wide).bigEndian, toByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        var tail = key
        while offset < count, let byte = source.getInteger(at: from &+ offset, as: UInt8.self) {
            let masked = byte ^ UInt8(truncatingIfNeeded: tail >> 24)
            span.storeBytes(of: masked, toByteOffset: offset, as: UInt8.self)
            tail = tail << 8 | tail >> 24
            offset &+= 1
        }
        moveReaderIndex(to: reader)
    }
}

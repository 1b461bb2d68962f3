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
        var rest = source
        let wide = UInt64(key) << 32 | UInt64(key)
        reserveCapacity(minimumWritableBytes: rest.readableBytes)
        // In steps of 32 bytes: the checks of the buffers are paid once for each.
        while let (first, second, third, fourth) = rest.readMultipleIntegers(
            as: (UInt64, UInt64, UInt64, UInt64).self)
        {
            writeMultipleIntegers(first ^ wide, second ^ wide, third ^ wide, fourth ^ wide)
        }
        while let word: UInt64 = rest.readInteger() {
            writeInteger(word ^ wide)
        }
        var tail = key
        while let byte: UInt8 = rest.readInteger() {
            writeInteger(byte ^ UInt8(truncatingIfNeeded: tail >> 24))
            tail = tail << 8 | tail >> 24
        }
    }
}

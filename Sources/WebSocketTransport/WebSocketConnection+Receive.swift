// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

extension WebSocketConnection {
    /// Takes one complete frame.
    func receive(_ frame: WebSocketFrame) {
        switch state {
        case .open: break
        case .closing where frame.opcode == .connectionClose: break
        case .closing, .closed: return
        }
        if let violation = violation(inHeaderOf: frame) {
            return fail(violation)
        }
        var payload = frame.data
        if let key = frame.maskKey {
            // Into a buffer of its own: the frame's bytes still belong to the decoder.
            var unmasked = ByteBuffer()
            unmasked.writeMasked(payload, key: key.reduce(0) { $0 << 8 | UInt32($1) })
            payload = unmasked
        }
        switch frame.opcode {
        case .text, .binary:
            receiveData(payload, isText: frame.opcode == .text, isFinal: frame.fin)
        case .continuation:
            receiveContinuation(payload, isFinal: frame.fin)
        case .ping:
            appendControl(.pong, payload)
        case .connectionClose:
            receiveClose(payload)
        default:
            break
        }
    }

    private func violation(inHeaderOf frame: WebSocketFrame) -> WebSocketViolation? {
        if !frame.reservedBits.isEmpty { return .reservedBits }
        switch (role, frame.maskKey) {
        case (.server, nil): return .unmaskedFrame
        case (.client, .some): return .maskedFrame
        default: break
        }
        switch frame.opcode {
        case .text, .binary, .continuation, .connectionClose, .ping, .pong: return nil
        default: return .reservedOpcode
        }
    }

    private func receiveData(_ payload: ByteBuffer, isText: Bool, isFinal: Bool) {
        guard fragments == nil else { return fail(.interruptedMessage) }
        if isText {
            guard utf8.append(payload.readableBytesUInt8Span), !isFinal || utf8.isComplete
            else { return fail(.invalidUTF8) }
        }
        if isFinal {
            deliver(payload, isText: isText)
        } else {
            fragments = payload
            fragmentsAreText = isText
        }
    }

    private func receiveContinuation(_ payload: ByteBuffer, isFinal: Bool) {
        guard var message = fragments else { return fail(.unexpectedContinuation) }
        guard message.readableBytes + payload.readableBytes <= limits.maximumMessageBytes
        else { return fail(.oversizeMessage) }
        if fragmentsAreText {
            guard utf8.append(payload.readableBytesUInt8Span), !isFinal || utf8.isComplete
            else { return fail(.invalidUTF8) }
        }
        // Emptied first, so that the buffer grows in place.
        fragments = nil
        message.writeImmutableBuffer(payload)
        if isFinal {
            deliver(message, isText: fragmentsAreText)
        } else {
            fragments = message
        }
    }

    private func deliver(_ message: ByteBuffer, isText: Bool) {
        if isText {
            handler?.received(text: message, on: self)
        } else {
            handler?.received(binary: message, on: self)
        }
    }

    private func receiveClose(_ payload: ByteBuffer) {
        var rest = payload
        var code = WebSocketCloseCode.noStatus
        if payload.readableBytes > 0 {
            guard let value = rest.readInteger(as: UInt16.self) else { return fail(.invalidClose) }
            code = WebSocketCloseCode(rawValue: value)
            guard code.isAllowedOnTheWire else { return fail(.invalidClose) }
        }
        guard let reason = String(validating: rest.readableBytesView, as: UTF8.self)
        else { return fail(.invalidUTF8) }
        peerClosed(code: code, reason: reason)
    }

    /// The end of what one read of the socket brought.
    func receiveCompleted() {
        hasHeard = true
        handler?.readCompleted(self)
        flush()
    }
}

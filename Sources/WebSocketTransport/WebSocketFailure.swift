// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Why a connection could not go on.
public enum WebSocketFailure: Hashable, Sendable {
    /// The peer broke the protocol or a limit; it was told so in our Close frame.
    case violation(WebSocketViolation)

    /// More than ``WebSocketLimits/maximumBufferedBytes`` waited for a peer that does not read.
    /// The connection was cut: a Close frame would wait behind the rest.
    case slowReader

    /// Nothing arrived for a whole ``WebSocketLimits/pingInterval`` after a ping.
    case unresponsivePeer

    /// The peer did not answer our Close frame within ``WebSocketLimits/closeTimeout``.
    case closeTimeout

    /// The transport failed or ended without a Close frame. The text is for logs.
    case connectionLost(String)
}

/// What a peer did that RFC 6455 or a limit forbids.
public enum WebSocketViolation: String, Hashable, Sendable, CaseIterable {
    /// A reserved bit is set although no extension was agreed (section 5.2).
    case reservedBits
    /// An opcode the protocol does not define (section 5.2).
    case reservedOpcode
    /// A client's frame without a mask (section 5.1).
    case unmaskedFrame
    /// A server's frame with a mask (section 5.1).
    case maskedFrame
    /// A control frame in fragments (section 5.5).
    case fragmentedControlFrame
    /// A control frame of more than 125 bytes (section 5.5).
    case oversizeControlFrame
    /// A continuation without a message to continue (section 5.4).
    case unexpectedContinuation
    /// A new message before the last fragment of the one before (section 5.4).
    case interruptedMessage
    /// A message above ``WebSocketLimits/maximumMessageBytes``.
    case oversizeMessage
    /// Text that is not UTF-8 (section 8.1).
    case invalidUTF8
    /// A Close frame of one byte, or with a code that must not be sent (section 7.4).
    case invalidClose

    /// The code that tells the peer.
    public var closeCode: WebSocketCloseCode {
        switch self {
        case .oversizeMessage: .messageTooBig
        case .invalidUTF8: .invalidPayload
        default: .protocolError
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Why a client got no WebSocket.
public enum WebSocketClientError: Error, Sendable {
    /// The text is no WebSocket URL; says why.
    case invalidURL(String)
    /// No TCP connection: the name, the address or the port.
    case unreachable(String)
    /// The TLS handshake failed, for example over the certificate.
    case tls(String)
    /// The server answered with something else than 101: its answer, up to 64 KiB of body.
    case refused(HTTPResponse)
    /// The server's answer is not HTTP, or agrees to something that was not offered.
    case malformedResponse(String)
    /// `Sec-WebSocket-Accept` does not fit our key (RFC 6455 section 4.1).
    case invalidAccept
    /// No WebSocket within ``WebSocketLimits/handshakeTimeout``.
    case timedOut
    /// The server ended the connection before it answered.
    case connectionLost
}

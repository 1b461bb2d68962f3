// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaServer
internal import NIOCore
internal import NIOHTTP1
internal import WebSocketTransport

/// What one connection to a bot told.
enum LinkNews {
    case opened
    case text(ByteBuffer)
    case binary(ByteBuffer)
    case readCompleted
    /// It is closed or was never open. `isFinal`: another attempt would end the same way.
    case closed(String, isFinal: Bool)
}

/// One attempt to connect to a bot, and the connection that comes of it.
///
/// Confined to the call's loop. After ``drop()`` nothing is told any more.
final class BotLink: WebSocketHandler {
    private var tell: ((LinkNews) -> Void)?
    private var connection: WebSocketConnection?

    /// - Parameter tell: called on the loop, with `closed` last.
    init(
        to target: BotTarget, policy: RemoteBotPolicy, on loop: any EventLoop,
        tell: @escaping (LinkNews) -> Void
    ) {
        self.tell = tell
        var limits = WebSocketLimits()
        limits.maximumMessageBytes = policy.maximumMessageBytes
        // What waits for a bot is bounded by the exchange; this cuts off one that takes no word.
        limits.maximumBufferedBytes = 4 * 1024 * 1024
        limits.handshakeTimeout = .nanoseconds(policy.answerTimeout.nanoseconds)
        limits.closeTimeout = .seconds(2)
        limits.pingInterval = .nanoseconds(policy.pingInterval.nanoseconds)
        let link = NIOLoopBound(self, eventLoop: loop)
        WebSocketClient.connect(
            to: target.url, headers: target.headers, tls: target.tls, limits: limits, on: loop
        ) {
            link.value
        }.whenFailure { error in
            link.value.failed(error)
        }
    }

    /// Bytes that the bot has not taken.
    var waiting: Int { connection?.bufferedByteCount ?? 0 }

    func send(text: String) { connection?.send(text: text) }

    func send(binary: [UInt8]) { connection?.send(binary: ByteBuffer(bytes: binary)) }

    func flush() { connection?.flush() }

    /// Says goodbye; nothing is told any more.
    func close(code: UInt16, reason: String) {
        tell = nil
        let code = WebSocketCloseCode(rawValue: code)
        connection?.close(code: code.isAllowedOnTheWire ? code : .normal, reason: reason)
        connection = nil
    }

    /// Forgets the connection, or the attempt.
    func drop() { close(code: WebSocketCloseCode.goingAway.rawValue, reason: "") }

    private func failed(_ error: any Error) {
        guard let tell else { return }
        self.tell = nil
        var isFinal = false
        if case .refused(let response)? = error as? WebSocketClientError {
            isFinal = (400..<500).contains(response.status.code) && response.status.code != 429
        }
        tell(.closed(Self.reason(of: error), isFinal: isFinal))
    }

    private static func reason(of error: any Error) -> String {
        switch error as? WebSocketClientError {
        case .refused(let response): "HTTP \(response.status.code)"
        case .unreachable: "unreachable"
        case .tls(let text): "TLS: \(text)"
        case .malformedResponse(let text): "malformed response: \(text)"
        case .invalidURL(let text): text
        case .invalidAccept: "invalid Sec-WebSocket-Accept"
        case .timedOut: "no answer in time"
        case .connectionLost: "connection lost"
        case nil: String(describing: error)
        }
    }

    // MARK: WebSocket

    func connected(_ connection: WebSocketConnection) {
        guard let tell else { return connection.abort() }
        self.connection = connection
        tell(.opened)
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) { tell?(.text(text)) }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        tell?(.binary(binary))
    }

    func readCompleted(_ connection: WebSocketConnection) { tell?(.readCompleted) }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        self.connection = nil
        let tell = tell
        self.tell = nil
        tell?(.closed("closed with \(close.code) \(close.reason)", isFinal: false))
    }
}

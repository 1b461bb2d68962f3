// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import WebSocketTransport

/// The WebSockets of one call.
//
// Sendable although mutable: see ``CallDriver``.
final class WebSocketLink<Platform: WebSocketPlatform>: CallLink, @unchecked Sendable {
    private let url: WebSocketURL
    private let tls: ClientTLS?
    private let loop: any EventLoop
    private var connections: [(number: Int, connection: WebSocketConnection)] = []
    /// Given up before they were connected.
    private var abandoned: Set<Int> = []

    init(to url: WebSocketURL, tls: ClientTLS?, on loop: any EventLoop) {
        self.url = url
        self.tls = tls
        self.loop = loop
    }

    func carryOut(_ outputs: [WebSocketOutput], for driver: CallDriver<WebSocketLink>) {
        for output in outputs {
            switch output {
            case .connect(let number): connect(number, driver)
            case .text(let text, let number): connection(number)?.send(text: text)
            case .binary(let audio, let number): connection(number)?.send(binary: audio)
            case .close(let code, let number):
                connection(number)?.close(code: WebSocketCloseCode(rawValue: code))
            case .abort(let number):
                if let connection = connection(number) {
                    connection.abort()
                } else {
                    abandoned.insert(number)
                }
            case .finished: driver.finish()
            }
        }
    }

    func flush() {
        for (_, connection) in connections { connection.flush() }
    }

    func setReading(_ isReading: Bool) {
        for (_, connection) in connections { connection.setReading(isReading) }
    }

    func abandon() {
        for (_, connection) in connections { connection.abort() }
    }

    private func connection(_ number: Int) -> WebSocketConnection? {
        for entry in connections where entry.number == number { return entry.connection }
        return nil
    }

    private func connect(_ number: Int, _ driver: CallDriver<WebSocketLink>) {
        let authority = Self.authority(of: url)
        var headers: HTTPHeaders = ["Host": authority]
        let time = Int(Date().timeIntervalSince1970)
        let own = driver.ask {
            $0.headers(target: url.target, authority: authority, unixTime: time)
        }
        for (name, value) in own { headers.add(name: name, value: value) }
        var limits = WebSocketLimits()
        // Over-long messages are the platform's to judge, and so is a server that does not close.
        limits.maximumMessageBytes = 1024 * 1024
        limits.closeTimeout = .seconds(30)
        WebSocketClient.connect(to: url, headers: headers, tls: tls, limits: limits, on: loop) {
            CallConnection(self, driver, number: number)
        }.whenFailure { error in
            driver.tell { $0.failed(number, reason: Self.reason(of: error), at: $1) }
        }
    }

    /// The Host header: lower case, no default port, which is also what the signature covers.
    private static func authority(of url: WebSocketURL) -> String {
        let host = url.host.contains(":") ? "[\(url.host)]" : url.host
        let port = url.port == (url.isSecure ? 443 : 80) ? "" : ":\(url.port)"
        return host.lowercased() + port
    }

    private static func reason(of error: any Error) -> String {
        switch error as? WebSocketClientError {
        case .refused(let response): "HTTP \(response.status.code)"
        case .unreachable(let text): "unreachable: \(text)"
        case .tls(let text): "TLS: \(text)"
        case .malformedResponse(let text): "malformed response: \(text)"
        case .invalidURL(let text): text
        case .invalidAccept: "invalid Sec-WebSocket-Accept"
        case .timedOut: "no answer in time"
        case .connectionLost: "connection lost"
        case nil: String(describing: error)
        }
    }

    // MARK: - What the sockets bring

    fileprivate func connected(
        _ number: Int, _ connection: WebSocketConnection, _ driver: CallDriver<WebSocketLink>
    ) {
        guard !driver.isOver, !abandoned.contains(number) else { return connection.abort() }
        connections.append((number, connection))
        driver.tell { $0.connected(number, at: $1) }
    }

    fileprivate func closed(
        _ number: Int, _ close: WebSocketClose, _ driver: CallDriver<WebSocketLink>
    ) {
        connections.removeAll { $0.number == number }
        var fault: String?
        if case .violation(let violation) = close.failure { fault = violation.rawValue }
        let code = close.code == .abnormal ? nil : close.code.rawValue
        driver.tell { $0.closed(number, code: code, fault: fault, at: $1) }
    }
}

/// One socket of a call.
final class CallConnection<Platform: WebSocketPlatform>: WebSocketHandler {
    private let link: WebSocketLink<Platform>
    private let driver: CallDriver<WebSocketLink<Platform>>
    private let number: Int

    init(
        _ link: WebSocketLink<Platform>, _ driver: CallDriver<WebSocketLink<Platform>>,
        number: Int
    ) {
        self.link = link
        self.driver = driver
        self.number = number
    }

    func connected(_ connection: WebSocketConnection) {
        link.connected(number, connection, driver)
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        driver.tell { $0.received(text: text, on: number, at: $1) }
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        driver.tell { $0.received(binary: binary, on: number, at: $1) }
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        link.closed(number, close, driver)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import WebSocketTransport

/// Joins one platform to its sockets and to the clock.
//
// Sendable although mutable: created, called and released on the pacer's loop only; its sockets
// are on the same loop. It is marked so for the closures that the WebSocket client carries there.
final class CallDriver<Platform: CallPlatform>: @unchecked Sendable {
    private var platform: Platform
    private let call: SyntheticCall
    private let pacer: CallPacer<Platform>
    private let onEvent: (@Sendable (TimelineEvent) -> Void)?
    private var completion: ((CallResult) -> Void)?
    private var handle: CallHandle?
    private var connections: [(number: Int, connection: WebSocketConnection)] = []
    /// Given up before they were connected.
    private var abandoned: Set<Int> = []
    private var outputs: [PlatformOutput] = []
    private var eventsSeen = 0
    private var isCarryingOut = false
    /// Where the pacer keeps this call, nil when it does not.
    var slot: Int?

    init(
        _ platform: Platform, call: SyntheticCall, pacer: CallPacer<Platform>,
        onEvent: (@Sendable (TimelineEvent) -> Void)?
    ) {
        self.platform = platform
        self.call = call
        self.pacer = pacer
        self.onEvent = onEvent
    }

    func start(_ handle: CallHandle, _ completion: @escaping (CallResult) -> Void) {
        self.completion = completion
        self.handle = handle
        pacer.add(self)
        platform.start(at: now)
        carryOut()
        handle.attach { [weak self] in self?.hangUp() }
    }

    private var now: MediaInstant { CallPacer<Platform>.now() }

    func advance(to instant: MediaInstant) {
        platform.advance(to: instant)
        carryOut()
        for (_, connection) in connections { connection.flush() }
    }

    private func hangUp() {
        platform.hangUp(at: now)
        carryOut()
        for (_, connection) in connections { connection.flush() }
    }

    // MARK: - What the platform wants

    /// Carries out until nothing is left; what a step makes the platform want comes after it.
    private func carryOut() {
        guard !isCarryingOut else { return }
        isCarryingOut = true
        while completion != nil {
            platform.takeOutputs(into: &outputs)
            guard !outputs.isEmpty else { break }
            for output in outputs { carryOut(output) }
            outputs.removeAll(keepingCapacity: true)
        }
        isCarryingOut = false
        tellEvents()
        pacer.setDeadline(platform.deadline, of: self)
    }

    private func carryOut(_ output: PlatformOutput) {
        switch output {
        case .connect(let number): connect(number)
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
        case .finished: finish()
        }
    }

    private func connection(_ number: Int) -> WebSocketConnection? {
        connections.first { $0.number == number }?.connection
    }

    private func tellEvents() {
        guard let onEvent else { return }
        let events = platform.events
        for event in events[eventsSeen...] { onEvent(event) }
        eventsSeen = events.count
    }

    private func connect(_ number: Int) {
        let url = call.url
        let authority = Self.authority(of: url)
        var headers: HTTPHeaders = ["Host": authority]
        for (name, value) in platform.headers(
            target: url.target, authority: authority, unixTime: Int(Date().timeIntervalSince1970))
        {
            headers.add(name: name, value: value)
        }
        var limits = WebSocketLimits()
        // Over-long messages are the platform's to judge, and so is a server that does not close.
        limits.maximumMessageBytes = 1024 * 1024
        limits.closeTimeout = .seconds(30)
        WebSocketClient.connect(
            to: url, headers: headers, tls: call.tls, limits: limits, on: pacer.loop
        ) {
            CallConnection(self, number: number)
        }.whenFailure { error in
            self.failed(number, error)
        }
    }

    /// The Host header: lower case, no default port, which is also what the signature covers.
    private static func authority(of url: WebSocketURL) -> String {
        let host = url.host.contains(":") ? "[\(url.host)]" : url.host
        let port = url.port == (url.isSecure ? 443 : 80) ? "" : ":\(url.port)"
        return host.lowercased() + port
    }

    private func finish() {
        tellEvents()
        pacer.remove(self)
        handle?.detach()
        for (_, connection) in connections { connection.abort() }
        let instant = now
        let result = CallResult(
            report: platform.takeReport(at: instant), recording: platform.takeRecording(),
            generator: platform.generator)
        completion?(result)
        completion = nil
    }

    // MARK: - What the sockets bring

    func connected(_ number: Int, _ connection: WebSocketConnection) {
        guard completion != nil, !abandoned.contains(number) else { return connection.abort() }
        connections.append((number, connection))
        platform.connected(number, at: now)
        carryOut()
    }

    private func failed(_ number: Int, _ error: any Error) {
        guard completion != nil else { return }
        let reason =
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
        platform.failed(number, reason: reason, at: now)
        carryOut()
    }

    func received(text: ByteBuffer, on number: Int) {
        guard completion != nil else { return }
        platform.received(text: text, on: number, at: now)
        carryOut()
    }

    func received(binary: ByteBuffer, on number: Int) {
        guard completion != nil else { return }
        platform.received(binary: binary, on: number, at: now)
        carryOut()
    }

    func closed(_ number: Int, _ close: WebSocketClose) {
        connections.removeAll { $0.number == number }
        guard completion != nil else { return }
        var fault: String?
        if case .violation(let violation) = close.failure { fault = violation.rawValue }
        let code = close.code == .abnormal ? nil : close.code.rawValue
        platform.closed(number, code: code, fault: fault, at: now)
        carryOut()
    }
}

/// One socket of a call.
final class CallConnection<Platform: CallPlatform>: WebSocketHandler {
    private let driver: CallDriver<Platform>
    private let number: Int

    init(_ driver: CallDriver<Platform>, number: Int) {
        self.driver = driver
        self.number = number
    }

    func connected(_ connection: WebSocketConnection) {
        driver.connected(number, connection)
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        driver.received(text: text, on: number)
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        driver.received(binary: binary, on: number)
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        driver.closed(number, close)
    }
}

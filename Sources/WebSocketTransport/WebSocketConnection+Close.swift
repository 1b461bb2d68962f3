// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

extension WebSocketConnection {
    /// Starts the closing handshake (RFC 6455 section 7.1.2). Everything appended before leaves
    /// first; messages that still arrive are dropped. ``WebSocketHandler/closed(_:_:)`` follows
    /// with the peer's answer, or after ``WebSocketLimits/closeTimeout``. Ignored when the
    /// connection is closing already.
    ///
    /// - Parameters:
    ///   - code: One that may be sent, see ``WebSocketCloseCode/isAllowedOnTheWire``.
    ///   - reason: For the peer's logs; cut to the 123 bytes of UTF-8 that a Close frame carries.
    public func close(code: WebSocketCloseCode = .normal, reason: String = "") {
        precondition(code.isAllowedOnTheWire, "Close code \(code) must not be sent.")
        guard isOpen else { return }
        let reason = Self.cut(reason)
        let close = WebSocketClose(
            code: code, reason: reason, wasClean: false, initiator: .local)
        flush()
        // The flush may have found the peer gone, or too slow.
        guard isOpen else { return }
        state = .closing(close)
        stopKeepAlive()
        appendClose(code, reason)
        flush()
        startDeadline { connection in
            connection.cut(close.failed(.closeTimeout))
        }
    }

    /// Ends the TCP connection at once, without a Close frame, and drops what waits to be sent.
    public func abort() {
        eventLoop.preconditionInEventLoop()
        cut(WebSocketClose(code: .abnormal, wasClean: false, initiator: .local))
    }

    /// The peer's Close frame, well-formed.
    func peerClosed(code: WebSocketCloseCode, reason: String) {
        switch state {
        case .open:
            appendClose(code == .noStatus ? nil : code, "")
            finish(
                WebSocketClose(code: code, reason: reason, wasClean: true, initiator: .peer))
        case .closing(let close):
            finish(
                WebSocketClose(
                    code: close.code, reason: close.reason, wasClean: true, initiator: .local))
        case .closed:
            return
        }
        switch role {
        case .server:
            // The server is to end the TCP connection first (section 7.1.1).
            takeDown(after: .all)
        case .client:
            flush()
            startDeadline { $0.context?.close(promise: nil) }
        }
    }

    /// The peer broke the protocol: it is told why, and what it still sends is discarded.
    func fail(_ violation: WebSocketViolation) {
        let code = violation.closeCode
        switch state {
        case .open:
            appendClose(code, violation.rawValue)
        case .closing:
            break
        case .closed:
            return
        }
        finish(
            WebSocketClose(
                code: code, reason: violation.rawValue, wasClean: false, initiator: .local,
                failure: .violation(violation)))
        // Closing both directions with input unread would reset the connection, and the reset
        // could overtake our Close frame.
        takeDown(after: .output)
    }

    /// The channel failed or is gone.
    func transportEnded(_ why: String) {
        switch state {
        case .open:
            finish(
                WebSocketClose(
                    code: .abnormal, wasClean: false, initiator: .peer,
                    failure: .connectionLost(why)))
        case .closing(let close):
            finish(close.failed(.connectionLost(why)))
        case .closed:
            break
        }
        deadline?.cancel()
        deadline = nil
    }

    /// Reports the end and drops the channel with all that waits in it.
    func cut(_ close: WebSocketClose) {
        guard case .closed = state else {
            finish(close)
            context?.close(promise: nil)
            return
        }
        context?.close(promise: nil)
    }

    /// Reports the end, once, on a turn of its own: never inside a call of the handler.
    private func finish(_ close: WebSocketClose) {
        state = .closed
        stopKeepAlive()
        deadline?.cancel()
        deadline = nil
        fragments = nil
        if let failure = close.failure { reportFailure(failure) }
        guard let handler else { return }
        self.handler = nil
        eventLoop.assumeIsolated().execute {
            handler.closed(self, close)
        }
    }

    private func takeDown(after mode: CloseMode) {
        guard let context else { return }
        let written = eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.context?.close(mode: mode, promise: nil)
        }
        writeOutput(to: context, promise: written)
        startDeadline { $0.context?.close(promise: nil) }
    }

    private func startDeadline(_ expired: @escaping (WebSocketConnection) -> Void) {
        deadline?.cancel()
        deadline = eventLoop.assumeIsolated().scheduleTask(in: limits.closeTimeout) {
            expired(self)
        }
    }

    private func appendClose(_ code: WebSocketCloseCode?, _ reason: String) {
        var payload = ByteBuffer()
        if let code {
            payload.writeInteger(code.rawValue)
            payload.writeString(reason)
        }
        appendControl(.connectionClose, payload)
    }

    /// A control frame carries 125 bytes, two of them the code.
    private static func cut(_ reason: String) -> String {
        var text = Substring(reason)
        while text.utf8.count > 123 { text.removeLast() }
        return String(text)
    }
}

extension WebSocketClose {
    fileprivate func failed(_ failure: WebSocketFailure) -> WebSocketClose {
        WebSocketClose(
            code: code, reason: reason, wasClean: false, initiator: initiator, failure: failure)
    }
}

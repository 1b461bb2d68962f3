// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Logging
internal import MediaServer
internal import NIOCore
internal import Synchronization
internal import WebSocketTransport

/// Names a connection to its stream, which may live on another event loop.
struct CXoneConnectionHandle: Sendable {
    let id: CXoneCallDirectory.ConnectionID
    let connection: NIOLoopBound<CXoneConnection>

    /// Closes it in good order, without telling the stream.
    func close() {
        let connection = connection
        connection.eventLoop.execute { connection.value.replaced() }
    }
}

/// Binds one WebSocket to its ``CXoneConnectionSession`` and to the stream it carries.
///
/// Confined to the connection's event loop.
final class CXoneConnection: WebSocketHandler {
    private enum Route {
        case none
        case here(CXoneStream)
        case elsewhere(NIOLoopBound<CXoneStream>)
    }

    let id: CXoneCallDirectory.ConnectionID
    private let adapter: CXoneAdapter
    private var session: CXoneConnectionSession
    private var connection: WebSocketConnection?
    private var route = Route.none
    private var wake: Scheduled<Void>?
    private var loggedViolations: Set<CXoneViolation> = []
    private let logger: Logger

    init(_ adapter: CXoneAdapter, id: CXoneCallDirectory.ConnectionID) {
        self.adapter = adapter
        self.id = id
        session = CXoneConnectionSession(tokens: adapter.tokens, at: MonotonicClock.now())
        var logger = adapter.logger
        logger[metadataKey: "platform"] = "cxone"
        logger[metadataKey: "connection"] = "\(id)"
        self.logger = logger
    }

    // MARK: WebSocket

    func connected(_ connection: WebSocketConnection) {
        self.connection = connection
        armWake()
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        perform(session.receive(text: String(buffer: text), at: MonotonicClock.now()))
        armWake()
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        switch session.receiveAudio(byteCount: binary.readableBytes, at: MonotonicClock.now()) {
        case .accepted:
            switch route {
            case .none: break
            case .here(let stream): stream.receive(binary, from: id)
            case .elsewhere(let stream):
                let id = id
                stream.eventLoop.execute {
                    stream.value.receive(binary, from: id)
                    stream.value.completeBurst()
                }
            }
        case .ignored: break
        case .counted(let violation): note(violation)
        case .refused(let actions): perform(actions)
        }
    }

    func readCompleted(_ connection: WebSocketConnection) {
        if case .here(let stream) = route { stream.completeBurst() }
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        perform(session.connectionClosed(at: MonotonicClock.now()))
        wake?.cancel()
        wake = nil
        route = .none
        self.connection = nil
        logger.debug("connection closed", metadata: ["code": "\(close.code)"])
    }

    // MARK: Time

    /// The handshake alone has deadlines: a streaming connection has no timer.
    private func armWake() {
        wake?.cancel()
        wake = nil
        guard let connection, let deadline = session.deadline else { return }
        let delay = max(.zero, deadline - MonotonicClock.now())
        let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
        wake = connection.eventLoop.scheduleTask(in: .nanoseconds(delay.nanoseconds)) {
            let connection = bound.value
            connection.perform(connection.session.advance(to: MonotonicClock.now()))
            connection.connection?.flush()
            connection.armWake()
        }
    }

    // MARK: Actions

    private func perform(_ actions: [CXoneAction]) {
        for action in actions {
            switch action {
            case .send(let text): connection?.send(text: text)
            case .openRequested(let message): open(message)
            case .violated(let violation): note(violation)
            case .detached: detach()
            case .closeConnection(let code):
                connection?.close(code: WebSocketCloseCode(rawValue: code))
            }
        }
    }

    private func note(_ violation: CXoneViolation) {
        adapter.counters.add { $0.violations[violation, default: 0] += 1 }
        // Once of each kind: a hostile peer must not fill the log.
        if loggedViolations.insert(violation).inserted {
            logger.notice("violation", metadata: ["kind": "\(violation.rawValue)"])
        }
    }

    private func open(_ message: CXoneInitialMessage) {
        guard let eventLoop = connection?.eventLoop else { return }
        let key = message.stream
        let handle = CXoneConnectionHandle(
            id: id, connection: NIOLoopBound(self, eventLoop: eventLoop))
        let (attachment, known) = adapter.calls.withLock { calls in
            (calls.directory.attach(key, connection: id), calls.streams[key])
        }
        switch attachment {
        case .started: start(message, handle, on: eventLoop)
        case .resumed: resume(known, handle)
        case .busy: refuse("stream is being set up")
        case .stopped: refuse("call has ended")
        case .full: refuse("no capacity")
        }
    }

    private func start(
        _ message: CXoneInitialMessage, _ handle: CXoneConnectionHandle, on eventLoop: any EventLoop
    ) {
        let key = message.stream
        let stream = CXoneStream(adapter, key: key, eventLoop: eventLoop)
        let hasOther = adapter.calls.withLock { calls in
            CXonePerspective.allCases.contains {
                calls.streams[CXoneStreamKey(call: key.call, perspective: $0)] != nil
            }
        }
        do throws(AdmissionError) {
            try stream.start(message, on: handle, completesCall: hasOther)
        } catch {
            adapter.calls.withLock { $0.directory.abandon(key, at: MonotonicClock.now()) }
            return refuse(error.message)
        }
        let bound = NIOLoopBound(stream, eventLoop: eventLoop)
        adapter.calls.withLock { calls in
            calls.directory.ready(key)
            if stream.isLive { calls.streams[key] = bound }
        }
        adapter.counters.add { $0.streamsStarted += 1 }
        logger.info("stream started", metadata: ["stream": "\(key)"])
        route = .here(stream)
        perform(session.accept(at: MonotonicClock.now()))
    }

    private func resume(_ known: NIOLoopBound<CXoneStream>?, _ handle: CXoneConnectionHandle) {
        guard let known else { return refuse("call has ended") }
        guard !known.eventLoop.inEventLoop else {
            return resumed(known, known.value.resume(on: handle), isHere: true)
        }
        known.eventLoop.execute {
            let isLive = known.value.resume(on: handle)
            handle.connection.eventLoop.execute {
                let connection = handle.connection.value
                connection.resumed(known, isLive, isHere: false)
                connection.connection?.flush()
            }
        }
    }

    private func resumed(_ stream: NIOLoopBound<CXoneStream>, _ isLive: Bool, isHere: Bool) {
        guard isLive else {
            detach()
            return refuse("call has ended")
        }
        guard session.state == .opening else { return }
        adapter.counters.add { $0.streamsResumed += 1 }
        logger.info("stream resumed")
        route = isHere ? .here(stream.value) : .elsewhere(stream)
        perform(session.accept(at: MonotonicClock.now()))
        armWake()
    }

    private func refuse(_ reason: String) {
        perform(session.refuse(reason, at: MonotonicClock.now()))
    }

    /// The stream goes on without this connection, unless another one has taken over already.
    private func detach() {
        guard let key = session.stream else { return }
        let id = id
        let (isLast, stream) = adapter.calls.withLock { calls in
            (
                calls.directory.detach(key, connection: id, at: MonotonicClock.now()),
                calls.streams[key]
            )
        }
        guard isLast, let stream else { return }
        if stream.eventLoop.inEventLoop {
            stream.value.detach(id)
        } else {
            stream.eventLoop.execute { stream.value.detach(id) }
        }
    }

    /// Another connection carries the stream, or the call is over.
    func replaced() {
        perform(session.close(at: MonotonicClock.now()))
        connection?.flush()
        armWake()
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Logging
internal import MediaEngine
internal import MediaServer
internal import NIOCore
internal import WebSocketTransport

/// Binds one WebSocket to its ``GenesysSession`` and to the call.
///
/// Confined to the connection's event loop, which is the call's. Audio passes without allocation:
/// the session counts it, the call decodes it, packets leave through one reused buffer.
final class GenesysConnection: WebSocketHandler {
    /// Audio given to the call at a time: a fraction of the second that it holds for its bot.
    private static let longestPart = MediaDuration.milliseconds(200)

    let adapter: GenesysAdapter
    let bot: String?
    var session: GenesysSession
    var connection: WebSocketConnection?
    var call: CallSession?
    /// The agent's voice of a stereo stream is a call of its own.
    var agent: GenesysAgentLeg?
    /// The call ended while it was being created.
    var earlyEnd: CallEndReason?
    var isCreatingCall = false
    /// Reused for every packet: the connection copies what it is given.
    var packet = ByteBuffer()
    private var wake: Scheduled<Void>?
    private var wakeAt: MediaInstant?
    private var loggedViolations: Set<GenesysViolation> = []
    private let logger: Logger

    init(_ adapter: GenesysAdapter, identity: GenesysIdentity, mode: GenesysMode, bot: String?) {
        self.adapter = adapter
        self.bot = bot
        session = GenesysSession(identity: identity, mode: mode, at: MonotonicClock.now())
        var logger = adapter.logger
        logger[metadataKey: "platform"] = "genesys"
        logger[metadataKey: "session"] = "\(identity.sessionID)"
        if let correlation = identity.correlationID {
            logger[metadataKey: "correlation"] = "\(correlation)"
        }
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
        let count = binary.readableBytes
        switch session.receiveAudio(byteCount: count, at: MonotonicClock.now()) {
        case .accepted:
            guard let format = session.media?.format else { return }
            hear(EncodedAudio(binary.readableBytesSpan, format: format))
        case .ignored:
            break
        case .refused(let actions):
            perform(actions)
            armWake()
        }
    }

    /// Hands audio to the call in parts that its history holds, however long a message or a burst
    /// of late messages is.
    private func hear(_ audio: borrowing EncodedAudio) {
        let step = GenesysPolicy.rate.samples(in: Self.longestPart) * audio.format.bytesPerFrame
        var offset = 0
        while offset < audio.bytes.byteCount {
            let end = min(offset + step, audio.bytes.byteCount)
            let part = EncodedAudio(audio.bytes.extracting(offset..<end), format: audio.format)
            call?.receive(part)
            agent?.call?.receive(part)
            call?.pump()
            agent?.call?.pump()
            offset = end
        }
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        perform(session.connectionClosed(at: MonotonicClock.now()))
        wake?.cancel()
        wake = nil
        self.connection = nil
        logger.debug("connection closed", metadata: ["code": "\(close.code)"])
    }

    // MARK: Time

    /// Sees to it that the session is woken in time. One timer serves all deadlines and is set
    /// anew about once a minute, since traffic only moves them later.
    func armWake() {
        guard let connection, let next = session.nextWake else { return }
        if let wakeAt, wakeAt <= next { return }
        wake?.cancel()
        wakeAt = next
        let delay = max(.zero, next - MonotonicClock.now())
        let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
        wake = connection.eventLoop.scheduleTask(in: .nanoseconds(delay.nanoseconds)) {
            bound.value.wakeUp()
        }
    }

    private func wakeUp() {
        wakeAt = nil
        perform(session.advance(to: MonotonicClock.now()))
        connection?.flush()
        armWake()
    }

    // MARK: Actions

    func perform(_ actions: [GenesysAction]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: GenesysAction) {
        switch action {
        case .send(let text): connection?.send(text: text)
        case .openRequested(let start): createCall(start)
        case .probeAnswered:
            adapter.counters.add { $0.probes += 1 }
            logger.info("probe answered")
        case .digit(let digit): call?.receive(digit)
        case .playbackStarted: call?.playbackStarted()
        case .playbackCompleted: call?.playbackCompleted()
        case .timelineMoved(let move): follow(move)
        case .paused:
            call?.suspendIngress()
            agent?.call?.suspendIngress()
        case .resumed:
            call?.resumeIngress()
            agent?.call?.resumeIngress()
        case .languageChanged(let language):
            logger.info("language changed", metadata: ["language": "\(language)"])
        case .throttled(let pause):
            adapter.counters.add { $0.clientErrors[429, default: 0] += 1 }
            logger.warning("throttled", metadata: ["retry_after_ms": "\(pause.milliseconds)"])
            call?.holdPackets(for: pause)
        case .clientError(let code, let message):
            adapter.counters.add { $0.clientErrors[code, default: 0] += 1 }
            logger.warning(
                "client error", metadata: ["code": "\(code)", "message": "\(message.prefix(200))"])
        case .violated(let violation):
            adapter.counters.add { $0.violations[violation, default: 0] += 1 }
            // Once of each kind: a hostile peer must not fill the log.
            if loggedViolations.insert(violation).inserted {
                logger.notice("violation", metadata: ["kind": "\(violation.rawValue)"])
            }
        case .eventDropped:
            adapter.counters.add { $0.droppedEvents += 1 }
        case .ended(let end): endCall(end)
        case .closeConnection(let code):
            connection?.close(code: WebSocketCloseCode(rawValue: code))
        }
    }

    /// The engine counts its own positions, so only the length of a gap matters to it. A client
    /// that counts less than it sent changes nothing: what was heard was heard.
    private func follow(_ move: GenesysTimelineMove) {
        let missing = move.from.distance(to: move.to)
        guard missing > 0 else { return }
        for leg in [call, agent?.call] {
            guard let leg else { continue }
            // A jump drops what the bot has not fetched yet.
            leg.pump()
            leg.moveTimeline(to: leg.ingressPosition.advanced(by: missing))
        }
    }
}

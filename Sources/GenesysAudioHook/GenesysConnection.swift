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
    private let bot: String?
    private(set) var session: GenesysSession
    private var connection: WebSocketConnection?
    private(set) var call: CallSession?
    /// The agent's voice of a stereo stream is a call of its own.
    private(set) var agent: GenesysAgentLeg?
    /// The call ended while it was being created.
    private var earlyEnd: CallEndReason?
    private var isCreatingCall = false
    private var packet = ByteBuffer()
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
    private func armWake() {
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

    private func perform(_ actions: [GenesysAction]) {
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

    // MARK: The call

    private func createCall(_ start: GenesysSessionStart) {
        guard let media = start.media, let connection else {
            // A session without audio has no call; it lives for its messages alone.
            return perform(session.accept(at: MonotonicClock.now()))
        }
        isCreatingCall = true
        defer { isCreatingCall = false }
        do throws(AdmissionError) {
            let egress = CallConfiguration.Egress(
                format: AudioFormat(media.encoding.audioEncoding, rate: GenesysPolicy.rate),
                pacing: GenesysPolicy.pacing)
            call = try adapter.server.admit(
                info(start, channel: media.channels == .internal ? .agent : .caller),
                ingress: media.format, egress: start.mode == .connector ? egress : nil,
                platform: self, on: connection.eventLoop)
            if media.channels == .both { addAgent(start, media, connection.eventLoop) }
        } catch {
            let refusal: GenesysRefusal =
                switch error {
                case .noSuchBot: .unknownBot
                case .atCapacity: .failed(info: "no capacity")
                case .draining: .failed(info: "server is stopping")
                case .alreadyLive: .failed(info: "session is open already")
                }
            return perform(session.refuse(refusal, at: MonotonicClock.now()))
        }
        openIfNeeded()
        if let earlyEnd {
            agent?.call?.end(earlyEnd)
            call?.end(earlyEnd)
            agent = nil
            call = nil
        }
    }

    private func addAgent(
        _ start: GenesysSessionStart, _ media: GenesysMedia, _ eventLoop: any EventLoop
    ) {
        let leg = GenesysAgentLeg()
        leg.call = try? adapter.server.admit(
            info(start, channel: .agent), ingress: media.format, channel: 1, egress: nil,
            platform: leg, on: eventLoop)
        if leg.hasEnded { leg.call?.end(.botEnded) }
        agent = leg
    }

    /// Answers `open` with `opened`, once. The bot may speak while its call is being created, and
    /// `opened` comes before the first audio.
    private func openIfNeeded() {
        guard session.state == .opening else { return }
        perform(session.accept(at: MonotonicClock.now()))
    }

    private enum Channel {
        case caller
        case agent
    }

    private func info(_ start: GenesysSessionStart, channel: Channel) -> CallInfo {
        let base = "\(start.conversationID)/\(start.identity.sessionID)"
        let isAgent = channel == .agent
        return CallInfo(
            key: CallKey(platform: "genesys", conversation: isAgent ? base + "/agent" : base),
            organization: start.organizationID.text,
            caller: start.participant.ani.isEmpty ? nil : start.participant.ani,
            called: start.participant.dnis.isEmpty ? nil : start.participant.dnis,
            language: start.language, bot: bot?.isEmpty == false ? bot : nil,
            inputs: start.inputVariables, participant: isAgent ? "agent" : "caller")
    }

    private func endCall(_ end: GenesysEnd) {
        let reason: CallEndReason =
            switch end {
            case .closedByClient: .platformEnded
            case .disconnected: .botEnded
            case .violation: .protocolViolation
            case .connectionLost: .connectionLost
            }
        if isCreatingCall { earlyEnd = reason }
        agent?.call?.end(reason)
        call?.end(reason)
        agent = nil
        call = nil
        // Nothing follows from the bot any more: the client need not wait.
        perform(session.finish(at: MonotonicClock.now()))
    }
}

// MARK: - The call's view

extension GenesysConnection: PlatformConnection {
    var confirmsPlayback: Bool { true }

    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {
        openIfNeeded()
        guard session.acceptsPlayout, let connection else { return }
        self.packet.clear()
        self.packet.writeBytes(audio.bytes)
        connection.send(binary: self.packet)
    }

    func clear(generation: Generation) {
        perform(session.bargeIn(at: MonotonicClock.now()))
    }

    func handle(_ event: CallEvent) {}

    func report(_ outcome: TurnOutcome) {
        openIfNeeded()
        let disposition: GenesysEvent.Disposition =
            switch outcome.disposition {
            case .match: .match
            case .noMatch: .noMatch
            case .noInput: .noInput
            }
        do throws(GenesysEvent.EntityError) {
            let event = try GenesysEvent.botTurn(
                disposition, text: outcome.text, confidence: outcome.confidence)
            perform(session.send(event, at: MonotonicClock.now()))
        } catch {
            adapter.counters.add { $0.droppedEvents += 1 }
        }
        armWake()
    }

    func endCall(_ ending: CallEnding) {
        openIfNeeded()
        var outputs = ending.outputs
        var reason = GenesysDisconnectReason.completed
        switch ending.kind {
        case .completed: break
        case .failed: reason = .error
        case .transfer(let destination):
            outputs[GenesysPolicy.transferVariable] =
                outputs[GenesysPolicy.transferVariable] ?? destination
        }
        var info: String? = ending.info.isEmpty ? nil : ending.info
        var variables: GenesysOutputVariables?
        if !outputs.isEmpty {
            variables = try? GenesysOutputVariables(outputs)
            if variables == nil {
                reason = .error
                info = "output variables are too large"
            }
        }
        perform(
            session.disconnect(
                reason, info: info, outputVariables: variables, at: MonotonicClock.now()))
        connection?.flush()
        armWake()
    }

    func flushWrites() {
        connection?.flush()
    }
}

/// The agent's side of a monitored stereo call: heard, never spoken to.
final class GenesysAgentLeg: PlatformConnection {
    var call: CallSession?
    private(set) var hasEnded = false

    var confirmsPlayback: Bool { false }
    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {}
    func clear(generation: Generation) {}
    func handle(_ event: CallEvent) {}
    func report(_ outcome: TurnOutcome) {}

    func endCall(_ ending: CallEnding) {
        hasEnded = true
        call?.end(.botEnded)
    }

    func flushWrites() {}
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import GRPCTransport
internal import Logging
internal import MediaEngine
internal import MediaServer
internal import NIOCore
internal import SwiftProtobuf
internal import WebexMessages

/// Binds a ``WebexConversation`` to its RPCs and to its call in the media server.
///
/// Confined to the event loop of the conversation's first RPC, where the call lives. RPCs on other
/// loops reach it by ``WebexTurn``; what is for them is handed back to their loop.
final class WebexCall {
    /// Samples given to the call before it is pumped: a fraction of the second that it holds for
    /// its bot, however long a message or a burst of late messages is.
    private static let longestPart = 1_600
    /// Memory that the packet under way keeps for the next one: half a second of audio.
    static let keptPacketBytes = 4096

    let conversationID: String
    private let organizationID: String
    private let eventLoop: any EventLoop
    let adapter: WebexAdapter
    private let conversationOctets: [UInt8]
    private let organizationOctets: [UInt8]
    private var agentOctets: [UInt8] = []
    var conversation: WebexConversation
    var session: CallSession?
    private var streams: [WebexRPCID: GRPCServerStream] = [:]
    private var ingress = WebexIngress()
    /// The bot's audio on its way to the conversation.
    var packet = ByteBuffer()
    /// Samples given to the call since it was pumped.
    private var waiting = 0
    private var batch: [WebexAction] = []
    private var isPerforming = false
    /// The directory knows it no more.
    private var isForgotten = false
    private var loggedViolations: Set<WebexViolation> = []

    init(
        _ adapter: WebexAdapter, conversationID: String, organizationID: String,
        eventLoop: any EventLoop
    ) {
        self.adapter = adapter
        self.conversationID = conversationID
        self.organizationID = organizationID
        self.eventLoop = eventLoop
        conversationOctets = Array(conversationID.utf8)
        organizationOctets = Array(organizationID.utf8)
        conversation = WebexConversation(
            conversationID: conversationID, organizationID: organizationID,
            agents: adapter.agents, mode: adapter.answerMode, idleTimeout: adapter.idleTimeout,
            at: MonotonicClock.now())
    }

    var now: MediaInstant { MonotonicClock.now() }

    // MARK: RPCs

    func open(_ id: WebexRPCID, _ stream: GRPCServerStream) {
        guard !isForgotten else {
            return finish(stream, GRPCStatus(.unavailable, "conversation has just ended"))
        }
        streams[id] = stream
        conversation.open(id, at: now)
        perform()
    }

    /// Takes a request that was decoded in full, such as the first of an RPC.
    func receive(_ request: WebexVoiceVARequest, on id: WebexRPCID) {
        conversation.receive(request, on: id, at: now)
        perform()
        guard case .audioInput(let input)? = request.voiceVaInputType else { return }
        let audio = Array(input.callerAudio)
        receive(
            audio.span, encoding: Int32(truncatingIfNeeded: input.encoding.rawValue),
            sampleRate: input.sampleRateHertz, on: id)
    }

    /// Takes a request. No allocation when it carries caller audio of a call under way.
    func receive(_ message: Span<UInt8>, on id: WebexRPCID) {
        if let request = WebexAudioRequest(message),
            message.holds(conversationOctets, at: request.conversationID),
            message.holds(organizationOctets, at: request.organizationID),
            request.virtualAgentID.isEmpty
                || message.holds(agentOctets, at: request.virtualAgentID)
        {
            return receive(
                message.extracting(request.audio), encoding: request.encoding,
                sampleRate: request.sampleRate, on: id)
        }
        do throws(GRPCStatus) {
            receive(try WebexVoiceVARequest(decoding: message), on: id)
        } catch {
            conversation.receiveMalformed(on: id, at: now)
            perform()
        }
    }

    private func receive(
        _ audio: Span<UInt8>, encoding: Int32, sampleRate: Int32, on id: WebexRPCID
    ) {
        let verdict = conversation.receiveAudio(
            on: id, encoding: encoding, sampleRate: sampleRate, byteCount: audio.count, at: now)
        perform()
        guard case .accepted(let format) = verdict else { return }
        ingress.convert(audio, format: format, on: id) { give($0) }
    }

    private func give(_ audio: borrowing EncodedAudio) {
        let bytes = audio.bytes
        var offset = 0
        while offset < bytes.byteCount {
            let end = min(offset + Self.longestPart - waiting, bytes.byteCount)
            session?.receive(EncodedAudio(bytes.extracting(offset..<end), format: audio.format))
            waiting += end - offset
            if waiting == Self.longestPart { completeBurst() }
            offset = end
        }
    }

    func pump() {
        waiting = 0
        session?.pump()
    }

    /// All that has come so far was handed over.
    func completeBurst() {
        waiting = 0
        session?.completeBurst()
    }

    func halfClosed(_ id: WebexRPCID) {
        // What came before it may hold the start of a turn.
        pump()
        conversation.halfClosed(id, at: now)
        perform()
    }

    /// The transport has let go of the RPC: finished, or given up by the client.
    func ended(_ id: WebexRPCID) {
        streams[id] = nil
        conversation.cancelled(id, at: now)
        perform()
        forgetIfPossible()
    }

    func advance() {
        conversation.advance(to: now)
        perform()
        forgetIfPossible()
    }

    private func forgetIfPossible() {
        guard !isForgotten, conversation.isForgettable(at: now) else { return }
        isForgotten = true
        adapter.directory.remove(conversationID)
    }

    // MARK: Actions

    /// Performs what is due. What comes up meanwhile is performed after it, by the outermost one.
    func perform() {
        guard !isPerforming, conversation.hasActions else { return }
        isPerforming = true
        var taken: [WebexAction] = []
        swap(&taken, &batch)
        while conversation.hasActions {
            conversation.takeActions(into: &taken)
            for action in taken { perform(action) }
        }
        taken.removeAll(keepingCapacity: true)
        batch = taken
        isPerforming = false
    }

    private func perform(_ action: WebexAction) {
        switch action {
        case .start(let start): begin(start)
        case .respond(let id, let response):
            withStream(id) { $0.send(response) }
        case .chunk(let id, let octets):
            withStream(id) { $0.send(octets) }
        case .finish(let id, let violation):
            if let violation { note(violation) }
            guard let stream = streams.removeValue(forKey: id) else { return }
            finish(stream, violation?.status ?? .ok)
        case .suspendIngress: session?.suspendIngress()
        case .resumeIngress: session?.resumeIngress()
        case .playbackStarted: session?.playbackStarted()
        case .playbackCompleted: session?.playbackCompleted()
        case .clear: session?.clear()
        case .digit(let digit): session?.receive(digit)
        case .input(let input): session?.receive(input)
        case .end(let reason):
            let ended = session
            session = nil
            ended?.end(reason)
        case .noted(let violation): note(violation)
        }
    }

    private func withStream(
        _ id: WebexRPCID, _ body: @escaping @Sendable (GRPCServerStream) -> Void
    ) {
        guard let stream = streams[id] else { return }
        if stream.eventLoop.inEventLoop {
            body(stream)
        } else {
            stream.eventLoop.execute { body(stream) }
        }
    }

    private func finish(_ stream: GRPCServerStream, _ status: GRPCStatus) {
        if stream.eventLoop.inEventLoop {
            stream.finish(status)
        } else {
            stream.eventLoop.execute { stream.finish(status) }
        }
    }

    private func note(_ violation: WebexViolation) {
        adapter.counters.add(violation)
        // Once of each kind: a hostile peer must not fill the log.
        if loggedViolations.insert(violation).inserted {
            adapter.logger.notice(
                "violation",
                metadata: ["call": "\(conversationID)", "kind": "\(violation.rawValue)"])
        }
    }

    private func begin(_ start: WebexCallStart) {
        agentOctets = Array((start.virtualAgentID ?? "").utf8)
        let info = CallInfo(
            key: CallKey(platform: "webex", conversation: "\(organizationID)/\(conversationID)"),
            organization: organizationID, language: start.language, bot: start.virtualAgentID,
            inputs: start.inputs)
        do throws(AdmissionError) {
            session = try adapter.server.admit(
                info, ingress: WebexPolicy.ingress,
                egress: CallConfiguration.Egress(
                    format: WebexPolicy.egress, pacing: WebexPolicy.pacing),
                digitWindow: WebexPolicy.digitWindow, platform: self, on: eventLoop)
            adapter.counters.add { $0.conversations += 1 }
        } catch {
            let violation: WebexViolation =
                switch error {
                case .draining: .draining
                case .atCapacity: .noCapacity
                case .overloaded: .overloaded
                case .outOfMemory: .outOfMemory
                case .alreadyLive: .alreadyLive
                case .noSuchBot: .noBot
                }
            conversation.refuse(violation, at: now)
        }
    }
}

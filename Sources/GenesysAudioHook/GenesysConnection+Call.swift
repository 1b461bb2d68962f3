// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer
internal import NIOCore
internal import WebSocketTransport

/// The life of the call, or the two calls, that a session carries.
extension GenesysConnection {
    /// Answers `openRequested`.
    func createCall(_ start: GenesysSessionStart) {
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
                case .alreadyLive: .failed(info: "session is open already")
                case .atCapacity, .overloaded, .outOfMemory, .draining:
                    .failed(info: error.message)
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
            completesCall: true, platform: leg, on: eventLoop)
        if leg.hasEnded { leg.call?.end(.botEnded) }
        agent = leg
    }

    /// Answers `open` with `opened`, once. The bot may speak while its call is being created, and
    /// `opened` comes before the first audio.
    func openIfNeeded() {
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

    func endCall(_ end: GenesysEnd) {
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

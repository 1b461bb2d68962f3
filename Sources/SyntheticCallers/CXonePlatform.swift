// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
internal import NIOCore

/// CXone's side of one call on its agent-assist audio hook: one connection per stream, the same
/// handshake on each, audio one way.
///
/// Contact and agent speak on one timeline that starts with the first accepted stream.
package struct CXonePlatform: WebSocketPlatform {
    enum Phase: Hashable {
        case connecting
        /// The initial message is sent, the reply is awaited.
        case greeting
        case streaming
        /// On hold with its connection open.
        case silent
        /// On hold without a connection.
        case held
        /// The server refused the stream and is to close it.
        case refused
        case closing
        case closed
    }

    struct Stream {
        let perspective: CXoneCallOptions.Perspective
        var phase: Phase
        /// Number of its connection; a resumed stream gets another.
        var connection: Int
        /// The initial message left.
        var greetedAt: MediaInstant?
        var timeoutAt: MediaInstant?
    }

    let options: CXoneCallOptions
    let script: CallerScript
    let agentScript: CallerScript
    let keepsAudio: Bool
    /// Samples of one audio message.
    let messageLength: Int

    package var log = CallLog()
    var streams: [Stream] = []
    var connections = 0
    var outputs: [WebSocketOutput] = []
    var timeline: PlaybackBuffer?
    var contact: CallParty?
    var agent: CallParty?
    var sent = CallRecording()
    var hangUpAt: MediaInstant?
    /// The next frame is complete then, and the earliest of all other deadlines. To be worked out
    /// again when something has happened.
    var frameAt = Self.never
    var otherAt = Self.never
    var isStale = true
    var isFinished = false

    /// - Parameters:
    ///   - script: what the contact says, and when the call is held and ends.
    ///   - agent: what the agent says.
    ///   - keepsAudio: whether a recording of both is kept.
    package init(
        options: CXoneCallOptions, script: CallerScript, agent: CallerScript? = nil,
        keepsAudio: Bool
    ) {
        self.options = options
        self.script = script
        agentScript = agent ?? CallerScript(steps: [], noise: script.noise)
        self.keepsAudio = keepsAudio
        messageLength = SampleRate.hz8000.samples(in: options.limits.frameDuration)
    }

    package func headers(
        target: String, authority: String, unixTime: Int
    ) -> [(String, String)] { [] }

    package mutating func start(at now: MediaInstant) {
        precondition(streams.isEmpty, "A call starts once")
        log.start(at: now)
        isStale = true
        hangUpAt = now + script.longest
        for perspective in options.perspectives {
            streams.append(
                Stream(perspective: perspective, phase: .connecting, connection: connections))
            connect(streams.count - 1)
        }
    }

    mutating func connect(_ index: Int) {
        streams[index].phase = .connecting
        streams[index].connection = connections
        outputs.append(.connect(connections))
        connections += 1
    }

    func index(of connection: Int) -> Int? {
        streams.firstIndex { $0.connection == connection && $0.phase != .held }
    }

    package mutating func connected(_ connection: Int, at now: MediaInstant) {
        isStale = true
        guard let index = index(of: connection), streams[index].phase == .connecting else {
            return
        }
        let perspective = streams[index].perspective
        log.note(.platform, "connected", perspective.name, at: now)
        outputs.append(
            .text(
                ByteBuffer(string: options.initialMessage(perspective).serialized),
                on: connection))
        log.counts.textSent += 1
        streams[index].phase = .greeting
        streams[index].greetedAt = now
        streams[index].timeoutAt = now + options.limits.replyTimeout
    }

    package mutating func failed(_ connection: Int, reason: String, at now: MediaInstant) {
        isStale = true
        guard let index = index(of: connection) else { return }
        log.note(.server, "refused", reason, at: now)
        log.end(.refused, reason)
        streams[index].phase = .closed
        streams[index].timeoutAt = nil
        closeAll(at: now)
    }

    package mutating func closed(
        _ connection: Int, code: UInt16?, fault: String?, at now: MediaInstant
    ) {
        isStale = true
        guard let index = index(of: connection) else { return }
        let phase = streams[index].phase
        streams[index].phase = .closed
        streams[index].timeoutAt = nil
        switch phase {
        case .greeting, .streaming, .silent, .connecting:
            log.lost(streams[index].perspective.name, code: code, fault: fault, at: now)
            log.end(.failed, "The connection was lost")
            closeAll(at: now)
        case .refused, .closing, .held, .closed: finishWhenClosed(at: now)
        }
    }

    package mutating func hangUp(at now: MediaInstant) {
        isStale = true
        log.note(.caller, "hangs up", at: now)
        log.end(.byCaller, "end")
        closeAll(at: now)
    }

    /// Closes every connection that is still open; the call is over when all are gone.
    mutating func closeAll(at now: MediaInstant) {
        hangUpAt = nil
        for index in streams.indices {
            switch streams[index].phase {
            case .greeting, .streaming, .silent:
                outputs.append(.close(code: 1000, on: streams[index].connection))
                streams[index].phase = .closing
                streams[index].timeoutAt = now + options.limits.closeTimeout
            case .connecting:
                outputs.append(.abort(streams[index].connection))
                streams[index].phase = .closed
            case .held: streams[index].phase = .closed
            case .refused, .closing, .closed: break
            }
        }
        finishWhenClosed(at: now)
    }

    mutating func finishWhenClosed(at now: MediaInstant) {
        guard !isFinished, streams.allSatisfy({ $0.phase == .closed }) else { return }
        isFinished = true
        log.note(.platform, "hung up", at: now)
        outputs.append(.finished)
    }

    package mutating func takeOutputs(into spare: inout [WebSocketOutput]) {
        swap(&outputs, &spare)
    }

    package mutating func takeSettled(at now: MediaInstant) -> CallReport? {
        guard var timeline else { return nil }
        self.timeline = nil
        let report = takeSettled(
            platform: "cxone", call: "\(options.businessUnit)/\(options.contact)",
            playback: &timeline, messageLength: messageLength, at: now)
        self.timeline = timeline
        return report
    }

    package mutating func takeReport(at now: MediaInstant) -> CallReport {
        CallReport(
            platform: "cxone", call: "\(options.businessUnit)/\(options.contact)", log: log,
            playback: timeline, messageLength: messageLength, outputVariables: [:], at: now)
    }

    package mutating func takeRecording() -> CallRecording { sent }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
internal import NIOCore

/// Genesys Cloud's side of one AudioHook session (protocol v2): it places the call, holds the
/// server to the protocol, and measures.
///
/// Behaviour that the published protocol leaves open follows the vendor's reference client: ping
/// after 1 s, again after the first pong, then every 5 s; 5 s for `opened`, 10 s for `closed`; an
/// `error` message and `close` for what breaks the protocol. Time passes during a pause, and
/// `resumed` reports it as discarded.
package struct GenesysPlatform: WebSocketPlatform {
    enum Phase: Hashable {
        case idle, connecting, opening, active
        /// `close` is sent, `closed` is awaited.
        case closing
        /// `closed` came: the socket is being closed.
        case leaving
        case finished
    }

    /// What exists once `opened` has come.
    struct Media {
        /// Nil when the server wants no audio.
        var channels: GenesysCallOptions.Channels?
        var caller: CallParty
        var agent: CallParty
        /// Caller audio as sent, when a recording is kept.
        var sent: [UInt8] = []
        /// Audio before this sample is not delivered (`discardTo`).
        var deliverFrom = 0
        var isPausedByServer = false
        var isPausedByClient = false
        /// The first sample that was not sent because of the pause.
        var pausedFrom = 0
        var digits: [Character] = []
        var digitAt: MediaInstant?
    }

    let options: GenesysCallOptions
    let script: CallerScript
    let agentScript: CallerScript
    let keepsAudio: Bool
    /// Samples per channel of one audio message.
    let messageLength: Int

    var phase = Phase.idle
    package var log = CallLog()
    var media: Media?
    var playback: PlaybackBuffer?
    var outputs: [WebSocketOutput] = []
    /// `seq` of our last message and of the server's.
    var sequence = 0
    var serverSequence = 0
    /// Highest `clientseq` seen.
    var acknowledged = 0
    /// The phase gives up then.
    var timeoutAt: MediaInstant?
    var hangUpAt: MediaInstant?
    /// The next audio message is complete then, and the earliest of all other deadlines. To be
    /// worked out again when something has happened.
    var frameAt = Self.never
    var otherAt = Self.never
    var isStale = true
    var pingAt: MediaInstant?
    var openPing: (sequence: Int, at: MediaInstant)?
    var roundTrip: MediaDuration?
    var binaryBucket: TokenBucket
    var textBucket: TokenBucket
    var throttledAt: MediaInstant?
    var disconnected = false
    var updatesUnanswered = 0
    var outputVariables: [String: String] = [:]

    /// - Parameters:
    ///   - script: what the caller does (the `external` channel).
    ///   - agent: what the agent says (the `internal` channel); Monitor only.
    ///   - keepsAudio: whether a recording is kept.
    package init(
        options: GenesysCallOptions, script: CallerScript, agent: CallerScript? = nil,
        keepsAudio: Bool
    ) {
        precondition(!options.offers.isEmpty, "A call offers at least one kind of media")
        self.options = options
        self.script = script
        agentScript = agent ?? CallerScript(steps: [], noise: script.noise)
        self.keepsAudio = keepsAudio
        messageLength = SampleRate.hz8000.samples(in: options.limits.messageDuration)
        binaryBucket = TokenBucket(options.limits.binaryRate)
        textBucket = TokenBucket(options.limits.textRate)
    }

    package func headers(
        target: String, authority: String, unixTime: Int
    ) -> [(String, String)] {
        options.headers(target: target, authority: authority, unixTime: unixTime)
    }

    package mutating func start(at now: MediaInstant) {
        precondition(phase == .idle, "A call starts once")
        log.start(at: now)
        isStale = true
        phase = .connecting
        outputs.append(.connect(0))
    }

    package mutating func takeOutputs(into spare: inout [WebSocketOutput]) {
        swap(&outputs, &spare)
    }

    package mutating func takeSettled(at now: MediaInstant) -> CallReport? {
        guard var playback else { return nil }
        self.playback = nil
        let report = takeSettled(
            platform: "genesys", call: options.session, playback: &playback,
            messageLength: messageLength, at: now)
        self.playback = playback
        return report
    }

    package mutating func takeReport(at now: MediaInstant) -> CallReport {
        CallReport(
            platform: "genesys", call: options.session, log: log, playback: playback,
            messageLength: messageLength, outputVariables: outputVariables, at: now)
    }

    package mutating func takeRecording() -> CallRecording {
        CallRecording(caller: media?.sent ?? [], bot: playback?.heard ?? [])
    }

    /// Audio position of the stream, per channel.
    var position: Int { media?.caller.voice.position ?? 0 }

    /// Sends a message of the protocol.
    mutating func send(_ type: String, _ parameters: JSONValue = [:]) {
        sequence += 1
        let message: JSONValue = [
            "version": "2", "id": .string(options.session), "type": .string(type),
            "seq": .number(Double(sequence)), "serverseq": .number(Double(serverSequence)),
            "position": .string(duration(position)), "parameters": parameters,
        ]
        outputs.append(.text(ByteBuffer(string: message.serialized), on: 0))
        log.counts.textSent += 1
    }

    func duration(_ samples: Int) -> String {
        GenesysDuration.text(SampleRate.hz8000.duration(of: samples))
    }

    /// Reports a broken rule; where Genesys would end the session over it, that happens too.
    mutating func fail(_ rule: Violation.Rule, _ detail: String, at now: MediaInstant) {
        log.violation(rule, detail, at: now)
        guard let code = rule.errorCode, phase == .opening || phase == .active else { return }
        send("error", ["code": .number(Double(code)), "message": .string(detail)])
        log.end(.failed, "\(rule.rawValue): \(detail)")
        beginClose("error", at: now)
    }

    /// Starts the closing handshake, which is always ours to start.
    mutating func beginClose(_ reason: String, at now: MediaInstant) {
        send("close", ["reason": .string(reason)])
        log.note(.platform, "closes", reason, at: now)
        phase = .closing
        timeoutAt = now + options.limits.closeTimeout
        pingAt = nil
        openPing = nil
        _ = playback?.flush(at: now)
    }

    package mutating func hangUp(at now: MediaInstant) {
        isStale = true
        switch phase {
        case .opening, .active:
            log.note(.caller, "hangs up", at: now)
            log.end(.byCaller, "end")
            beginClose("end", at: now)
        case .idle, .connecting:
            log.end(.byCaller, "before the call was open")
            outputs.append(.abort(0))
        case .closing, .leaving, .finished: break
        }
    }

    mutating func finish(at now: MediaInstant) {
        guard phase != .finished else { return }
        phase = .finished
        timeoutAt = nil
        outputs.append(.finished)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
internal import NIOCore
internal import WebexMessages

/// Webex Contact Center's side of one call with a voice virtual agent: it opens the RPCs, plays the
/// prompts, collects the keys, holds the server to the protocol, and measures.
///
/// One RPC per turn. The next one opens with the first prompt that allows barge-in, else when the
/// prompts have played; what the caller says and presses before that is dropped. Where the
/// published protocol is silent, see ``WebexCallOptions``.
package struct WebexPlatform: CallPlatform {
    enum Phase: Hashable {
        case idle, connecting, active
        /// The session is over: RPCs are still to be completed, prompts to be played.
        case ending
        case finished
    }

    /// How prompts are sent; fixed by the first one.
    enum AudioMode: String {
        case wav = "WAV"
        case chunk = "CHUNK"
    }

    /// A prompt that plays or waits, in the order of playing.
    struct QueuedPrompt: Hashable {
        /// One past its last sample.
        var end: Int
        var allowsBargeIn: Bool
    }

    let options: WebexCallOptions
    let script: CallerScript
    let keepsAudio: Bool
    let request: WebexRequest
    /// Samples of one audio message.
    let frameLength: Int

    var phase = Phase.idle
    package var log = CallLog()
    var outputs = WebexOutputs()
    /// Those that are not completed, oldest first.
    var rpcs: [WebexRPC] = []
    var opened = 0
    /// Carries the caller's audio.
    var audioRPC: Int?
    /// Owes the answer to the caller's last input, or is giving it.
    var answering: Int?
    var caller: CallParty
    var playback: PlaybackBuffer
    var queue: [QueuedPrompt] = []
    var audioMode: AudioMode?
    /// What the server wants of the next input.
    var input = WebexInput()
    /// The prompts heard last could be interrupted.
    var allowsBargeIn = false
    /// The server found speech and has not found its end.
    var isInSpeech = false
    var keys = WebexKeys()
    var sent: [UInt8] = []
    /// The next audio message is complete then.
    var frameAt = MediaInstant(nanoseconds: .max)
    /// The earliest of all other deadlines, kept by ``refresh()``.
    var otherAt = MediaInstant(nanoseconds: .max)
    var hangUpAt: MediaInstant?
    var noInputAt: MediaInstant?
    var outputVariables: [String: String] = [:]

    /// - Parameters:
    ///   - script: what the caller does.
    ///   - keepsAudio: whether a recording is kept.
    package init(options: WebexCallOptions, script: CallerScript, keepsAudio: Bool) {
        self.options = options
        self.script = script
        self.keepsAudio = keepsAudio
        frameLength = SampleRate.hz8000.samples(in: options.limits.frameDuration)
        request = WebexRequest(options, frameLength: frameLength)
        (caller, playback) = Self.media(options, script, keepsAudio, at: log.begin)
    }

    /// Voice and ear of the caller on a timeline that begins at `origin`.
    private static func media(
        _ options: WebexCallOptions, _ script: CallerScript, _ keepsAudio: Bool,
        at origin: MediaInstant
    ) -> (CallParty, PlaybackBuffer) {
        let phase = Int(truncatingIfNeeded: options.seed & 0xFFFF)
        return (
            CallParty(.caller, script: script, origin: origin, phase: phase),
            PlaybackBuffer(origin: origin, keepsAudio: keepsAudio || script.echo != nil)
        )
    }

    package mutating func start(at now: MediaInstant) {
        precondition(phase == .idle, "A call starts once")
        log.start(at: now)
        phase = .connecting
        outputs.items.append(.connect)
    }

    /// The call has its place on a connection.
    package mutating func connected(at now: MediaInstant) {
        guard phase == .connecting else { return }
        phase = .active
        log.note(.platform, "connected", at: now)
        let origin = log.mediaOrigin(now)
        (caller, playback) = Self.media(options, script, keepsAudio, at: origin)
        frameAt = origin + options.limits.frameDuration
        hangUpAt = now + script.longest
        let number = open(.sessionStart, at: now)
        send(on: number) { $0.write(.sessionStart, into: &$1) }
        completeInput(number, at: now)
        refresh()
    }

    /// There is no connection.
    package mutating func failed(reason: String, at now: MediaInstant) {
        guard phase == .connecting else { return }
        log.note(.server, "refused", reason, at: now)
        log.end(.refused, reason)
        finish(at: now)
    }

    package mutating func hangUp(at now: MediaInstant) {
        switch phase {
        case .connecting:
            log.end(.byCaller, "before the call was open")
            finish(at: now)
        case .active:
            log.note(.caller, "hangs up", at: now)
            log.end(.byCaller, "end")
            endSession(at: now)
            refresh()
        case .idle, .ending, .finished: break
        }
    }

    /// Tells the server that the session is over.
    mutating func endSession(at now: MediaInstant) {
        stopListening(at: now)
        abandonAll(.hangUp, at: now)
        silence(at: now, isInterruption: false)
        phase = .ending
        let number = open(.sessionEnd, at: now)
        send(on: number) { $0.write(.sessionEnd, into: &$1) }
        halfClose(number, at: now)
        setTimeout(options.limits.completionTimeout, of: number, at: now)
    }

    /// The call is over when every RPC is completed and every prompt has played.
    mutating func finishWhenQuiet(at now: MediaInstant) {
        guard phase == .ending, rpcs.isEmpty, !playback.isPlaying else { return }
        finish(at: now)
    }

    mutating func finish(at now: MediaInstant) {
        guard phase != .finished else { return }
        for rpc in rpcs { outputs.items.append(.cancel(rpc.number)) }
        rpcs = []
        phase = .finished
        frameAt = MediaInstant(nanoseconds: .max)
        log.note(.platform, "hung up", at: now)
        outputs.items.append(.finished)
    }

    package mutating func takeOutputs(into spare: inout WebexOutputs) {
        swap(&outputs, &spare)
    }

    package mutating func takeSettled(at now: MediaInstant) -> CallReport? {
        guard log.utterances.count > 1 else { return nil }
        var heard = PlaybackBuffer(origin: playback.origin, keepsAudio: false)
        swap(&heard, &playback)
        let report = takeSettled(
            platform: "webex", call: options.conversation, playback: &heard,
            messageLength: frameLength, at: now)
        swap(&heard, &playback)
        return report
    }

    package mutating func takeReport(at now: MediaInstant) -> CallReport {
        CallReport(
            platform: "webex", call: options.conversation, log: log,
            playback: opened > 0 ? playback : nil, messageLength: frameLength,
            outputVariables: outputVariables, at: now)
    }

    package mutating func takeRecording() -> CallRecording {
        CallRecording(caller: sent, bot: playback.heard)
    }
}

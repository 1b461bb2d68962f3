// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

/// Runs a ``Script`` on one call: plays its prompts, listens, transfers or ends.
///
/// Runs on the call's shard.
final class ScriptedBot: BotConnector {
    /// So long before its end a prompt counts as heard: what follows is then queued in time and no
    /// gap is heard between two prompts.
    private static let handover = MediaDuration.milliseconds(200)

    /// The prompt that is being said.
    private struct Playback {
        /// Reported to the script as heard.
        var isFinished = false
        var id: ScriptRunner.PlaybackID
        var response: ResponseID
        var prompt: Int
        var offset = 0
    }

    private let prompts: PromptLibrary
    private let bargeInIsEnabled: Bool
    private var runner: ScriptRunner
    private var session: CallSession?
    private var playback: Playback?

    /// - Parameters:
    ///   - prompts: the audio of `script`'s prompts.
    ///   - bargeInIsEnabled: false plays every prompt to its end whatever the script says.
    init(script: Script, prompts: PromptLibrary, bargeInIsEnabled: Bool) {
        self.prompts = prompts
        self.bargeInIsEnabled = bargeInIsEnabled
        runner = ScriptRunner(script: script)
    }

    func callStarted(_ session: CallSession) {
        self.session = session
        take(.callStarted)
    }

    func receive(_ audio: borrowing LinearAudio) {}

    func handle(_ event: CallEvent) {
        switch event {
        case .speechStarted:
            take(.speechStarted)
        case .turnEnded(let turn):
            let rate = session?.configuration.ingress.rate ?? .hz8000
            let duration = rate.duration(of: turn.onset.distance(to: turn.lastVoiced))
            let answered = runner.answeredTurns
            take(.turnEnded(duration: duration))
            if runner.answeredTurns > answered {
                session?.report(TurnOutcome(.match))
            }
        case .bargeIn:
            take(.bargeIn)
        case .digit(let digit):
            take(.digit(digit.character))
        case .responseEnded(let account):
            guard let current = playback, current.response == account.id else { return }
            playback = nil
            if !account.wasCleared, !current.isFinished {
                take(.promptFinished(current.id))
            }
        case .playoutWritable:
            queueMore()
        default:
            break
        }
    }

    func advance(to now: MediaInstant) {
        finishPromptInTime()
        guard let deadline = runner.deadline, deadline <= now else { return }
        session?.report(TurnOutcome(.noInput))
        carryOut(runner.advance(to: now))
    }

    func callEnded(_ reason: CallEndReason) {
        if let session {
            _ = runner.handle(.callerHungUp, at: session.now)
        }
        session = nil
    }

    private func take(_ input: ScriptRunner.Input) {
        guard let session else { return }
        carryOut(runner.handle(input, at: session.now))
    }

    private func carryOut(_ actions: [ScriptRunner.Action]) {
        for action in actions {
            switch action {
            case .play(let id, let prompt, let allowsBargeIn):
                play(id, prompt, allowsBargeIn: allowsBargeIn && bargeInIsEnabled)
            case .stopPlaying:
                playback = nil
                session?.clear()
            case .listen:
                break
            case .transfer(let destination, let outputs):
                session?.endAfterPlayout(
                    CallEnding(.transfer(destination: destination), outputs: outputs))
            case .end(let outputs):
                session?.endAfterPlayout(CallEnding(.completed, outputs: outputs))
            }
        }
    }

    private func play(_ id: ScriptRunner.PlaybackID, _ prompt: Int, allowsBargeIn: Bool) {
        guard let response = session?.beginResponse(allowsBargeIn: allowsBargeIn) else {
            // Nothing can be heard (the platform takes no audio): the prompt is over at once.
            take(.promptFinished(id))
            return
        }
        playback = Playback(id: id, response: response, prompt: prompt)
        queueMore()
    }

    private func finishPromptInTime() {
        guard let session, let current = playback, !current.isFinished,
            current.offset == prompts.clips[current.prompt].samples.count,
            let rate = session.configuration.egress?.format.rate,
            let account = session.account(of: current.response)
        else { return }
        let unheard = rate.duration(of: account.accepted - account.heard)
        guard unheard <= Self.handover else { return }
        playback?.isFinished = true
        take(.promptFinished(current.id))
    }

    private func queueMore() {
        guard let session, let current = playback else { return }
        let clip = prompts.clips[current.prompt]
        let rest = clip.samples.span.extracting(current.offset..<clip.samples.count)
        let taken = session.play(LinearAudio(rest, rate: clip.rate), in: current.response)
        playback?.offset += taken
        if current.offset + taken == clip.samples.count {
            session.endResponse(current.response)
        }
    }
}

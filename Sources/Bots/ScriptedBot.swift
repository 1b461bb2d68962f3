// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

/// Runs a ``Script`` on one call: plays its prompts, listens, transfers or ends.
///
/// Runs on the call's shard. Prompts are queued ahead, each as a response of its own; when the
/// call's queue is full the rest follows as it empties.
final class ScriptedBot: BotConnector {
    /// A platform that keeps the no-input time itself gets so much longer before the bot acts.
    private static let noInputGrace = MediaDuration.seconds(5)

    /// A prompt that the caller has not heard to its end.
    private struct Playback {
        let id: ScriptRunner.PlaybackID
        let prompt: Int
        let allowsBargeIn: Bool
        var response: ResponseID?
        /// Samples queued.
        var offset = 0
        var isQueued = false
    }

    /// What comes once all prompts are queued.
    private enum Conclusion {
        case listen(InputExpectation)
        case end(CallEnding)
    }

    private let prompts: PromptLibrary
    private let bargeInIsEnabled: Bool
    private var runner: ScriptRunner
    private var session: CallSession?
    private var playbacks: [Playback] = []
    private var conclusion: Conclusion?
    private var isQueueing = false
    /// The call's queue is full until it says that it is writable.
    private var isHeldUp = false

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
        if session.platformReportsNoInput { runner.noInputGrace = Self.noInputGrace }
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
            dropPlaybacks()
            take(.bargeIn)
        case .digit(let digit):
            take(.digit(digit.key))
        case .responseEnded(let account):
            noteEnd(of: account)
        case .playoutWritable:
            isHeldUp = false
            queueMore()
        default:
            break
        }
    }

    func handle(_ input: PlatformInput) {
        switch input {
        case .noInput: take(.noInput)
        case .digitsCompleted: take(.digitsCompleted)
        case .custom(let event): take(.event(event.name))
        }
    }

    var deadline: MediaInstant? { runner.deadline }

    func advance(to now: MediaInstant) {
        guard let deadline = runner.deadline, deadline <= now else { return }
        let missed = runner.missedInputs
        let actions = runner.advance(to: now)
        if runner.missedInputs > missed {
            session?.report(TurnOutcome(.noInput))
        }
        carryOut(actions)
    }

    func callEnded(_ reason: CallEndReason) {
        if let session {
            _ = runner.handle(.callerHungUp, at: session.now)
        }
        session = nil
        playbacks = []
    }

    private func take(_ input: ScriptRunner.Input) {
        guard let session else { return }
        carryOut(runner.handle(input, at: session.now))
    }

    private func carryOut(_ actions: [ScriptRunner.Action]) {
        guard !actions.isEmpty else { return }
        for action in actions {
            switch action {
            case .play(let id, let prompt, let allowsBargeIn):
                playbacks.append(
                    Playback(
                        id: id, prompt: prompt, allowsBargeIn: allowsBargeIn && bargeInIsEnabled))
            case .stopPlaying:
                dropPlaybacks()
            case .send(let name, let variables):
                session?.send(CustomEvent(name: name, values: variables))
            case .listen(let expectation):
                conclusion = .listen(expectation)
            case .transfer(let destination, let outputs, let summary):
                conclusion = .end(
                    CallEnding(
                        .transfer(destination: destination), outputs: outputs, summary: summary))
            case .end(let outputs, let summary):
                conclusion = .end(CallEnding(.completed, outputs: outputs, summary: summary))
            }
        }
        queueMore()
    }

    private func noteEnd(of account: ResponseAccount) {
        guard let index = playbacks.firstIndex(where: { $0.response == account.id }) else { return }
        let id = playbacks.remove(at: index).id
        // Of a clear the script hears by what led to it.
        guard !account.wasCleared else { return }
        take(.promptFinished(id))
        queueMore()
    }

    /// Forgets the prompts that were not heard, and clears those that wait for the caller's ear.
    private func dropPlaybacks() {
        let isPlaying = playbacks.contains { $0.response != nil }
        playbacks = []
        conclusion = nil
        isHeldUp = false
        if isPlaying { session?.clear() }
    }

    /// Queues prompts as far as there is room, then says what comes after them.
    private func queueMore() {
        guard !isQueueing, let session else { return }
        guard session.configuration.egress != nil else { return finishUnheard() }
        isQueueing = true
        defer { isQueueing = false }
        // Whatever is done here may lead to events, and these to other prompts: look anew each time.
        while true {
            if !isHeldUp, let index = playbacks.firstIndex(where: { !$0.isQueued }) {
                guard queueSome(of: index, session) else { return }
            } else if playbacks.allSatisfy(\.isQueued), let next = conclusion {
                conclusion = nil
                carryOut(next, session)
            } else {
                return
            }
        }
    }

    private func carryOut(_ conclusion: Conclusion, _ session: CallSession) {
        switch conclusion {
        case .listen(let expectation): session.listen(for: expectation)
        case .end(let ending): session.endAfterPlayout(ending)
        }
    }

    /// - Returns: false when too many responses wait: the end of one goes on from here.
    private func queueSome(of index: Int, _ session: CallSession) -> Bool {
        let playback = playbacks[index]
        guard
            let response = playback.response
                ?? session.beginResponse(allowsBargeIn: playback.allowsBargeIn)
        else { return false }
        playbacks[index].response = response
        let clip = prompts.clips[playback.prompt]
        let rest = clip.samples.span.extracting(playback.offset..<clip.samples.count)
        isHeldUp = true
        let taken = session.play(LinearAudio(rest, rate: clip.rate), in: response)
        guard let place = playbacks.firstIndex(where: { $0.id == playback.id }) else {
            isHeldUp = false
            return true
        }
        playbacks[place].offset += taken
        if playbacks[place].offset == clip.samples.count {
            isHeldUp = false
            playbacks[place].isQueued = true
            session.endResponse(response)
        }
        return true
    }

    /// Nothing can be heard (the platform takes no audio): prompts are over at once.
    private func finishUnheard() {
        let unheard = playbacks.map(\.id)
        playbacks = []
        if let session, let next = conclusion {
            conclusion = nil
            carryOut(next, session)
        }
        for id in unheard { take(.promptFinished(id)) }
    }
}

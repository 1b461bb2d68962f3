// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine

/// What a bot does with its call. Everything here is called on the call's shard.
extension CallSession {
    /// Begins a response; it is heard after the ones begun before it.
    /// - Returns: nil when the platform takes no audio, too many responses wait or the call is over.
    /// - Parameter allowsBargeIn: whether the caller's voice may interrupt it.
    public func beginResponse(allowsBargeIn: Bool = true) -> ResponseID? {
        guard !hasEnded else { return nil }
        cutFiller()
        return call.beginResponse(allowsBargeIn: allowsBargeIn)
    }

    /// Queues audio of a response. See `Call.play`.
    /// - Returns: samples taken; fewer than offered means wait for `playoutWritable`.
    public func play(_ audio: borrowing LinearAudio, in response: ResponseID) -> Int {
        guard !hasEnded else { return 0 }
        let taken = call.play(audio, in: response, now: now)
        pump()
        return taken
    }

    /// Whether the response still takes audio; it does not after a clear.
    public func isOpen(_ response: ResponseID) -> Bool {
        !hasEnded && call.isOpen(response)
    }

    public func endResponse(_ response: ResponseID) {
        guard !hasEnded else { return }
        call.endResponse(response, now: now)
        pump()
    }

    /// Asks to be told when the caller has heard everything queued so far. See `Call.mark`.
    public func mark(_ mark: MarkID, in response: ResponseID) -> Bool {
        guard !hasEnded, call.mark(mark, in: response) else { return false }
        setDeadline()
        return true
    }

    /// Stops the bot at once.
    public func clear() {
        guard !hasEnded else { return }
        budget?.rest()
        call.clear(now: now)
        pump()
    }

    /// What the caller said is no interruption, such as a word of assent: the bot goes on where the
    /// caller stopped hearing it. See `Call.veto`.
    /// - Returns: false when it comes too late.
    @discardableResult
    public func veto(_ interruption: InterruptionID) -> Bool {
        guard !hasEnded, call.veto(interruption, now: now) else { return false }
        pump()
        return true
    }

    /// Whether the caller is hearing the bot, as far as is known.
    public var botIsAudible: Bool { !hasEnded && call.botIsAudible(at: now) }

    /// What the caller has heard of a response that is not over.
    public func account(of response: ResponseID) -> ResponseAccount? {
        call.account(of: response, now: now)
    }

    /// Tells the platform what the bot made of the caller's turn, where the platform listens.
    public func report(_ outcome: TurnOutcome) {
        reportToPlatform(outcome)
    }

    /// Says that the bot has queued all it will say until the caller acts, and what it expects then.
    ///
    /// Platforms that take an answer as a unit (Webex) complete it once everything queued has been
    /// handed over. A bot that has nothing to say to a turn must still say this.
    public func listen(for expectation: InputExpectation = InputExpectation()) {
        guard !hasEnded else { return }
        cutFiller()
        self.expectation = expectation
        call.expect(expectation.speech)
        pump()
    }

    /// Hands an event to the platform's flow, where the platform takes events.
    public func send(_ event: CustomEvent) {
        sendToPlatform(event)
    }

    /// Ends the call once the caller has heard everything queued, at the latest 60 s after the
    /// moment at which all that is queued now should have been heard.
    public func endAfterPlayout(_ ending: CallEnding) {
        let remainder = call.playoutRemainder(at: now)
        scheduleEnding(ending, deadline: now + remainder + .milliseconds(60_000))
    }

    /// Ends the call without waiting for what is queued.
    public func endNow(_ ending: CallEnding) {
        scheduleEnding(ending, deadline: nil)
    }
}

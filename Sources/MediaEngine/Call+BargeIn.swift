// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import SpeechDetection

/// What an interruption of the bot leads to.
extension Call {
    /// Takes the word of the bot that what it heard is no interruption: the bot goes on where the
    /// caller stopped hearing it.
    /// - Returns: false when it is too late: the bot was cleared, or the veto was given before.
    @discardableResult
    public func veto(_ interruption: InterruptionID, now: MediaInstant) -> Bool {
        guard let pending, pending.id == interruption else { return false }
        self.pending = nil
        playout?.resume()
        events.append(.interruptionVetoed(interruption))
        return true
    }

    /// Whether the bot is silent because of an interruption that may be vetoed.
    public var isHeld: Bool { pending != nil }

    func note(_ evidence: BargeInEvidence, at now: MediaInstant) {
        switch (evidence.verdict, configuration.bargeIn.mode) {
        case (.open, _): break
        case (.held, _): events.append(.bargeInHeld(evidence))
        case (.fired, .clear):
            let interruption = interruption(evidence, at: now)
            carryOut(interruption, at: now)
        case (.fired, .pause): hold(interruption(evidence, at: now), at: now)
        }
    }

    /// Clears the bot once nobody has vetoed in time.
    func confirmInterruption(at now: MediaInstant) {
        guard let pending, now >= pending.vetoDeadline else { return }
        self.pending = nil
        carryOut(pending, at: now)
    }

    private func interruption(_ evidence: BargeInEvidence, at now: MediaInstant) -> Interruption {
        interruptionCount &+= 1
        return Interruption(
            id: InterruptionID(number: interruptionCount), onset: evidence.onset,
            spoken: ingress.clock.instant(of: evidence.onset, fallback: now), decided: now,
            vetoDeadline: now + configuration.bargeIn.vetoWindow, evidence: evidence)
    }

    private func carryOut(_ interruption: Interruption, at now: MediaInstant) {
        clear(now: now)
        events.append(.bargeIn(BargeIn(interruption, generation: generation)))
    }

    private func hold(_ interruption: Interruption, at now: MediaInstant) {
        guard playout != nil, pending == nil else { return }
        let mayBePlaying = playout?.mayBePlaying ?? false
        playout?.hold(at: now)
        if mayBePlaying { flushDue = generation }
        pending = interruption
        events.append(.interruption(interruption))
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import SpeechDetection

extension Call {
    /// Takes audio that arrived from the platform.
    ///
    /// Where the platform numbers its audio, call ``moveTimeline(to:now:)`` first. Audio that is
    /// merely late needs nothing: it follows on what came before.
    /// - Parameter audio: in the configured ingress format; bytes of an incomplete frame at its
    ///   end are ignored.
    public func receive(_ audio: borrowing EncodedAudio, now: MediaInstant) {
        precondition(audio.format == configuration.ingress, "Audio must be in the call's format")
        let total = audio.frameCount
        guard total > 0 else { return }
        noteArrival(at: now)
        ingress.beginArrival(frames: total, now: now)
        // Voice during what may not be interrupted is no evidence: who goes on speaking into the
        // next response interrupts that one.
        let isInterruptible = playout?.isInterruptible(at: now) ?? false
        var offset = 0
        while offset < total {
            let (frames, decision) = ingress.consume(
                audio, from: offset, botIsAudible: isInterruptible)
            offset += frames
            guard let decision else { continue }
            if let change = decision.change {
                note(change, at: now)
            }
            if decision.isBargeIn {
                noteBargeIn(decision, at: now)
            }
        }
    }

    /// The platform says that its stream is at `position` now: audio in between is missing.
    ///
    /// A gap of up to a second is filled with silence; a longer one is a jump of the timeline. A
    /// position that lies behind is ignored.
    /// - Returns: samples that were missing; negative when the position lies behind.
    @discardableResult
    public func moveTimeline(to position: SamplePosition, now: MediaInstant) -> Int {
        let (samples, change) = ingress.moveTimeline(to: position)
        if let change {
            note(change, at: now)
        }
        if samples > 0 {
            events.append(.timelineJumped(samples: samples))
        }
        return samples
    }

    /// Position after the newest sample of the caller.
    public var ingressPosition: SamplePosition { ingress.end }

    /// The platform has stopped its audio on purpose: no stall is reported until it goes on.
    public func suspendIngress() {
        isSuspended = true
    }

    /// The platform's audio goes on.
    public func resumeIngress(now: MediaInstant) {
        guard isSuspended else { return }
        isSuspended = false
        noteArrival(at: now)
        ingress.restartClock(now: now)
    }

    /// The caller pressed a key.
    public func receive(_ digit: DTMFDigit) {
        events.append(.digit(digit))
    }

    func noteArrival(at now: MediaInstant) {
        guard isStalled else { return }
        isStalled = false
        let silence = now - ingress.lastArrival
        events.append(.mediaResumed(after: silence))
        // A long silence is a stream that stopped, not a late packet: positions mean new times.
        if silence > .milliseconds(2000) {
            ingress.restartClock(now: now)
        }
    }

    func note(_ change: SpeechChange, at now: MediaInstant) {
        switch change {
        case .started(let start):
            turnCount &+= 1
            onset = start
            unanswered = nil
            ingress.beginDelivery(at: start)
            events.append(.speechStarted(turn: currentTurn, onset: start))
        case .paused(let lastVoiced):
            events.append(.speechPaused(turn: currentTurn, lastVoiced: lastVoiced))
        case .resumed(let position):
            events.append(.speechResumed(turn: currentTurn, at: position))
        case .ended(let lastVoiced):
            let turn = Turn(
                id: currentTurn, onset: onset ?? lastVoiced, lastVoiced: lastVoiced,
                spokenEnd: ingress.clock.instant(of: lastVoiced, fallback: now),
                arrived: ingress.arrival(of: lastVoiced, fallback: now), confirmed: now)
            onset = nil
            unanswered = turn
            ingress.endDelivery()
            events.append(.turnEnded(turn))
        }
    }

    private var currentTurn: TurnID { TurnID(number: turnCount) }

    private func noteBargeIn(_ decision: SpeechDecision, at now: MediaInstant) {
        let start = onset ?? decision.start
        clear(now: now)
        events.append(
            .bargeIn(
                BargeIn(
                    onset: start, spoken: ingress.clock.instant(of: start, fallback: now),
                    decided: now, generation: generation)))
    }
}

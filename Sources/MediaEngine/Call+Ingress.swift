// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import SpeechDetection

extension Call {
    /// Takes audio that arrived from the platform.
    ///
    /// Where the platform numbers its audio, call ``moveTimeline(to:now:)`` first. Audio that is
    /// merely late needs nothing: it follows on what came before.
    /// - Parameter audio: in the configured ingress format; bytes of an incomplete frame at its
    ///   end are ignored.
    /// - Returns: false where nothing can have come of it: on a line on which nothing stirs packets
    ///   are put aside, and heard together up to 80 ms later.
    @discardableResult
    public func receive(_ audio: borrowing EncodedAudio, now: MediaInstant) -> Bool {
        precondition(audio.format == configuration.ingress, "Audio must be in the call's format")
        let total = audio.frameCount
        guard total > 0 else { return false }
        var linear = InlineArray<320, Int16>(repeating: 0)
        let first = min(total, linear.count)
        decode(audio, 0..<first, into: &linear)
        if first == total, putsAside(linear.span.extracting(0..<first), at: now) { return false }
        takeWaiting()
        beginArrival(of: total, at: now)
        listen(to: linear.span.extracting(0..<first), at: now)
        var offset = first
        while offset < total {
            let end = min(total, offset + linear.count)
            decode(audio, offset..<end, into: &linear)
            listen(to: linear.span.extracting(0..<(end - offset)), at: now)
            offset = end
        }
        return true
    }

    private func decode(
        _ audio: borrowing EncodedAudio, _ frames: Range<Int>,
        into linear: inout InlineArray<320, Int16>
    ) {
        let size = audio.format.bytesPerFrame
        var room = linear.mutableSpan
        AudioCodec.decode(
            EncodedAudio(
                audio.bytes.extracting(frames.lowerBound * size..<frames.upperBound * size),
                format: audio.format), channel: configuration.channel, into: &room)
    }

    private func putsAside(_ samples: Span<Int16>, at now: MediaInstant) -> Bool {
        guard waiting.hasRoom(for: samples.count), !isStalled, !isSuspended, pending == nil,
            ingress.isQuiet(samples)
        else { return false }
        waiting.append(samples, at: now)
        return true
    }

    /// Hears what was put aside, each packet as of its arrival.
    func takeWaiting() {
        guard !waiting.isEmpty else { return }
        // Taken out for the moment: else each access to the call would find it in use.
        var packets = WaitingPackets()
        swap(&packets, &waiting)
        var offset = 0
        for index in 0..<packets.count {
            let end = offset + packets.length(index)
            let now = packets.arrival(index)
            beginArrival(of: end - offset, at: now)
            listen(to: packets.audio.extracting(offset..<end), at: now)
            offset = end
        }
        packets.clear()
        swap(&packets, &waiting)
    }

    private func beginArrival(of total: Int, at now: MediaInstant) {
        noteArrival(at: now)
        ingress.beginArrival(frames: total, farIsHeard: farBlockIsAudible, now: now)
        playout?.farEndAnchor.observe(ingress.clock.origin ?? now, at: ingress.end)
    }

    private func listen(to samples: Span<Int16>, at now: MediaInstant) {
        var far: [Int16] = []
        swap(&far, &farBlock)
        var offset = 0
        while offset < samples.count {
            let count = min(samples.count - offset, ingress.blockRemainder)
            var heard = HeardBlock()
            if count == ingress.blockRemainder {
                heard = hear(into: &far, at: now)
            }
            let decision = ingress.consume(
                samples.extracting(offset..<(offset + count)),
                far: far.span.extracting(0..<(heard.isAudible ? far.count : 0)),
                mayInterrupt: heard.mayBeInterrupted)
            offset += count
            playout?.cleanAudio(of: &ingress)
            if let decision { note(decision, heard, at: now) }
        }
        farBlock = far
    }

    /// The platform says that its stream is at `position` now: audio in between is missing.
    ///
    /// A gap of up to a second is filled with silence; a longer one is a jump of the timeline. A
    /// position that lies behind is ignored.
    /// - Returns: samples that were missing; negative when the position lies behind.
    @discardableResult
    public func moveTimeline(to position: SamplePosition, now: MediaInstant) -> Int {
        if position == ingressPosition { return 0 }
        takeWaiting()
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
    public var ingressPosition: SamplePosition {
        ingress.end.advanced(by: waiting.sampleCount)
    }

    /// The platform has stopped its audio on purpose: no stall is reported until it goes on.
    public func suspendIngress() {
        takeWaiting()
        isSuspended = true
    }

    /// The platform's audio goes on.
    public func resumeIngress(now: MediaInstant) {
        guard isSuspended else { return }
        isSuspended = false
        noteArrival(at: now)
        ingress.restartClock(now: now)
    }

    /// The platform says that the caller pressed a key.
    ///
    /// Keys are heard in the audio as well; a press that came both ways is told once.
    public func receive(_ digit: DTMFDigit, now: MediaInstant) {
        let mayInterrupt = playout?.isInterruptible(at: now) ?? false
        note(digit, from: .signalled, mayInterrupt: mayInterrupt, at: now)
    }

    /// What the bot expects the caller to say next.
    public func expect(_ input: ExpectedSpeech) {
        ingress.expect(input)
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
            filled = nil
            ingress.endDelivery()
            events.append(.turnEnded(turn))
        }
    }

    private var currentTurn: TurnID { TurnID(number: turnCount) }

    private func note(_ decision: SpeechDecision, _ heard: HeardBlock, at now: MediaInstant) {
        if let change = decision.change {
            note(change, at: now)
        }
        if let evidence = decision.bargeIn {
            note(evidence, at: now)
        }
        if let digit = decision.digit {
            note(digit, from: .heard, mayInterrupt: heard.mayBeInterrupted, at: now)
        }
        if let fault = decision.fault {
            events.append(.streamFault(fault))
        }
    }

    private func note(
        _ digit: DTMFDigit, from source: DigitMatcher.Source, mayInterrupt: Bool,
        at now: MediaInstant
    ) {
        guard digits.isNew(digit, from: source, at: now) else { return }
        // While the bot is held there is nothing to be heard, and a key is no word of assent.
        if mayInterrupt || isHeld { clear(now: now) }
        events.append(.digit(digit))
    }

    // MARK: The far end

    /// What the caller heard during the block that is about to be completed.
    private func hear(into far: inout [Int16], at now: MediaInstant) -> HeardBlock {
        let end = ingress.blockEnd
        guard let place = playout?.farEndAnchor.place(of: end) else { return HeardBlock() }
        let offset = Int64(ingress.farEndOffset)
        var room = far.mutableSpan
        let start = place - offset - Int64(FarEndReference.blockLength)
        playout?.farEnd.seek(to: start)
        let isAudible = playout?.farEnd.read(from: start, into: &room) ?? false
        farBlockIsAudible = isAudible
        if isAudible { playout?.farEndAnchor.noteHeard(at: end) }
        // Voice during what may not be interrupted is no evidence: who goes on speaking into the
        // next response interrupts that one.
        let allowed = playout?.farEnd.allowsBargeIn(at: place - offset - 1) ?? false
        let mayBeInterrupted =
            allowed && (playout?.isInterruptible(at: now, offset: offset) ?? false)
        return HeardBlock(isAudible: isAudible, mayBeInterrupted: mayBeInterrupted)
    }

    /// Gives up what was heard before the caller's audio that is still to come.
    func releaseFarEnd(at now: MediaInstant) {
        let place = FarEndReference.place(of: now)
        let reached = playout?.farEndAnchor.place(of: ingress.end) ?? place
        // A stream that has stopped is not waited for.
        let longestDelay = Int64(FarEndReference.rate.samples(in: .milliseconds(2000)))
        playout?.farEnd.release(before: max(min(reached, place), place - longestDelay))
    }
}

/// What the caller heard of the bot during a block.
struct HeardBlock {
    var isAudible = false
    var mayBeInterrupted = false
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

extension Call {
    /// The current generation: every clear begins a new one.
    public var generation: Generation { playout?.generation ?? Generation(number: 0) }

    /// Whether the caller is hearing the bot, as far as is known.
    public func botIsAudible(at now: MediaInstant) -> Bool {
        playout?.isAudible(at: now) ?? false
    }

    /// Begins a response of the bot; it is heard after the ones begun before it.
    /// - Parameter allowsBargeIn: whether the caller's voice may interrupt it while it is heard.
    /// - Returns: nil when the platform takes no audio or 32 responses are pending.
    public func beginResponse(allowsBargeIn: Bool = true) -> ResponseID? {
        playout?.beginResponse(allowsBargeIn: allowsBargeIn, isFiller: false)
    }

    /// Begins a response that bridges the wait for an answer and is none: the caller's turn stays
    /// unanswered, and its bill names when the filler was heard.
    /// - Returns: nil as ``beginResponse(allowsBargeIn:)``.
    public func beginFiller() -> ResponseID? {
        playout?.beginResponse(allowsBargeIn: true, isFiller: true)
    }

    /// Whether the bot is at it: a response was begun and not ended.
    public var hasOpenResponse: Bool { playout?.hasOpenResponse ?? false }

    /// Queues bot audio, in any chunking and at any rate (one rate per response).
    /// - Returns: samples taken. Fewer than offered means that the queue is full: wait for
    ///   ``CallEvent/playoutWritable``. Zero with a free queue means that the response was cleared
    ///   or ended; the samples are counted and dropped.
    public func play(_ audio: borrowing LinearAudio, in response: ResponseID, now: MediaInstant)
        -> Int
    {
        playout?.accept(audio, in: response, now: now) ?? 0
    }

    /// Whether the response can still take audio: begun, not ended, not cleared.
    public func isOpen(_ response: ResponseID) -> Bool {
        guard let index = playout?.table.index(of: response) else { return false }
        return !(playout?.table.entries[index].isComplete ?? true)
    }

    /// Asks to be told when the caller has heard everything of `response` that was queued so far.
    /// - Returns: false when the response is over or 64 marks are pending.
    public func mark(_ mark: MarkID, in response: ResponseID) -> Bool {
        guard let index = playout?.table.index(of: response),
            let offset = playout?.table.entries[index].account.accepted
        else { return false }
        return playout?.marks.append(
            MarkList.Mark(id: mark, response: response, offset: offset)) ?? false
    }

    /// The bot has said everything of `response`.
    public func endResponse(_ response: ResponseID, now: MediaInstant) {
        playout?.endResponse(response, now: now)
        reportSent()
        progressPlayout(at: now)
    }

    /// Stops the bot at once: drops what is queued, tells the platform to drop what it has.
    ///
    /// No sample of an older generation is handed out after this returns.
    public func clear(now: MediaInstant) {
        guard playout != nil else { return }
        pending = nil
        let mayBePlaying = playout?.mayBePlaying ?? false
        playout?.clear(at: now)
        playout?.mayBePlaying = false
        if mayBePlaying {
            flushDue = generation
        }
        while let mark = playout?.marks.popFirst() {
            events.append(.mark(mark.id, mark.response, wasHeard: false))
        }
        reportFinished(at: now)
    }

    /// The account of a response that is not over, as known at `now`.
    public func account(of response: ResponseID, now: MediaInstant) -> ResponseAccount? {
        playout?.settle(at: now)
        guard let index = playout?.table.index(of: response) else { return nil }
        return playout?.table.entries[index].account
    }

    /// The next packet that is due, in the egress format.
    /// - Parameter output: room for the pacing profile's longest packet.
    /// - Returns: nil when none is due; otherwise call again.
    public func nextPacket(into output: inout MutableSpan<UInt8>, now: MediaInstant)
        -> OutboundPacket?
    {
        guard let outcome = playout?.nextPacket(into: &output, now: now) else { return nil }
        if let started = outcome.started {
            events.append(.responseStarted(started.response))
            if let turn = unanswered {
                if started.isFiller {
                    filled = now
                } else {
                    unanswered = nil
                    events.append(
                        .turnAnswered(
                            TurnBill(
                                turn: turn, response: started.response,
                                answered: started.accepted, sent: now, filled: filled)))
                }
            }
        }
        // Events are fetched after the packet: whoever hears of the end has all of the response.
        reportSent()
        return outcome.packet
    }

    /// Whether a response is unfinished or not wholly handed to the platform.
    public var hasUnsentResponses: Bool { playout?.hasUnsentResponses ?? false }

    /// Time until the caller will have heard all that is queued now, as far as is known.
    public func playoutRemainder(at now: MediaInstant) -> MediaDuration {
        playout?.remainder(at: now) ?? .zero
    }

    /// Whether nothing of the bot is queued or still to be heard.
    /// - Parameter needsConfirmation: the platform reports completed playback: wait for that, or
    ///   for two seconds beyond the estimate.
    public func playoutIsDone(at now: MediaInstant, needsConfirmation: Bool) -> Bool {
        guard let end = playout?.sentAudio.playheadEnd, let waiting = playout?.queue.count else {
            return true
        }
        guard waiting == 0, end <= now else { return false }
        let isConfirmed = !(playout?.mayBePlaying ?? false)
        return !needsConfirmation || isConfirmed || now - end >= .milliseconds(2000)
    }

    // MARK: What the platform says about playback

    /// The platform began to play what it was sent.
    public func playbackStarted(now: MediaInstant) {
        playout?.sentAudio.restart(at: now)
        playout?.farEnd.restart(at: now)
    }

    /// The platform has played all it had: what was sent is confirmed as heard.
    ///
    /// A report that crosses with audio sent in the last 300 ms speaks of what was there before;
    /// it is then left to the estimate.
    public func playbackCompleted(now: MediaInstant) {
        guard let lead = playout?.sentAudio.lead(at: now), lead <= .milliseconds(300) else {
            return
        }
        playout?.sentAudio.complete(at: now)
        playout?.farEnd.complete()
        playout?.settle(at: now, isConfirmed: true)
        playout?.mayBePlaying = false
        progressPlayout(at: now)
    }

    /// The platform asked for fewer packets: none leaves for `duration`.
    public func holdPackets(for duration: MediaDuration, now: MediaInstant) {
        playout?.budget.hold(for: duration, now: now)
    }

    // MARK: Progress

    func progressPlayout(at now: MediaInstant) {
        guard playout != nil else { return }
        playout?.settle(at: now)
        releaseFarEnd(at: now)
        while let dry = playout?.takeUnderrun(at: now) {
            events.append(.underrun(dry))
        }
        reportMarks()
        reportFinished(at: now)
        reportWritable()
    }

    private func reportSent() {
        while let response = playout?.takeSent() {
            events.append(.responseSent(response))
        }
    }

    private func reportMarks() {
        guard let count = playout?.table.count else { return }
        for index in 0..<count {
            guard let account = playout?.table.entries[index].account else { return }
            while let mark = playout?.marks.popReached(in: account.id, heard: account.heard) {
                events.append(.mark(mark, account.id, wasHeard: true))
            }
        }
    }

    private func reportFinished(at now: MediaInstant) {
        while let account = playout?.popFinished() {
            events.append(.responseEnded(account))
        }
    }

    private func reportWritable() {
        guard let hasRefused = playout?.hasRefused, hasRefused,
            let waiting = playout?.queue.count, let capacity = playout?.capacity,
            waiting <= capacity / 2
        else { return }
        playout?.hasRefused = false
        events.append(.playoutWritable)
    }
}

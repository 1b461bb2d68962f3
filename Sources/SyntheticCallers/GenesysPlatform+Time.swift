// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
internal import NIOCore

extension GenesysPlatform {
    package var deadline: MediaInstant? {
        mutating get {
            if isStale { refresh() }
            let earliest = min(frameAt, otherAt)
            return earliest == Self.never ? nil : earliest
        }
    }

    static var never: MediaInstant { MediaInstant(nanoseconds: .max) }

    /// Works out the deadlines; between two events only that of the next message moves.
    private mutating func refresh() {
        isStale = false
        frameAt = Self.never
        var earliest = timeoutAt ?? Self.never
        func consider(_ instant: MediaInstant?) {
            if let instant { earliest = min(earliest, instant) }
        }
        if phase == .active || phase == .opening { consider(hangUpAt) }
        if phase == .active {
            consider(pingAt)
            consider(playback?.emptyAt)
            if let media, let playback {
                frameAt = playback.instant(of: position + messageLength)
                consider(media.digitAt)
                consider(media.caller.deadline(timeline: playback, hearing: hears))
                consider(media.agent.deadline(timeline: playback, hearing: false))
            }
        }
        otherAt = earliest
    }

    /// Whether there is bot audio to wait for.
    private var hears: Bool { options.product == .connector && media?.channels != nil }

    package mutating func advance(to now: MediaInstant) {
        while let due = deadline, due <= now {
            // Audio first: it is from before whatever falls on the same instant.
            if frameAt == due {
                frameAt = due + options.limits.messageDuration
                sendAudio(due: due, at: now)
            } else {
                step(due, at: now)
                isStale = true
            }
        }
    }

    /// Does what `due` stands for, and with it removes it from the deadlines. What falls on the same
    /// instant follows one after the other.
    private mutating func step(_ due: MediaInstant, at now: MediaInstant) {
        if timeoutAt == due {
            timeoutAt = now + grace(due, now)
            return timeoutAt == now ? timedOut(at: now) : ()
        }
        if hangUpAt == due {
            hangUpAt = nil
            log.note(.caller, "gives up", "the time for the call is over", at: now)
            return hangUp(at: now)
        }
        if pingAt == due {
            pingAt = now + grace(due, now)
            return pingAt == now ? pingDue(at: now) : ()
        }
        if playback?.emptyAt == due {
            _ = playback?.ranEmpty(by: due)
            log.note(.bot, "stops", at: due)
            return send("playback_completed")
        }
        if media?.digitAt == due { return sendDigit(at: due) }
        takeStep(due, at: now)
    }

    /// A platform that was held up itself blames no server for it: what the server has sent is not
    /// read yet, so its time runs longer by our own lateness.
    private func grace(_ due: MediaInstant, _ now: MediaInstant) -> MediaDuration {
        now - due > .milliseconds(250) ? now - due : .zero
    }

    /// Lets the party act that has something to do.
    private mutating func takeStep(_ due: MediaInstant, at now: MediaInstant) {
        guard var media = self.media, var playback = self.playback else { return }
        let callerActs = media.caller.deadline(timeline: playback, hearing: hears) == due
        let hears = hears
        self.media = nil
        self.playback = nil
        var action: CallerScript.Action?
        if callerActs {
            action = media.caller.act(
                by: due, timeline: &playback, hearing: hears, log: &log)
        } else {
            _ = media.agent.act(by: due, timeline: &playback, hearing: false, log: &log)
        }
        self.media = media
        self.playback = playback
        if let action { perform(action, at: now) }
    }

    private mutating func perform(_ action: CallerScript.Action, at now: MediaInstant) {
        switch action {
        case .speak, .event: break
        case .dial(let digits):
            media?.digits.append(contentsOf: digits)
            if media?.digitAt == nil { media?.digitAt = now }
        case .hold: setClientPause(true, at: now)
        case .resume: setClientPause(false, at: now)
        case .changeLanguage(let language):
            updatesUnanswered += 1
            send("update", ["language": .string(language)])
            log.note(.platform, "updates", language, at: now)
        case .hangUp: hangUp(at: now)
        }
    }

    private mutating func sendDigit(at due: MediaInstant) {
        guard let digit = media?.digits.first else {
            media?.digitAt = nil
            return
        }
        media?.digits.removeFirst()
        media?.digitAt = due + .milliseconds(250)
        log.note(.caller, "dials", String(digit), at: due)
        if options.product == .connector {
            send("dtmf", ["digit": .string(String(digit))])
        }
    }

    // MARK: - Audio

    private mutating func sendAudio(due: MediaInstant, at now: MediaInstant) {
        guard var media else { return }
        self.media = nil
        defer { self.media = media }
        let first = media.caller.voice.position
        guard let channels = media.channels, !media.isPaused, first >= media.deliverFrom else {
            media.caller.voice.skip(messageLength)
            media.agent.voice.skip(messageLength)
            if keepsAudio {
                media.sent.append(
                    contentsOf: repeatElement(MuLaw.silence, count: messageLength))
            }
            return
        }
        if media.deliverFrom > 0 {
            self.media = media
            send("discarded", ["start": "PT0S", "discarded": .string(duration(first))])
            self.media = nil
            media.deliverFrom = 0
        }
        let audio = message(channels, &media)
        log.sent(audio.readableBytes, due: due, at: now)
        outputs.append(.binary(audio, on: 0))
    }

    private func message(
        _ channels: GenesysCallOptions.Channels, _ media: inout Media
    ) -> ByteBuffer {
        let first = media.caller.voice.position
        var external = media.caller.voice.next(messageLength)
        if let echo = script.echo, let playback {
            echo.add(to: &external, from: 0, position: first, heard: playback)
        }
        if keepsAudio { media.sent.append(contentsOf: external.readableBytesView) }
        guard channels != .external else {
            media.agent.voice.skip(messageLength)
            return external
        }
        let `internal` = media.agent.voice.next(messageLength)
        guard channels == .both else { return `internal` }
        var both = ByteBufferAllocator().buffer(capacity: 2 * messageLength)
        for (left, right) in zip(external.readableBytesView, `internal`.readableBytesView) {
            both.writeInteger(UInt16(left) << 8 | UInt16(right))
        }
        return both
    }

    // MARK: - Ping and time limits

    private mutating func pingDue(at now: MediaInstant) {
        guard openPing == nil else {
            return fail(.pongTimeout, "No pong before the next ping was due", at: now)
        }
        sendPing(at: now)
    }

    mutating func sendPing(at now: MediaInstant) {
        send("ping", roundTrip.map { ["rtt": .string(GenesysDuration.text($0))] } ?? [:])
        openPing = (sequence, now)
        pingAt = now + options.limits.pingInterval
    }

    private mutating func timedOut(at now: MediaInstant) {
        timeoutAt = nil
        switch phase {
        case .opening:
            fail(.openTimeout, "No opened within \(options.limits.openTimeout.seconds) s", at: now)
        case .closing:
            let limit = options.limits.closeTimeout.seconds
            log.violation(.closeTimeout, "No closed within \(limit) s", at: now)
            log.end(.failed, "No closed")
            leave(at: now)
        case .leaving:
            log.violation(.socketNotClosed, "The server does not close the WebSocket", at: now)
            outputs.append(.abort(0))
            finish(at: now)
        case .idle, .connecting, .active, .finished: break
        }
    }
}

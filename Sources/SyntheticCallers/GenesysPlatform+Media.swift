// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
package import NIOCore

extension GenesysPlatform {
    mutating func open(
        _ opened: GenesysServerMessage.Opened, at now: MediaInstant
    ) throws(GenesysFault) {
        let channels = try selected(opened.media)
        if opened.languages != nil, !options.asksForLanguages {
            fail(.parameters, "supportedLanguages was not asked for", at: now)
            guard phase == .opening else { return }
        }
        let media = channels.map { "PCMU \($0.names.joined(separator: "+"))" } ?? "no media"
        log.note(.server, "opened", media, at: now)
        phase = .active
        timeoutAt = nil
        guard !options.isProbe else {
            log.end(.byCaller, "probe")
            return beginClose("end", at: now)
        }
        let origin = log.mediaOrigin(now)
        playback = PlaybackBuffer(
            origin: origin, keepsAudio: keepsAudio || script.echo != nil)
        let phaseOfNoise = Int(truncatingIfNeeded: options.seed & 0xFFFF)
        self.media = Media(
            channels: channels,
            caller: CallParty(.caller, script: script, origin: origin, phase: phaseOfNoise),
            agent: CallParty(
                .agent, script: agentScript, origin: origin, phase: phaseOfNoise + 9973))
        if let discardTo = opened.discardTo {
            self.media?.deliverFrom = SampleRate.hz8000.samples(in: discardTo)
        }
        pingAt = now + options.limits.firstPing
        if opened.startPaused { setServerPause(true, at: now) }
    }

    /// The server picks one offer as it was made, or none.
    private func selected(
        _ media: [JSONValue]
    ) throws(GenesysFault) -> GenesysCallOptions.Channels? {
        guard let choice = media.first else { return nil }
        guard media.count == 1 else {
            throw GenesysFault(.selectedMedia, "\(media.count) media were selected")
        }
        let names = ["type", "format", "channels", "rate"]
        for (channels, offer) in zip(options.offers, options.offeredMedia)
        where names.allSatisfy({ choice[$0] == offer[$0] }) {
            return channels
        }
        throw GenesysFault(.selectedMedia, "\(choice.serialized) was not offered")
    }

    package mutating func received(
        binary: ByteBuffer, on connection: Int, at now: MediaInstant
    ) {
        advance(to: now)
        isStale = true
        let size = binary.readableBytes
        log.counts.binaryReceived += 1
        log.counts.bytesReceived += size
        switch phase {
        case .active: break
        case .closing:
            // What crosses our close on the way is in order, and unheard.
            guard options.product == .monitor else { return }
        case .leaving:
            return fail(.unexpectedBinary, "Audio after closed", at: now)
        case .idle, .connecting, .opening, .finished:
            return fail(.unexpectedBinary, "Audio before opened", at: now)
        }
        guard options.product == .connector else {
            return fail(.unexpectedBinary, "Audio in a Monitor session", at: now)
        }
        guard media?.channels != nil else {
            return fail(.unexpectedBinary, "Audio, but no media was selected", at: now)
        }
        guard size > 0, size <= options.limits.binaryBytes else {
            return fail(.binarySize, "A binary message of \(size) bytes", at: now)
        }
        if let throttledAt, now >= throttledAt + Self.inFlight,
            now < throttledAt + options.limits.retryAfter
        {
            fail(.ignoredRetryAfter, "Audio although retryAfter has not passed", at: now)
        }
        if !binaryBucket.take(at: now) { throttle(.binaryRate, at: now) }
        play(binary, at: now)
    }

    private mutating func play(_ audio: ByteBuffer, at now: MediaInstant) {
        guard var playback else { return }
        let known = (playback.responses.count, playback.underruns.count)
        self.playback = nil
        let starts = playback.receive(audio, at: now)
        self.playback = playback
        if playback.responses.count > known.0, let response = playback.responses.last {
            log.note(.bot, "speaks", at: playback.instant(of: response.start))
        }
        if playback.underruns.count > known.1, let underrun = playback.underruns.last {
            log.note(
                .bot, "underrun", "\(underrun.length / 8) ms",
                at: playback.instant(of: underrun.start))
        }
        if starts { send("playback_started") }
    }

    /// Messages that were under way when our error 429 left.
    static let inFlight = MediaDuration.milliseconds(250)

    /// Error 429: reported, and told to the server once per `retryAfter`.
    mutating func throttle(_ rule: Violation.Rule, at now: MediaInstant) {
        let rate = rule == .binaryRate ? options.limits.binaryRate : options.limits.textRate
        fail(rule, "More than \(rate.sustained) a second after a burst of \(rate.burst)", at: now)
        guard phase == .active else { return }
        if let throttledAt, now < throttledAt + options.limits.retryAfter { return }
        throttledAt = now
        send(
            "error",
            [
                "code": 429, "message": "Rate limit exceeded",
                "retryAfter": .string(GenesysDuration.text(options.limits.retryAfter)),
            ])
    }

    // MARK: - Pause

    /// `pause` and `resume` also ask for the state: each gets an answer.
    mutating func setServerPause(_ paused: Bool, at now: MediaInstant) {
        guard phase == .active, var media else { return }
        let was = media.isPaused
        media.isPausedByServer = paused
        changePause(&media, was: was, answers: true)
        log.note(.server, paused ? "pauses" : "resumes", at: now)
        self.media = media
    }

    mutating func setClientPause(_ paused: Bool, at now: MediaInstant) {
        guard phase == .active, var media else { return }
        let was = media.isPaused
        media.isPausedByClient = paused
        changePause(&media, was: was, answers: false)
        log.note(.platform, paused ? "holds" : "takes up", at: now)
        self.media = media
    }

    private mutating func changePause(_ media: inout Media, was: Bool, answers: Bool) {
        if media.isPaused, !was { media.pausedFrom = position }
        guard answers || media.isPaused != was else { return }
        if media.isPaused { return send("paused") }
        let start = was ? media.pausedFrom : position
        send(
            "resumed",
            [
                "start": .string(duration(start)),
                "discarded": .string(duration(position - start)),
            ])
    }
}

extension GenesysPlatform.Media {
    var isPaused: Bool { isPausedByServer || isPausedByClient }
}

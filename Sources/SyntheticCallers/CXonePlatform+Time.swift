// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
internal import NIOCore

extension CXonePlatform {
    package var deadline: MediaInstant? {
        mutating get {
            guard !isFinished else { return nil }
            if isStale { refresh() }
            let earliest = min(frameAt, otherAt)
            return earliest == Self.never ? nil : earliest
        }
    }

    static var never: MediaInstant { MediaInstant(nanoseconds: .max) }

    /// Works out the deadlines; between two events only that of the next frame moves.
    private mutating func refresh() {
        isStale = false
        var earliest = hangUpAt ?? Self.never
        for stream in streams {
            if let timeoutAt = stream.timeoutAt { earliest = min(earliest, timeoutAt) }
        }
        frameAt = Self.never
        // After the hang-up only the connections are left to wait for.
        if let timeline, let contact, hangUpAt != nil {
            frameAt = timeline.instant(of: contact.voice.position + messageLength)
            for party in [contact, agent] {
                guard let due = party?.deadline(timeline: timeline, hearing: false) else {
                    continue
                }
                earliest = min(earliest, due)
            }
        }
        otherAt = earliest
    }

    package mutating func advance(to now: MediaInstant) {
        while let due = deadline, due <= now {
            // Audio first: it is from before whatever falls on the same instant.
            if frameAt == due {
                sendAudio(due: due, at: now)
            } else {
                step(due, at: now)
                isStale = true
            }
        }
    }

    private mutating func step(_ due: MediaInstant, at now: MediaInstant) {
        if let index = streams.firstIndex(where: { $0.timeoutAt == due }) {
            // Held up ourselves, we have not read what the server sent: its time runs longer.
            if now - due > .milliseconds(250) {
                streams[index].timeoutAt = now + (now - due)
                return
            }
            return timedOut(index, at: now)
        }
        if hangUpAt == due {
            log.note(.caller, "gives up", "the time for the call is over", at: now)
            return hangUp(at: now)
        }
        guard var timeline else { return }
        if contact?.deadline(timeline: timeline, hearing: false) == due {
            let action = contact?.act(by: due, timeline: &timeline, hearing: false, log: &log)
            if let action { perform(action, at: now) }
            return
        }
        _ = agent?.act(by: due, timeline: &timeline, hearing: false, log: &log)
    }

    private mutating func perform(_ action: CallerScript.Action, at now: MediaInstant) {
        switch action {
        // Keys are tones in the audio here and languages are fixed: nothing to send.
        case .speak, .dial, .changeLanguage, .event: break
        case .hold: hold(at: now)
        case .resume: resume(at: now)
        case .hangUp: hangUp(at: now)
        }
    }

    private mutating func hold(at now: MediaInstant) {
        log.note(.platform, "holds", "\(options.holdStyle)", at: now)
        for index in streams.indices where streams[index].phase == .streaming {
            switch options.holdStyle {
            case .silent: streams[index].phase = .silent
            case .closing:
                outputs.append(.close(code: 1000, on: streams[index].connection))
                streams[index].phase = .held
            case .dropping:
                outputs.append(.abort(streams[index].connection))
                streams[index].phase = .held
            }
        }
    }

    private mutating func resume(at now: MediaInstant) {
        log.note(.platform, "takes up", at: now)
        for index in streams.indices {
            if streams[index].phase == .silent { streams[index].phase = .streaming }
            if streams[index].phase == .held { connect(index) }
        }
    }

    // MARK: - Audio

    /// One frame of both voices, to every stream that runs.
    private mutating func sendAudio(due: MediaInstant, at now: MediaInstant) {
        frameAt = due + options.limits.frameDuration
        let running = streams.contains { $0.phase == .streaming }
        guard running else {
            contact?.voice.skip(messageLength)
            agent?.voice.skip(messageLength)
            if keepsAudio {
                let silence = repeatElement(MuLaw.silence, count: messageLength)
                sent.caller.append(contentsOf: silence)
                sent.bot.append(contentsOf: silence)
            }
            return
        }
        let contactFrame = contact?.voice.next(messageLength) ?? ByteBuffer()
        let agentFrame = agent?.voice.next(messageLength) ?? ByteBuffer()
        if keepsAudio {
            sent.caller.append(contentsOf: contactFrame.readableBytesView)
            sent.bot.append(contentsOf: agentFrame.readableBytesView)
        }
        if log.keepsTimeline { log.generator.record(now - due) }
        for stream in streams where stream.phase == .streaming {
            let frame =
                switch stream.perspective {
                case .tx: contactFrame
                case .rx: agentFrame
                case .mix: Self.mixed(contactFrame, agentFrame)
                }
            log.counts.binarySent += 1
            log.counts.bytesSent += frame.readableBytes
            outputs.append(.binary(frame, on: stream.connection))
        }
    }

    private static func mixed(_ left: ByteBuffer, _ right: ByteBuffer) -> ByteBuffer {
        let linear = MuLaw.linear
        var mix = ByteBufferAllocator().buffer(capacity: left.readableBytes)
        for (one, other) in zip(left.readableBytesView, right.readableBytesView) {
            let sum = Int(linear[Int(one)]) + Int(linear[Int(other)])
            mix.writeInteger(MuLaw.encode(Int16(clamping: sum)))
        }
        return mix
    }

    private mutating func timedOut(_ index: Int, at now: MediaInstant) {
        let stream = streams[index]
        streams[index].timeoutAt = nil
        streams[index].phase = .closed
        outputs.append(.abort(stream.connection))
        switch stream.phase {
        case .greeting:
            log.violation(.replyTimeout, "No reply on \(stream.perspective.name)", at: now)
            log.end(.failed, "No reply")
            closeAll(at: now)
        case .refused:
            log.violation(.refusalNotClosed, "ERROR, but the WebSocket stays open", at: now)
            finishWhenClosed(at: now)
        default:
            log.violation(.socketNotClosed, "The server does not close the WebSocket", at: now)
            finishWhenClosed(at: now)
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
internal import NIOCore

extension WebexPlatform {
    package var deadline: MediaInstant? {
        let earliest = min(frameAt, otherAt)
        return earliest == MediaInstant(nanoseconds: .max) ? nil : earliest
    }

    /// Works out the earliest deadline besides that of the next frame. Frames alone change none,
    /// so that a call between two events costs one comparison every 20 ms.
    mutating func refresh() {
        var earliest = MediaInstant(nanoseconds: .max)
        func consider(_ instant: MediaInstant?) {
            if let instant { earliest = min(earliest, instant) }
        }
        for rpc in rpcs { consider(rpc.timeoutAt) }
        if phase == .active || phase == .ending { consider(playback.emptyAt) }
        if phase == .active {
            consider(hangUpAt)
            consider(noInputAt)
            consider(keys.pressAt)
            consider(keys.completeAt)
            consider(caller.deadline(timeline: playback, hearing: true))
        }
        otherAt = earliest
    }

    package mutating func advance(to now: MediaInstant) {
        while phase != .finished {
            // Audio first: it is from before whatever falls on the same instant.
            if frameAt <= otherAt, frameAt <= now {
                tick(at: now)
            } else if otherAt <= now {
                step(otherAt, at: now)
                refresh()
            } else {
                return
            }
        }
        otherAt = MediaInstant(nanoseconds: .max)
    }

    private mutating func step(_ due: MediaInstant, at now: MediaInstant) {
        if let rpc = rpcs.first(where: { $0.timeoutAt == due }) {
            // Held up ourselves, we have not read what the server sent: its time runs longer.
            if now - due > .milliseconds(250) {
                return update(rpc.number) { $0.timeoutAt = now + (now - due) }
            }
            return timedOut(rpc.number, at: now)
        }
        if playback.emptyAt == due {
            _ = playback.ranEmpty(by: due)
            log.note(.bot, "stops", at: due)
            return finishWhenQuiet(at: now)
        }
        if hangUpAt == due {
            hangUpAt = nil
            log.note(.caller, "gives up", "the time for the call is over", at: now)
            return hangUp(at: now)
        }
        if noInputAt == due { return tellNoInput(at: due) }
        if keys.completeAt == due { return completeKeys(at: due) }
        if keys.pressAt == due { return pressKey(at: due) }
        guard phase == .active,
            caller.deadline(timeline: playback, hearing: true) == due,
            let action = caller.act(by: due, timeline: &playback, hearing: true, log: &log)
        else { return }
        perform(action, at: now)
    }

    private mutating func perform(_ action: CallerScript.Action, at now: MediaInstant) {
        switch action {
        case .speak, .hold, .resume, .changeLanguage: break
        case .dial(let digits): dial(digits, at: now)
        case .event(let name, let values): tell(name, values, at: now)
        case .hangUp: hangUp(at: now)
        }
    }

    // MARK: - Audio

    /// One frame of the caller is complete.
    private mutating func tick(at now: MediaInstant) {
        let due = frameAt
        frameAt = due + options.limits.frameDuration
        guard phase == .active else {
            frameAt = MediaInstant(nanoseconds: .max)
            return
        }
        // What ended before this frame is looked at as of its end, however late we are.
        if audioRPC == nil || noInputAt == nil, !isInSpeech { considerInput(at: due) }
        guard let audioRPC, allowsInput(at: due) else {
            caller.voice.skip(frameLength)
            if keepsAudio {
                sent.append(contentsOf: repeatElement(MuLaw.silence, count: frameLength))
            }
            return
        }
        let start = outputs.octets.writerIndex
        request.writeAudioHead(frameLength, into: &outputs.octets)
        let audio = outputs.octets.writerIndex
        let first = caller.voice.position
        caller.voice.write(frameLength, into: &outputs.octets)
        if let echo = script.echo {
            echo.add(to: &outputs.octets, from: audio, position: first, heard: playback)
        }
        let end = outputs.octets.writerIndex
        outputs.items.append(.send(start..<end, on: audioRPC))
        if keepsAudio {
            sent.append(contentsOf: outputs.octets.readableBytesView[audio..<end])
        }
        log.sent(frameLength, due: due, at: now)
    }
}

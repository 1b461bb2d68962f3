// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import JSON
internal import MediaEngine
internal import MediaServer

extension RealtimeExchange {
    mutating func receive(audio: [Int16], at now: MediaInstant) {}

    mutating func receiveInvalidAudio(at now: MediaInstant) {}

    mutating func note(queued: MediaDuration, at now: MediaInstant) {}

    mutating func handle(_ event: CallEvent, at now: MediaInstant) {
        switch event {
        case .turnEnded where options.turnDetection == .sidetone: turnEnded(at: now)
        case .digit(let digit):
            keys.append(digit.key)
            keysUntil = now + (digit.key == "#" ? .zero : Self.keyPause)
        default: break
        }
    }

    /// The caller's turn is over by our own reckoning.
    private mutating func turnEnded(at now: MediaInstant) {
        guard phase == .ready else {
            expecting = now
            return
        }
        flushAudio()
        guard uncommitted > 0 else { return }
        uncommitted = 0
        cancel()
        send("input_audio_buffer.commit")
        askForResponse(at: now)
    }

    mutating func handle(_ input: PlatformInput, at now: MediaInstant) {
        guard phase == .ready else { return }
        switch input {
        case .noInput:
            cancel()
            send(message: "The caller said nothing.", role: "user")
            askForResponse(at: now)
        case .digitsCompleted: keysUntil = keys.isEmpty ? nil : now
        case .custom: actions.append(.listen(InputExpectation()))
        }
    }

    mutating func handle(_ report: PlaybackReport, at now: MediaInstant) {
        switch report {
        case .cleared:
            // The far side stopped by itself when it was the one that heard the caller.
            if let active {
                if serverInterrupts {
                    forget(active)
                    self.active = nil
                } else {
                    cancel()
                }
            }
            serverInterrupts = false
        case .ended(let number, let account): ended(number, account)
        case .started, .mark, .refused: break
        }
    }

    /// What the caller did not hear was not said: the far side takes it out of what it remembers.
    private mutating func ended(_ number: Int, _ account: PlaybackAccount) {
        guard let index = items.firstIndex(where: { $0.number == number }) else { return }
        let item = items.remove(at: index)
        forget(item.id)
        let received = Int64(input.rate.duration(of: item.received).milliseconds)
        guard account.wasCleared, phase == .ready, account.heard < received else { return }
        send(
            "conversation.item.truncate",
            JSONObject([
                .init(name: "item_id", value: .string(item.id)),
                .init(name: "content_index", value: .integer(item.contentIndex)),
                .init(name: "audio_end_ms", value: .integer(account.heard)),
            ]), as: .truncate)
    }

    mutating func advance(to now: MediaInstant) {
        switch phase {
        case .opening(let until), .updating(let until):
            guard until <= now else { break }
            phase = .away
            actions.append(.close(code: 1001, reason: "no answer in time"))
        case .away, .ready: break
        }
        if let since = expecting, phase == .ready, since + Self.patience <= now {
            retry(at: now)
        }
        if let until = keysUntil, until <= now, phase == .ready {
            let pressed = keys
            keys = ""
            keysUntil = nil
            cancel()
            send(message: "The caller pressed \(pressed)", role: "user")
            askForResponse(at: now)
        }
    }
}

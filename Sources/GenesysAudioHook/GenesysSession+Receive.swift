// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

extension GenesysSession {
    /// Takes one text message of the client.
    public mutating func receive(text: String, at now: MediaInstant) -> [GenesysAction] {
        lastHeardAt = now
        guard state.isLive else { return receiveAfterEnd(text, at: now) }
        do throws(GenesysViolation) {
            let envelope = try GenesysEnvelope(text)
            guard envelope.id == identity.sessionID else { throw .identifierMismatch }
            guard envelope.sequence == clientSequence + 1 else { throw .invalidSequence }
            guard envelope.serverSequence <= serverSequence else { throw .invalidServerSequence }
            clientSequence = envelope.sequence
            if state == .preparing, envelope.type != "open" { throw .firstMessageNotOpen }
            return receive(
                try GenesysClientMessage(envelope), position: envelope.position, at: now)
        } catch {
            return violate(error, at: now)
        }
    }

    /// Takes one binary message of `byteCount` bytes. No allocation unless it is refused.
    public mutating func receiveAudio(
        byteCount: Int, at now: MediaInstant
    ) -> GenesysAudioVerdict {
        lastHeardAt = now
        switch state {
        case .active: break
        case .preparing, .opening: return .refused(violate(.audioBeforeOpened, at: now))
        case .paused: return .refused(violate(.audioWhilePaused, at: now))
        case .closing: return .refused(violate(.audioAfterClose, at: now))
        case .closed, .signaledError, .unauthorized, .disconnected, .finalizing: return .ignored
        }
        guard let format = media?.format else {
            return .refused(violate(.audioWithoutMedia, at: now))
        }
        let (frameCount, rest) = byteCount.quotientAndRemainder(dividingBy: format.bytesPerFrame)
        guard rest == 0 else { return .refused(violate(.partialFrame, at: now)) }
        let start = position
        position = start.advanced(by: frameCount)
        longestMessage = max(longestMessage, frameCount)
        return .accepted(at: start, frameCount: frameCount)
    }

    /// After a `disconnect` only `ping` and `close` are answered, and the sequence rules rest: the
    /// client may not have seen what broke them.
    private mutating func receiveAfterEnd(_ text: String, at now: MediaInstant) -> [GenesysAction] {
        guard state != .finalizing else { return [] }
        guard state != .closed, let envelope = try? GenesysEnvelope(text),
            envelope.id == identity.sessionID
        else { return [.violated(.ignoredAfterEnd)] }
        switch envelope.type {
        case "ping":
            clientSequence = envelope.sequence
            return [message("pong")]
        case "close":
            clientSequence = envelope.sequence
            enter(.closed, at: now)
            return [message("closed")]
        default:
            return []
        }
    }

    private mutating func receive(
        _ message: GenesysClientMessage, position stated: MediaDuration, at now: MediaInstant
    ) -> [GenesysAction] {
        var actions: [GenesysAction] = []
        switch message {
        case .open(let open):
            return receive(open, at: now)
        case .ping(let roundTrip):
            actions.append(self.message("pong"))
            self.roundTrip = roundTrip ?? self.roundTrip
            reconcile(stated, &actions)
        case .discarded(let start, let length):
            guard state == .active || state == .paused else { return unexpected(at: now) }
            move(to: start + length, .discarded, &actions)
        case .resumed(let start, let discarded):
            return receiveResumed(at: start + discarded, now)
        case .paused:
            reconcile(stated, &actions)
            receivePaused(&actions, now)
        case .close(let reason):
            reconcile(stated, &actions)
            receiveClose(reason, &actions, now)
        case .error(let code, let text, let retryAfter):
            if code == 429 {
                let pause = min(
                    max(retryAfter ?? .zero, GenesysPolicy.throttleFloor),
                    GenesysPolicy.throttleCeiling)
                pacer.slowDown(for: pause, at: now)
                actions.append(.throttled(retryAfter: pause))
            } else {
                actions.append(.clientError(code: code, message: text))
            }
        case .update(let language):
            guard state == .active || state == .paused else { return unexpected(at: now) }
            actions.append(self.message("updated"))
            if let language { actions.append(.languageChanged(language)) }
            reconcile(stated, &actions)
        case .digit, .playbackStarted, .playbackCompleted:
            guard mode == .connector, state == .active || state == .paused else {
                return unexpected(at: now)
            }
            reconcile(stated, &actions)
            receiveConnectorMessage(message, &actions)
        }
        return actions
    }

    private mutating func unexpected(at now: MediaInstant) -> [GenesysAction] {
        violate(.unexpectedMessage, at: now)
    }

    private mutating func receiveConnectorMessage(
        _ message: GenesysClientMessage, _ actions: inout [GenesysAction]
    ) {
        switch message {
        case .digit(let digit?):
            actions.append(.digit(digit))
        case .digit(nil):
            actions.append(.violated(.unknownDigit))
        case .playbackStarted:
            isPlaying = true
            actions.append(.playbackStarted)
        case .playbackCompleted:
            isPlaying = false
            actions.append(.playbackCompleted)
        default:
            preconditionFailure("Only the messages of Audio Connector come here")
        }
    }

    private mutating func receivePaused(_ actions: inout [GenesysAction], _ now: MediaInstant) {
        switch state {
        case .active:
            enter(.paused, at: now)
            isPauseAnswerDue = false
            actions.append(.paused)
        case .paused where isPauseAnswerDue:
            // Our `resume` does not lift a pause of the client's own.
            isPauseAnswerDue = false
        default:
            actions.append(.violated(.unexpectedPauseState))
        }
    }

    private mutating func receiveResumed(
        at place: MediaDuration, _ now: MediaInstant
    ) -> [GenesysAction] {
        var actions: [GenesysAction] = []
        switch state {
        case .paused:
            enter(.active, at: now)
            isPauseAnswerDue = false
            move(to: place, .resumed, &actions)
            actions.append(.resumed)
        case .active where isPauseAnswerDue:
            isPauseAnswerDue = false
        default:
            actions.append(.violated(.unexpectedPauseState))
        }
        return actions
    }

    private mutating func receiveClose(
        _ reason: GenesysCloseReason?, _ actions: inout [GenesysAction], _ now: MediaInstant
    ) {
        if reason == nil { actions.append(.violated(.unknownCloseReason)) }
        guard state != .closing else {
            actions.append(.violated(.unexpectedMessage))
            return
        }
        let mayFlush = hasCall && state != .opening
        enter(.closing, at: now)
        endCall(.closedByClient(reason), &actions)
        // Without a call that could have last events there is nothing to wait for.
        if !mayFlush { actions += finish(at: now) }
    }
}

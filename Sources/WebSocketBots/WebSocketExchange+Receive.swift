// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaServer

extension WebSocketExchange {
    mutating func receive(text: String, at now: MediaInstant) {
        guard takeToken(at: now) else {
            return refuse(
                BotError(
                    .tooManyMessages, "more than \(BotProtocol.messagesPerSecond) a second"))
        }
        do throws(BotError) {
            try take(BotMessage(parsing: text))
        } catch {
            refuse(error)
        }
    }

    private mutating func takeToken(at now: MediaInstant) -> Bool {
        let passed = tokensAt.map { (now - $0).seconds } ?? 0
        tokensAt = now
        tokens = min(
            Double(BotProtocol.messageBurst),
            tokens + passed * Double(BotProtocol.messagesPerSecond))
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Tells the bot what it did wrong; too much of it ends the conversation.
    mutating func refuse(_ error: BotError) {
        counters.add { $0.invalidMessages += 1 }
        errorCount += 1
        actions.append(.send(ServerMessage.error(error).text))
        if error.code == .readyTimeout {
            phase = .away
            actions.append(.close(code: 1008, reason: error.code.rawValue))
        } else if error.code.isFatal {
            actions.append(.fail(.misbehaved))
        } else if errorCount >= BotProtocol.errorLimit {
            actions.append(
                .send(
                    ServerMessage.error(BotError(.tooManyErrors, "\(errorCount) errors")).text))
            actions.append(.fail(.misbehaved))
        }
    }

    private mutating func take(_ message: BotMessage) throws(BotError) {
        switch (message, phase) {
        case (.ready(let output), .starting): return becomeReady(output)
        case (.ready, _): throw BotError(.alreadyReady, "'ready' is said once a connection")
        case (.error, _): break
        case (_, .ready): break
        default: throw BotError(.notReady, "the first message is 'ready'")
        }
        switch message {
        case .ready: break
        case .responseBegin(let name, let allowsBargeIn): try begin(name, allowsBargeIn)
        case .responseEnd(let name, let more): try end(name, more: more)
        case .mark(let name): try mark(name)
        case .clear:
            actions.append(.clear)
        case .veto(let interruption): actions.append(.veto(interruption))
        case .listen(let expectation): actions.append(.listen(expectation))
        case .report(let outcome): actions.append(.report(outcome))
        case .event(let event): actions.append(.tell(event))
        case .ending(let ending, let isAtOnce):
            actions.append(.end(ending, afterPlayout: !isAtOnce))
        case .error: actions.append(.fail(.failed))
        }
    }

    private mutating func begin(_ name: String, _ allowsBargeIn: Bool) throws(BotError) {
        guard !responses.contains(where: { $0.name == name }) else {
            throw BotError(.responseExists, "'\(name)' is not over")
        }
        guard responses.count < BotProtocol.liveResponseLimit else {
            throw BotError(
                .tooManyResponses, "\(BotProtocol.liveResponseLimit) are not over")
        }
        closeCurrent()
        responseCount += 1
        pastNames.removeAll { $0 == name }
        responses.append(Response(number: responseCount, name: name))
        current = responseCount
        isLate = false
        isOverWindow = false
        actions.append(.begin(responseCount, allowsBargeIn: allowsBargeIn))
    }

    /// A response ends where the next one begins.
    private mutating func closeCurrent() {
        guard let index = responses.firstIndex(where: { $0.number == current }) else { return }
        responses[index].isOpen = false
        actions.append(.finish(responses[index].number))
        current = nil
    }

    private mutating func end(_ name: String, more: Bool) throws(BotError) {
        guard let index = responses.firstIndex(where: { $0.name == name }) else {
            guard pastNames.contains(name) else {
                throw BotError(.unknownResponse, "there is no response '\(name)'")
            }
            // It was cleared on the way; there is nothing to end.
            isLate = false
            if !more { actions.append(.listen(InputExpectation())) }
            return
        }
        if responses[index].isOpen {
            responses[index].isOpen = false
            actions.append(.finish(responses[index].number))
        }
        if current == responses[index].number { current = nil }
        if !more { actions.append(.listen(InputExpectation())) }
    }

    private mutating func mark(_ name: String) throws(BotError) {
        guard let current, let response = responses.first(where: { $0.number == current }) else {
            if isLate {
                return tell(.mark(name, response: pastNames.last ?? "", wasHeard: false))
            }
            throw BotError(.noResponse, "a mark stands in a response")
        }
        guard marks.count < BotProtocol.liveMarkLimit else {
            throw BotError(.tooManyMarks, "\(BotProtocol.liveMarkLimit) are not reached")
        }
        markCount += 1
        marks.append((markCount, name, response.number))
        actions.append(.mark(markCount, in: response.number))
    }

    // MARK: The bot's audio

    mutating func receive(audio: [Int16], at now: MediaInstant) {
        guard case .ready = phase else {
            return refuse(BotError(.notReady, "the first message is 'ready'"))
        }
        received += audio.count
        guard let current else {
            if !isLate {
                refuse(BotError(.noResponse, "audio belongs to a response that was begun"))
            }
            return
        }
        let sent = Int64(output.rate.duration(of: received).milliseconds)
        guard sent <= granted else {
            let lost = Int(output.rate.duration(of: audio.count).milliseconds)
            counters.add { $0.refusedMilliseconds += lost }
            if !isOverWindow {
                isOverWindow = true
                refuse(BotError(.windowExceeded, "\(granted) ms are granted; audio was dropped"))
            }
            return
        }
        isOverWindow = false
        actions.append(.play(current, audio))
    }

    mutating func receiveInvalidAudio(at now: MediaInstant) {
        refuse(BotError(.invalidAudio, "a binary message is one packet of \(output.encoding)"))
    }

    mutating func note(queued: MediaDuration, at now: MediaInstant) {
        guard case .ready = phase else { return }
        let played = Int64((output.rate.duration(of: received) - queued).milliseconds)
        let due = max(0, played) + Int64(policy.window.milliseconds)
        // A word each time that an eighth of the window has come free.
        guard due - granted >= Int64(policy.window.milliseconds / 8) else { return }
        granted = due
        tell(.credit(granted: due))
    }
}

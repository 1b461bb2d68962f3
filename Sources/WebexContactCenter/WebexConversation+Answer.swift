// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine
public import MediaServer
internal import WebexMessages

/// The bot's side: audio, events, what it expects, the end.
extension WebexConversation {
    /// Makes the RPC the one that the bot's next words answer, instead of any other.
    mutating func answer(on id: WebexRPCID, at now: MediaInstant) {
        while let other = rpcs.firstIndex(where: { $0.isAnswering && $0.id != id }) {
            close(other, at: now)
        }
        guard let index = index(of: id) else { return }
        rpcs[index].isAnswering = true
        rpcs[index].deadline = max(now, playheadEnd) + WebexPolicy.answerPatience
        isDiscarding = false
        turnIsDue = false
        heldIsComplete = false
        answerHasPrompts = false
        guard mode == .chunk, !held.isEmpty else { return }
        let prompts = held
        dropHeld()
        for prompt in prompts {
            sendChunks(
                prompt.audio.span, allowsBargeIn: prompt.allowsBargeIn, on: index, at: now)
        }
    }

    /// Whether words for this RPC have to wait until the caller has finished.
    func holdsOutput(for index: Int) -> Bool {
        isInSpeech && isSpeechAnnounced && rpcs[index].isListening
    }

    /// Takes bot audio in the egress format.
    /// - Parameter response: the response it belongs to, whose audio is one prompt.
    public mutating func play(
        _ audio: Span<UInt8>, allowsBargeIn: Bool, response: ResponseID, at now: MediaInstant
    ) {
        guard state == .live, !isDiscarding, audio.count > 0 else { return }
        lastActivity = now
        guard let index = outputIndex(at: now) else {
            return hold(audio, allowsBargeIn: allowsBargeIn, response: response)
        }
        rpcs[index].deadline = max(now, playheadEnd) + WebexPolicy.answerPatience
        switch mode {
        case .wav: hold(audio, allowsBargeIn: allowsBargeIn, response: response)
        case .chunk: sendChunks(audio, allowsBargeIn: allowsBargeIn, on: index, at: now)
        }
    }

    /// The RPC that carries the bot's words now. A bot that speaks unasked answers the RPC on which
    /// the caller is heard.
    private mutating func outputIndex(at now: MediaInstant) -> Int? {
        if let index = answeringIndex { return holdsOutput(for: index) ? nil : index }
        guard let index = listeningIndex, !holdsOutput(for: index) else { return nil }
        answer(on: rpcs[index].id, at: now)
        return index
    }

    private mutating func hold(
        _ audio: Span<UInt8>, allowsBargeIn: Bool, response: ResponseID
    ) {
        guard heldByteCount + audio.count <= WebexPolicy.maximumHeldBytes else {
            return actions.append(.noted(.heldAudioDropped))
        }
        heldByteCount += audio.count
        if held.last?.response != response.number {
            held.append(
                HeldPrompt(response: response.number, allowsBargeIn: allowsBargeIn, audio: []))
        }
        let last = held.count - 1
        held[last].audio.reserveCapacity(held[last].audio.count + audio.count)
        for index in audio.indices { held[last].audio.append(audio[index]) }
    }

    /// The engine has cleared the bot's audio: none of it may leave any more.
    public mutating func clear(at now: MediaInstant) {
        dropHeld()
        hasPlayed = false
        playheadEnd = min(playheadEnd, now)
    }

    /// The bot has said all it will say until the caller acts: the answer is complete.
    public mutating func listen(for expectation: InputExpectation, at now: MediaInstant) {
        if expectation != self.expectation {
            self.expectation = expectation
            chunkHead = Self.chunkHead(for: expectation)
        }
        guard state == .live else { return }
        guard !isDiscarding else {
            isDiscarding = false
            return
        }
        if let index = answeringIndex {
            if holdsOutput(for: index) {
                heldIsComplete = true
            } else {
                finishAnswer(index, at: now)
            }
        } else if turnIsDue || !held.isEmpty {
            heldIsComplete = true
        }
    }

    /// The bot's verdict on the turn: goes with the answer.
    public mutating func report(_ disposition: TurnOutcome.Disposition) {
        guard state == .live else { return }
        switch disposition {
        case .match: outcome = nil
        case .noMatch: outcome = Self.event(.noMatch)
        case .noInput: outcome = Self.event(.noInput)
        }
    }

    /// An event for the flow: goes with the next response of the answer, or alone and at once when
    /// the caller has the word.
    public mutating func send(_ event: CustomEvent, at now: MediaInstant) {
        guard state == .live else { return }
        let output = Self.event(.customEvent, name: event.name, values: event.values)
        if answeringIndex == nil, held.isEmpty, let index = listeningIndex,
            !holdsOutput(for: index)
        {
            return send(Self.response(mode == .chunk ? .chunk : .final, output), on: index)
        }
        guard events.count < WebexPolicy.maximumWaitingEvents else {
            return actions.append(.noted(.eventDropped))
        }
        events.append(output)
    }

    // MARK: The end

    /// The bot, or the server for it, ends the call.
    public mutating func end(_ ending: CallEnding, at now: MediaInstant) {
        guard state == .live else { return }
        self.ending = ending
        actions.append(.end(.botEnded))
        state = .leaving
        let index = answeringIndex ?? listeningIndex ?? rpcs.lastIndex { $0.hasRequest }
        if let index { sayEnd(index, at: now) }
    }

    /// Ends the call on an RPC: the last words, then the event, then nothing on any.
    mutating func sayEnd(_ index: Int, at now: MediaInstant) {
        guard let ending else { return }
        if mode == .chunk {
            let prompts = held
            dropHeld()
            for prompt in prompts {
                sendChunks(prompt.audio.span, allowsBargeIn: false, on: index, at: now)
            }
        }
        var response: WebexVoiceVAResponse
        switch ending.kind {
        case .completed:
            response = Self.response(
                .final, Self.event(.sessionEnd, values: ending.outputs))
        case .transfer(let destination):
            response = Self.response(
                .final,
                Self.event(.transferToAgent, name: destination, values: ending.outputs))
            Self.expect(expectation, in: &response)
        case .failed:
            var values = ending.outputs
            if !ending.info.isEmpty { values[WebexPolicy.failureReasonMember] = ending.info }
            events.append(
                Self.event(.customEvent, name: WebexPolicy.failureEventName, values: values))
            response = Self.response(.final, Self.event(.sessionEnd))
        }
        if let outcome { events.insert(outcome, at: 0) }
        for event in events {
            send(Self.response(mode == .chunk ? .chunk : .final, event), on: index)
        }
        response.prompts = takeWAVPrompts(allowBargeIn: false)
        if let transcript = ending.transcript { response.sessionTranscript.text = transcript }
        if let summary = ending.summary { response.sessionSummary.text = summary }
        send(response, on: index)
        complete(index)
        closeAll(at: now)
        enterEnded(at: now)
    }
}

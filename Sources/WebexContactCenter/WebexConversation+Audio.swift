// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import WebexMessages

/// The caller's audio and what the engine hears in it.
extension WebexConversation {
    static func isSupported(_ sampleRate: Int32) -> Bool {
        sampleRate == 0 || sampleRate == 8000 || sampleRate == 16000
    }

    /// Takes note of audio on an RPC that has had a request. No allocation, unless the audio is
    /// the first of its RPC or is refused.
    /// - Parameters:
    ///   - encoding: number of the encoding; unknown ones and zero mean the one named last.
    ///   - sampleRate: zero means the one named last.
    public mutating func receiveAudio(
        on id: WebexRPCID, encoding: Int32, sampleRate: Int32, byteCount: Int,
        at now: MediaInstant
    ) -> WebexAudioVerdict {
        guard state == .live, let index = index(of: id), !rpcs[index].isHalfClosed else {
            return .ignored
        }
        lastActivity = now
        guard Self.isSupported(sampleRate) else {
            refuse(index, .unsupportedRate)
            return .ignored
        }
        if (1...3).contains(encoding) {
            rpcs[index].encoding = encoding
            lastEncoding = encoding
        }
        if sampleRate != 0 {
            rpcs[index].sampleRate = sampleRate
            lastSampleRate = sampleRate
        }
        let format = Self.format(
            encoding: rpcs[index].encoding != 0 ? rpcs[index].encoding : lastEncoding,
            sampleRate: rpcs[index].sampleRate != 0 ? rpcs[index].sampleRate : lastSampleRate)
        if !rpcs[index].isListening { beginListening(index, at: now) }
        guard byteCount > WebexPolicy.longestIgnoredPacket, let newest = listeningIndex,
            rpcs[newest].id == id
        else { return .ignored }
        if ingressIsSuspended {
            ingressIsSuspended = false
            actions.append(.resumeIngress)
        }
        // Who went on speaking until the prompt was over did not interrupt it, but is speaking now:
        // the platform must not take it for silence.
        if isInSpeech, !isSpeechAnnounced, playheadEnd <= now { announceSpeech(at: now) }
        return .accepted(format)
    }

    private static func format(encoding: Int32, sampleRate: Int32) -> AudioFormat {
        let rate: SampleRate = sampleRate == 16000 ? .hz16000 : .hz8000
        switch encoding {
        case 1: return AudioFormat(.linear16LittleEndian, rate: rate)
        case 3: return AudioFormat(.pcma, rate: rate)
        default: return AudioFormat(.pcmu, rate: rate)
        }
    }

    private mutating func beginListening(_ index: Int, at now: MediaInstant) {
        let id = rpcs[index].id
        rpcs[index].isListening = true
        if !isInSpeech { isSpeechAnnounced = false }
        if hasPlayed, !playedAllowsBargeIn {
            // This RPC opens only once such prompts were played to their end.
            actions.append(.playbackCompleted)
            playheadEnd = min(playheadEnd, now)
        }
        hasPlayed = false
        let isComplete = heldIsComplete
        if turnIsDue {
            sayStart(index, at: now)
            endTurn(on: id, at: now)
            if isComplete { finishAnswer(on: id, at: now) }
        } else if startIsDue, isInSpeech {
            startIsDue = false
            isSpeechAnnounced = true
            sayStart(index, at: now)
        } else if !held.isEmpty, answeringIndex == nil, !holdsOutput(for: index) {
            answer(on: id, at: now)
            if isComplete { finishAnswer(on: id, at: now) }
        }
        sendWaitingEvents(at: now)
    }

    private mutating func finishAnswer(on id: WebexRPCID, at now: MediaInstant) {
        if let index = index(of: id) { finishAnswer(index, at: now) }
    }

    /// Events of a bot that has nothing else to say do not wait for an answer.
    private mutating func sendWaitingEvents(at now: MediaInstant) {
        guard answeringIndex == nil, held.isEmpty, let index = listeningIndex,
            !holdsOutput(for: index)
        else { return }
        for event in events {
            send(Self.response(mode == .chunk ? .chunk : .final, event), on: index)
        }
        events = []
    }

    // MARK: The engine's events

    /// The caller began to speak.
    public mutating func speechStarted(botIsAudible: Bool, at now: MediaInstant) {
        guard state == .live else { return }
        isInSpeech = true
        // While the bot is heard this may be a word of assent: a barge-in tells.
        if !botIsAudible { announceSpeech(at: now) }
    }

    /// The caller interrupted the bot, whose audio the engine has cleared.
    public mutating func bargedIn(at now: MediaInstant) {
        guard state == .live else { return }
        clear(at: now)
        announceSpeech(at: now)
    }

    /// The caller's turn is over.
    public mutating func turnEnded(at now: MediaInstant) {
        guard state == .live else { return }
        isInSpeech = false
        startIsDue = false
        outcome = nil
        var index = rpcs.count - 1
        while index >= 0, !rpcs[index].isListening, !rpcs[index].awaitsTurn { index -= 1 }
        guard index >= 0 else {
            isSpeechAnnounced = false
            if !isDiscarding { turnIsDue = true }
            return
        }
        if !rpcs[index].saidStart { index = sayStart(index, at: now) }
        endTurn(on: rpcs[index].id, at: now)
    }

    private mutating func announceSpeech(at now: MediaInstant) {
        guard !isSpeechAnnounced else { return }
        guard let index = listeningIndex else {
            startIsDue = true
            return
        }
        if !rpcs[index].saidStart {
            isSpeechAnnounced = true
            sayStart(index, at: now)
        } else if rpcs[index].hasPrompts {
            // It can be said once on an RPC. What plays is cut on the next one.
            startIsDue = true
            close(index, at: now)
        } else {
            isSpeechAnnounced = true
        }
    }

    /// Sends START_OF_INPUT, which ends the answers of older RPCs.
    /// - Returns: the RPC's index afterwards.
    @discardableResult
    private mutating func sayStart(_ index: Int, at now: MediaInstant) -> Int {
        let id = rpcs[index].id
        rpcs[index].saidStart = true
        send(Self.response(.final, Self.event(.startOfInput)), on: index)
        var older = 0
        while older < rpcs.count, rpcs[older].id != id {
            if rpcs[older].isAnswering { close(older, at: now) } else { older += 1 }
        }
        return older
    }

    /// Sends END_OF_INPUT once; the bot's next words answer on this RPC.
    private mutating func endTurn(on id: WebexRPCID, at now: MediaInstant) {
        guard let index = index(of: id) else { return }
        rpcs[index].awaitsTurn = false
        isSpeechAnnounced = false
        if !rpcs[index].saidEnd {
            rpcs[index].saidEnd = true
            send(
                Self.response(mode == .chunk ? .chunk : .final, Self.event(.endOfInput)),
                on: index)
        }
        answer(on: id, at: now)
    }
}

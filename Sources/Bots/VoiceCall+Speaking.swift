// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine
public import MediaServer

/// What a bot says, and how it ends the call.
extension VoiceCall {
    /// Plays `clip` after what is playing, and waits until it was heard or cleared.
    @discardableResult
    public func play(
        _ clip: AudioClip, allowsBargeIn: Bool = true
    ) async throws(VoiceCallError) -> ResponseAccount {
        let response = beginResponse(allowsBargeIn: allowsBargeIn)
        try await write(clip, to: response)
        return try await finish(response)
    }

    /// Begins a response whose audio follows bit by bit.
    /// - Parameter allowsBargeIn: whether the caller's voice may interrupt it.
    public func beginResponse(allowsBargeIn: Bool = true) -> VoiceResponse {
        responseCount += 1
        unfinished.insert(responseCount)
        owesListen = true
        send(.begin(responseCount, allowsBargeIn: allowsBargeIn))
        return VoiceResponse(number: responseCount)
    }

    /// Adds audio to a response; waits while the call's queue is full.
    ///
    /// Audio for a response that was cleared is dropped, which ``finish(_:)`` tells.
    public func write(_ clip: AudioClip, to response: VoiceResponse) async throws(VoiceCallError) {
        var offset = 0
        while offset < clip.samples.count {
            try checkLive()
            guard accounts[response.number] == nil else { return }
            let written = end.botAudio.write(clip.samples.span.extracting(offset...))
            if written > 0 {
                send(.audio(response.number, count: written, rate: clip.rate))
                offset += written
            } else {
                _ = await wait()
            }
        }
    }

    /// Says that nothing more comes, and waits until the response was heard or cleared.
    @discardableResult
    public func finish(_ response: VoiceResponse) async throws(VoiceCallError) -> ResponseAccount {
        send(.endResponse(response.number))
        unfinished.remove(response.number)
        sayListen()
        while accounts[response.number] == nil {
            try checkLive()
            _ = await wait()
        }
        guard let account = accounts.removeValue(forKey: response.number) else {
            throw VoiceCallError.responseRefused
        }
        return try account.get()
    }

    /// Stops the bot at once.
    public func clear() {
        send(.clear)
    }

    /// Says that what the caller said is no interruption, such as "mm-hm": the bot, which fell
    /// silent at it, goes on where the caller stopped hearing it.
    ///
    /// For bots in the mode `pause`, which are told by `CallEvent.interruption` among ``events`` and
    /// have until its `vetoDeadline`. `interruptionVetoed` follows; a veto that comes too late does
    /// nothing, and a bot that vetoes nothing is cleared as in the mode `clear`.
    public func veto(_ interruption: Interruption) {
        send(.veto(interruption.id))
    }

    /// Tells the platform what the bot made of the caller's turn, where the platform listens.
    public func report(_ outcome: TurnOutcome) {
        send(.report(outcome))
    }

    /// Hands an event to the platform's flow, where the platform takes events.
    public func send(_ event: CustomEvent) {
        send(.tell(event))
    }

    // MARK: Ending

    /// Hands the caller over once everything was heard.
    ///
    /// - Parameters:
    ///   - destination: what it means is the platform's.
    ///   - outputs: values for the platform's flow.
    ///   - summary: what was said and agreed, for the human who takes over.
    ///   - transcript: all that was said, for the same.
    public func transfer(
        to destination: String, outputs: [String: String] = [:], summary: String? = nil,
        transcript: String? = nil
    ) {
        end(
            CallEnding(
                .transfer(destination: destination), outputs: outputs, summary: summary,
                transcript: transcript),
            afterPlayout: true)
    }

    /// Ends the call, by default once everything was heard.
    public func end(_ ending: CallEnding = CallEnding(.completed), afterPlayout: Bool = true) {
        send(.end(ending, afterPlayout: afterPlayout))
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import FoundationEssentials
internal import MediaServer
internal import SwiftProtobuf
internal import WebexMessages

/// What leaves: responses and how they end an RPC.
extension WebexConversation {
    mutating func send(_ response: WebexVoiceVAResponse, on index: Int) {
        actions.append(.respond(rpcs[index].id, response))
    }

    /// Completes an RPC with an empty FINAL: it has nothing (more) to say.
    mutating func close(_ index: Int, at now: MediaInstant) {
        var response = Self.response(.final)
        if state == .live { Self.expect(expectation, in: &response) }
        send(response, on: index)
        complete(index)
    }

    mutating func closeAll(except kept: WebexRPCID? = nil, at now: MediaInstant) {
        while let index = rpcs.firstIndex(where: { $0.id != kept }) { close(index, at: now) }
    }

    /// Completes an RPC with the end of its answer.
    mutating func finishAnswer(_ index: Int, at now: MediaInstant) {
        var waiting = takeEvents()
        let last = waiting.popLast()
        for event in waiting {
            send(Self.response(mode == .chunk ? .chunk : .final, event), on: index)
        }
        var response = Self.response(.final, last)
        Self.expect(expectation, in: &response)
        let byteCount = heldByteCount
        response.prompts = takeWAVPrompts(allowBargeIn: true)
        if !response.prompts.isEmpty {
            notePlayed(
                byteCount, allowsBargeIn: response.prompts.contains { $0.isBargeInEnabled },
                at: now)
        }
        send(response, on: index)
        // Only now does the caller begin to hear what the engine gave earlier.
        if !response.prompts.isEmpty { actions.append(.playbackStarted) }
        complete(index)
    }

    private mutating func takeEvents() -> [WebexOutputEvent] {
        var taken = events
        if let outcome { taken.insert(outcome, at: 0) }
        events = []
        outcome = nil
        return taken
    }

    /// What is held as files, one for each response of the bot; none in chunk mode.
    mutating func takeWAVPrompts(allowBargeIn: Bool) -> [WebexPrompt] {
        guard mode == .wav else { return [] }
        let prompts = held.map { held in
            var prompt = WebexPrompt()
            prompt.audioContent = Data(
                WAVFile(format: WebexPolicy.egress, data: held.audio).encode())
            prompt.isBargeInEnabled = held.allowsBargeIn && allowBargeIn
            return prompt
        }
        dropHeld()
        return prompts
    }

    // MARK: Chunks

    mutating func sendChunks(
        _ audio: Span<UInt8>, allowsBargeIn: Bool, on index: Int, at now: MediaInstant
    ) {
        var offset = 0
        while offset < audio.count {
            let end = min(offset + WebexPolicy.chunkBytes.upperBound, audio.count)
            let part = audio.extracting(offset..<end)
            actions.append(
                .chunk(rpcs[index].id, chunk(part, allowsBargeIn: allowsBargeIn)))
            offset = end
        }
        rpcs[index].hasPrompts = true
        notePlayed(audio.count, allowsBargeIn: allowsBargeIn, at: now)
        rpcs[index].deadline = playheadEnd + WebexPolicy.answerPatience
    }

    private mutating func notePlayed(
        _ byteCount: Int, allowsBargeIn: Bool, at now: MediaInstant
    ) {
        playheadEnd =
            max(playheadEnd, now)
            + WebexPolicy.egress.rate.duration(of: byteCount / WebexPolicy.egress.bytesPerFrame)
        hasPlayed = true
        playedAllowsBargeIn = allowsBargeIn || (answerHasPrompts && playedAllowsBargeIn)
        answerHasPrompts = true
    }

    /// A response with one prompt, in octets. Fields may come in any order, so what all chunks share
    /// is written once; the prompt's audio is copied once.
    private mutating func chunk(_ audio: Span<UInt8>, allowsBargeIn: Bool) -> [UInt8] {
        let padding = max(0, WebexPolicy.chunkBytes.lowerBound - audio.count)
        let length = audio.count + padding
        var octets = chunkHead
        octets.reserveCapacity(octets.count + length + 32)
        if let event = takeFirstEvent() {
            octets += Self.octets(of: Self.response(.final, event))
        }
        // Field 1 of the response; in it field 3 (audio) and field 4 (barge-in).
        octets.append(0x0A)
        let lengthOfLength = Self.varint(length).count
        octets += Self.varint(1 + lengthOfLength + length + (allowsBargeIn ? 2 : 0))
        octets.append(0x1A)
        octets += Self.varint(length)
        for index in audio.indices { octets.append(audio[index]) }
        for _ in 0..<padding { octets.append(WebexPolicy.silence) }
        if allowsBargeIn { octets += [0x20, 1] }
        return octets
    }

    private mutating func takeFirstEvent() -> WebexOutputEvent? {
        if let outcome {
            self.outcome = nil
            return outcome
        }
        return events.isEmpty ? nil : events.removeFirst()
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var rest = value
        var octets: [UInt8] = []
        while rest >= 0x80 {
            octets.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(rest))
        return octets
    }

    static func chunkHead(for expectation: InputExpectation) -> [UInt8] {
        var head = response(.chunk)
        expect(expectation, in: &head)
        return octets(of: head)
    }

    private static func octets(of response: WebexVoiceVAResponse) -> [UInt8] {
        guard let octets: [UInt8] = try? response.serializedBytes() else {
            preconditionFailure("A response without required fields can always be written")
        }
        return octets
    }

    // MARK: Values

    static func event(
        _ type: WebexOutputEvent.EventType, name: String = "", values: [String: String] = [:]
    ) -> WebexOutputEvent {
        var event = WebexOutputEvent()
        event.eventType = type
        event.name = name
        if !values.isEmpty { event.metadata = Google_Protobuf_Struct(values: values) }
        return event
    }

    static func response(
        _ type: WebexVoiceVAResponse.ResponseType, _ event: WebexOutputEvent? = nil
    ) -> WebexVoiceVAResponse {
        var response = WebexVoiceVAResponse()
        response.responseType = type
        if let event { response.outputEvents = [event] }
        return response
    }

    /// Says what the next input may be and how keys are gathered.
    static func expect(_ expectation: InputExpectation, in response: inout WebexVoiceVAResponse) {
        response.inputSensitive = expectation.isSensitive
        response.inputMode =
            switch expectation.modes {
            case .voice: .inputVoice
            case .digits: .inputEventDtmf
            case .voiceAndDigits: .inputVoiceDtmf
            }
        let digits = expectation.digits ?? WebexPolicy.defaultDigits
        var keys = WebexDTMFInputConfig()
        keys.interDigitTimeoutMsec = milliseconds(digits.between)
        if let terminator = digits.terminator { keys.termchar = WebexDTMFDigits(terminator) }
        keys.dtmfInputLength = Int32(clamping: digits.maximumCount)
        response.inputHandlingConfig.dtmfConfig = keys
        if let timeout = expectation.noInputTimeout {
            response.inputHandlingConfig.speechTimers.noInputTimeoutMsec = milliseconds(timeout)
        }
    }

    private static func milliseconds(_ duration: MediaDuration) -> Int32 {
        Int32(clamping: duration.nanoseconds / 1_000_000)
    }
}

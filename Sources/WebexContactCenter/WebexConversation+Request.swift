// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import MediaEngine
internal import MediaServer
public import WebexMessages

/// What the client sends.
extension WebexConversation {
    /// The names that every request must carry.
    public static func identity(
        of request: WebexVoiceVARequest
    ) throws(WebexViolation) -> (conversationID: String, organizationID: String) {
        guard !request.conversationID.isEmpty else { throw .missingConversation }
        guard !request.customerOrgID.isEmpty else { throw .missingOrganization }
        return (request.conversationID, request.customerOrgID)
    }

    /// Takes a request that was decoded in full. Audio in it goes to
    /// ``receiveAudio(on:encoding:sampleRate:byteCount:at:)`` afterwards.
    public mutating func receive(
        _ request: WebexVoiceVARequest, on id: WebexRPCID, at now: MediaInstant
    ) {
        guard let index = index(of: id) else { return }
        lastActivity = now
        let isFirst = !rpcs[index].hasRequest
        rpcs[index].hasRequest = true
        do throws(WebexViolation) {
            try check(request)
            guard let input = request.voiceVaInputType else {
                if isFirst { throw .missingInput }
                return actions.append(.noted(.emptyMessage))
            }
            switch state {
            case .ended:
                actions.append(.noted(.inputAfterEnd))
                close(index, at: now)
            case .leaving:
                sayEnd(index, at: now)
            case .idle, .live:
                try receive(input, of: request, on: index, at: now)
            }
        } catch {
            refuse(index, error)
        }
    }

    /// A request could not be decoded.
    public mutating func receiveMalformed(on id: WebexRPCID, at now: MediaInstant) {
        guard let index = index(of: id) else { return }
        lastActivity = now
        refuse(index, .malformedRequest)
    }

    private func check(_ request: WebexVoiceVARequest) throws(WebexViolation) {
        let identity = try Self.identity(of: request)
        guard identity.conversationID == conversationID else { throw .conversationChanged }
        guard identity.organizationID == organizationID else { throw .foreignOrganization }
        let agent = request.virtualAgentID
        guard state == .idle || agent.isEmpty || agent == virtualAgentID else {
            throw .virtualAgentChanged
        }
    }

    private mutating func receive(
        _ input: WebexVoiceVARequest.OneOf_VoiceVaInputType, of request: WebexVoiceVARequest,
        on index: Int, at now: MediaInstant
    ) throws(WebexViolation) {
        switch input {
        case .audioInput(let audio):
            // Checked here too, so that a rate that is not supported begins no call.
            guard Self.isSupported(audio.sampleRateHertz) else { throw .unsupportedRate }
            try begin(request, at: now)
        case .dtmfInput(let keys):
            try begin(request, at: now)
            receive(keys, on: index, at: now)
        case .eventInput(let event):
            try receive(event, of: request, on: index, at: now)
        }
    }

    /// Begins the call if there is none; also without SESSION_START.
    private mutating func begin(
        _ request: WebexVoiceVARequest, at now: MediaInstant
    ) throws(WebexViolation) {
        guard state == .idle else { return }
        virtualAgentID = try agents.resolve(request.virtualAgentID)
        state = .live
        var inputs: [String: String] = [:]
        if !request.vendorSpecificConfig.isEmpty {
            inputs[WebexPolicy.configurationInput] = request.vendorSpecificConfig
        }
        inputs.merge(request.eventInput.parameters.values) { _, parameter in parameter }
        let language = request.audioInput.languageCode
        actions.append(
            .start(
                WebexCallStart(
                    conversationID: conversationID, organizationID: organizationID,
                    virtualAgentID: virtualAgentID, language: language.isEmpty ? nil : language,
                    inputs: inputs)))
        actions.append(.suspendIngress)
    }

    // MARK: Events

    private mutating func receive(
        _ event: WebexEventInput, of request: WebexVoiceVARequest, on index: Int,
        at now: MediaInstant
    ) throws(WebexViolation) {
        switch event.eventType {
        case .sessionStart:
            guard state == .idle else { return repeatSessionStart(index) }
            try begin(request, at: now)
            answer(on: rpcs[index].id, at: now)
        case .sessionEnd:
            endSession(index, at: now)
        case .noInput:
            try begin(request, at: now)
            outcome = nil
            answer(on: rpcs[index].id, at: now)
            actions.append(.input(.noInput))
        case .startOfDtmf:
            startDigits(index, at: now)
        case .customEvent:
            try begin(request, at: now)
            outcome = nil
            answer(on: rpcs[index].id, at: now)
            actions.append(
                .input(.custom(CustomEvent(name: event.name, values: event.parameters.values))))
        case .unspecifiedInput, .UNRECOGNIZED:
            actions.append(.noted(.unknownEvent))
        }
    }

    private mutating func repeatSessionStart(_ index: Int) {
        actions.append(.noted(.repeatedSessionStart))
        guard !rpcs[index].isAnswering, !rpcs[index].isListening else { return }
        complete(index)
    }

    private mutating func endSession(_ index: Int, at now: MediaInstant) {
        let id = rpcs[index].id
        let wasLive = state == .live
        // Nothing is expected of the caller any more, so the responses say nothing of it.
        if wasLive { enterEnded(at: now) }
        closeAll(except: id, at: now)
        if let index = self.index(of: id) { close(index, at: now) }
        if wasLive { actions.append(.end(.platformEnded)) }
    }

    /// The caller pressed the first key: Webex has cut the prompt if it may be interrupted. The RPC
    /// is completed without a response; the keys follow on the next one.
    private mutating func startDigits(_ index: Int, at now: MediaInstant) {
        let id = rpcs[index].id
        if state == .live {
            dropHeld()
            // What the bot was about to say answers nothing any more.
            if isInSpeech || answeringIndex != nil { isDiscarding = true }
            if playedAllowsBargeIn {
                actions.append(.clear)
            } else if hasPlayed {
                actions.append(.playbackCompleted)
            }
            hasPlayed = false
            playheadEnd = min(playheadEnd, now)
            if let other = answeringIndex, rpcs[other].id != id { close(other, at: now) }
        }
        guard let index = self.index(of: id) else { return }
        // Chunks are owed a FINAL, whoever cut them.
        if rpcs[index].hasPrompts { close(index, at: now) } else { complete(index) }
    }

    private mutating func receive(
        _ keys: WebexDTMFInputs, on index: Int, at now: MediaInstant
    ) {
        outcome = nil
        answer(on: rpcs[index].id, at: now)
        var digits: [DTMFDigit] = []
        for key in keys.dtmfEvents {
            if let digit = DTMFDigit(key) {
                digits.append(digit)
            } else {
                actions.append(.noted(.unknownDigit))
            }
        }
        // Whether the terminator is one of the keys is not stated: it never is for the bot.
        if let terminator = expectation.digits?.terminator, digits.last == terminator {
            digits.removeLast()
        }
        if digits.isEmpty { outcome = Self.event(.noInput) }
        for digit in digits { actions.append(.digit(digit)) }
        actions.append(.input(.digitsCompleted))
    }
}

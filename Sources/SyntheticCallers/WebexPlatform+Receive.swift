// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
internal import NIOCore
internal import SwiftProtobuf
internal import WebexMessages

extension WebexPlatform {
    /// A response came on an RPC.
    ///
    /// - Parameter message: one `VoiceVAResponse` as on the wire.
    package mutating func received(_ message: [UInt8], on number: Int, at now: MediaInstant) {
        guard phase != .finished else { return }
        advance(to: now)
        log.counts.textReceived += 1
        guard let rpc = rpc(number) else {
            if number < opened, !isFinished {
                log.violation(.outputAfterCompletion, "A response on RPC \(number + 1)", at: now)
                refresh()
            }
            return
        }
        do {
            let response = try WebexVoiceVAResponse(serializedBytes: message)
            take(response, rpc, at: now)
        } catch {
            log.violation(.undecodable, "\(rpc.name): \(error)", at: now)
        }
        finishWhenQuiet(at: now)
        refresh()
    }

    private var isFinished: Bool { phase == .finished }

    private mutating func take(
        _ response: WebexVoiceVAResponse, _ rpc: WebexRPC, at now: MediaInstant
    ) {
        let number = rpc.number
        let event = response.outputEvents.first
        judgeForm(response, rpc, at: now)
        update(number) { $0.responses += 1 }
        if let abandoned = rpc.abandoned {
            return takeLate(response, rpc, abandoned.why, since: abandoned.at, at: now)
        }
        if rpc.purpose == .startOfDigits {
            log.violation(.responseToStartOfDigits, rpc.name, at: now)
            return
        }
        if phase == .ending, rpc.purpose != .sessionEnd, !response.prompts.isEmpty {
            log.violation(.outputAfterEnd, "Prompts on \(rpc.name)", at: now)
            return
        }
        takeTexts(response, at: now)
        if let event, phase == .active { takeInputEvent(event, rpc, at: now) }
        if event?.endsSession ?? false { update(number) { $0.endsSession = true } }
        let closes = response.closesAnswer(after: rpc)
        if !response.prompts.isEmpty || closes { takeAnswer(response, number, at: now) }
        if let event { takeFlowEvent(event, number, at: now) }
        if closes {
            update(number) { $0.isFinal = true }
            if answering == number { answering = nil }
            if audioRPC == number { stopListening(at: now) }
        }
        if closes {
            setTimeout(options.limits.completionTimeout, of: number, at: now)
        } else if self.rpc(number)?.inputCompleteAt != nil {
            setTimeout(options.limits.answerTimeout, of: number, at: now)
        }
    }

    /// What comes on an RPC that has lost its purpose: a closing FINAL, and what had left already.
    private mutating func takeLate(
        _ response: WebexVoiceVAResponse, _ rpc: WebexRPC, _ why: WebexRPC.Abandonment,
        since: MediaInstant, at now: MediaInstant
    ) {
        let closes = response.closesAnswer(after: rpc)
        if closes { update(rpc.number) { $0.isFinal = true } }
        // What had left before START_OF_DTMF tells of speech or answers it: never an empty FINAL.
        let isReply = closes && response.prompts.isEmpty && rpc.chunks == 0
        let isLate = now - since > options.limits.inFlight
        if why == .digits, isReply || isLate {
            log.violation(.responseToStartOfDigits, rpc.name, at: now)
        } else if isLate, !response.prompts.isEmpty {
            log.violation(
                .staleOutput, "Prompts on \(rpc.name) after \(why.rawValue)", at: now)
        }
    }

    private mutating func takeTexts(_ response: WebexVoiceVAResponse, at now: MediaInstant) {
        if response.hasSessionSummary {
            outputVariables["session_summary"] = response.sessionSummary.content
        }
        if response.hasSessionTranscript {
            outputVariables["session_transcript"] = response.sessionTranscript.content
        }
    }

    // MARK: - Events

    /// What the server heard.
    private mutating func takeInputEvent(
        _ event: WebexOutputEvent, _ rpc: WebexRPC, at now: MediaInstant
    ) {
        switch event.eventType {
        case .startOfInput: takeStartOfInput(rpc, at: now)
        case .endOfInput: takeEndOfInput(rpc, at: now)
        case .noMatch, .noInput:
            update(rpc.number) { $0.hasToldEvent = true }
            log.note(.server, event.eventType == .noMatch ? "no match" : "no input", at: now)
        case .sessionEnd, .transferToAgent, .customEvent, .unspecifiedEvent, .UNRECOGNIZED: break
        }
    }

    private mutating func takeStartOfInput(_ rpc: WebexRPC, at now: MediaInstant) {
        guard carriesInput(rpc, at: now) else {
            return log.violation(
                .eventOutOfPlace, "START_OF_INPUT on \(rpc.name)", at: now)
        }
        log.note(.server, "start of input", at: now)
        guard allowsInput(at: now) else {
            return log.violation(
                .startOfInputDuringPrompt, "The prompt does not allow barge-in", at: now)
        }
        log.startsOfInput.append(now)
        isInSpeech = audioRPC != nil
        noInputAt = nil
        silence(at: now)
        if let older = answering {
            // The same RPC: the caller went on before the answer came.
            guard older == rpc.number, rpc.halfClosedAt == nil else {
                return abandon(older, .bargeIn, at: now)
            }
            answering = nil
            update(older) {
                $0.inputCompleteAt = nil
                $0.timeoutAt = nil
            }
        }
    }

    /// Whether what the server hears may be told on an RPC: it carries the caller's audio, or did
    /// when the event left the server.
    private func carriesInput(_ rpc: WebexRPC, at now: MediaInstant) -> Bool {
        guard rpc.purpose == .voice else { return false }
        return rpc.halfClosedAt.map { now - $0 <= options.limits.inFlight } ?? true
    }

    private mutating func takeEndOfInput(_ rpc: WebexRPC, at now: MediaInstant) {
        guard carriesInput(rpc, at: now) else {
            return log.violation(.eventOutOfPlace, "END_OF_INPUT on \(rpc.name)", at: now)
        }
        log.note(.server, "end of input", at: now)
        log.endsOfInput.append(now)
        if !isInSpeech, rpc.halfClosedAt == nil {
            log.violation(.endWithoutStart, "END_OF_INPUT without START_OF_INPUT", at: now)
        }
        isInSpeech = false
        noInputAt = nil
        update(rpc.number) { $0.hasEndOfInput = true }
        completeInput(rpc.number, at: now)
        // With barge-in on the caller's audio goes on, until the answer's first prompt decides.
        if !allowsBargeIn { stopListening(at: now) }
    }

    /// What the server wants of the flow.
    private mutating func takeFlowEvent(
        _ event: WebexOutputEvent, _ number: Int, at now: MediaInstant
    ) {
        switch event.eventType {
        case .sessionEnd, .transferToAgent:
            if rpc(number)?.timeoutAt == nil {
                setTimeout(options.limits.answerTimeout, of: number, at: now)
            }
            let values = event.metadata.fields.mapValues { value in
                value.kind == .stringValue(value.stringValue)
                    ? value.stringValue : (try? value.jsonString()) ?? ""
            }
            outputVariables.merge(values) { _, new in new }
            guard phase == .active else { return }
            let isTransfer = event.eventType == .transferToAgent
            log.note(.server, isTransfer ? "transfers" : "ends the session", event.name, at: now)
            log.end(.byBot, isTransfer ? "transfer to agent" : "end of session")
            stopListening(at: now)
            for rpc in rpcs where rpc.number != number { abandon(rpc.number, .hangUp, at: now) }
            halfClose(number, at: now)
            phase = .ending
        case .customEvent:
            update(number) { $0.hasToldEvent = true }
            log.note(.server, "custom event", event.name, at: now)
        case .unspecifiedEvent, .startOfInput, .endOfInput, .noMatch, .noInput, .UNRECOGNIZED:
            break
        }
    }
}

extension WebexOutputEvent {
    var endsSession: Bool { eventType == .sessionEnd || eventType == .transferToAgent }
}

extension WebexTextContent {
    fileprivate var content: String {
        switch inputContent {
        case .text(let text): text
        case .ssml(let ssml): ssml
        case nil: ""
        }
    }
}

extension WebexVoiceVAResponse {
    /// Whether it is the FINAL that ends the answer of its turn. One that only tells what was heard
    /// is not, and neither is a lone event for the flow before anything was said.
    func closesAnswer(after rpc: WebexRPC) -> Bool {
        guard responseType == .final else { return false }
        guard prompts.isEmpty else { return true }
        switch outputEvents.first?.eventType {
        case .startOfInput, .endOfInput: return false
        case .customEvent, .noMatch, .noInput: return rpc.chunks > 0
        case .sessionEnd, .transferToAgent, .unspecifiedEvent, .UNRECOGNIZED, nil: return true
        }
    }
}

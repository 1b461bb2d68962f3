// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import WebexMessages

extension WebexPlatform {
    /// What a response must not be, whatever the call is about.
    mutating func judgeForm(
        _ response: WebexVoiceVAResponse, _ rpc: WebexRPC, at now: MediaInstant
    ) {
        for name in response.unknownValues {
            log.violation(.unknownEnum, "\(name) on \(rpc.name)", at: now)
        }
        if response.outputEvents.count > 1 {
            log.violation(
                .severalEvents,
                "\(response.outputEvents.count) events on \(rpc.name), one is honoured", at: now)
        }
        if response.hasInputHandlingConfig, let fault = response.inputHandlingConfig.fault {
            log.violation(.inputHandling, "\(fault) on \(rpc.name)", at: now)
        }
        judgeOrder(response, rpc, at: now)
        judgeTexts(response, rpc, at: now)
        if rpc.purpose == .sessionEnd, !response.prompts.isEmpty {
            log.violation(.promptOnSessionEnd, "Nobody is there to hear it", at: now)
        }
    }

    private mutating func judgeOrder(
        _ response: WebexVoiceVAResponse, _ rpc: WebexRPC, at now: MediaInstant
    ) {
        if response.responseType == .partial, !options.allowsPartialResponses {
            log.violation(.partialNotAllowed, rpc.name, at: now)
        }
        guard rpc.isFinal else { return }
        if response.responseType == .final {
            log.violation(.secondFinal, "A second FINAL on \(rpc.name)", at: now)
        } else {
            log.violation(.outputAfterFinal, "A response after FINAL on \(rpc.name)", at: now)
        }
    }

    /// Transcript and summary are honoured in the last response of the session only.
    private mutating func judgeTexts(
        _ response: WebexVoiceVAResponse, _ rpc: WebexRPC, at now: MediaInstant
    ) {
        guard response.hasSessionSummary || response.hasSessionTranscript else { return }
        let isLast =
            rpc.purpose == .sessionEnd || rpc.endsSession
            || response.outputEvents.first?.endsSession ?? false
        if !isLast {
            log.violation(
                .textNotLast, "Summary or transcript on \(rpc.name), the session goes on", at: now)
        }
    }
}

extension WebexVoiceVAResponse {
    /// Enumerated fields with a number that has no name.
    fileprivate var unknownValues: [String] {
        var names: [String] = []
        if case .UNRECOGNIZED(let value) = responseType { names.append("response_type \(value)") }
        if case .UNRECOGNIZED(let value) = inputMode { names.append("input_mode \(value)") }
        if case .UNRECOGNIZED(let value) = inputHandlingConfig.dtmfConfig.termchar {
            names.append("termchar \(value)")
        }
        for event in outputEvents {
            if case .UNRECOGNIZED(let value) = event.eventType {
                names.append("event_type \(value)")
            }
        }
        return names
    }
}

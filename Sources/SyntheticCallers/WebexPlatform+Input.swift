// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import NIOCore
internal import WebexMessages

extension WebexPlatform {
    /// Whether the prompt that plays at `now` can be interrupted; true when none plays.
    mutating func allowsInput(at now: MediaInstant) -> Bool {
        guard !queue.isEmpty else { return true }
        let here = playback.sample(at: now)
        while let first = queue.first, first.end <= here { queue.removeFirst() }
        return queue.first?.allowsBargeIn ?? true
    }

    /// Whether the caller's audio and keys count at `now`; they are dropped otherwise.
    mutating func takesInput(at now: MediaInstant) -> Bool {
        guard phase == .active, !keys.isCollecting, allowsInput(at: now) else { return false }
        if audioRPC != nil { return true }
        guard let rpc = rpc(answering) else { return true }
        return rpc.isAnswered && rpc.allowsBargeIn
    }

    /// Opens the RPC of the next voice turn, and starts the no-input timer, when it is time.
    mutating func considerInput(at now: MediaInstant) {
        guard takesInput(at: now) else { return }
        if audioRPC == nil, input.takesVoice { openVoice(at: now) }
        guard noInputAt == nil, !isInSpeech, answering == nil, queue.isEmpty,
            let timeout = input.noInput
        else { return }
        noInputAt = now + timeout
        otherAt = min(otherAt, now + timeout)
    }

    private mutating func openVoice(at now: MediaInstant) {
        let number = open(.voice, at: now)
        audioRPC = number
        send(on: number) { $0.writeFormat(into: &$1) }
        let count = options.firstPacketBytes
        guard count > 0 else { return }
        send(on: number) {
            $0.writeAudioHead(count, into: &$1)
            $1.writeRepeatingByte(MuLaw.silence, count: count)
        }
    }

    /// The server's no-input timer ran out.
    mutating func tellNoInput(at now: MediaInstant) {
        noInputAt = nil
        log.note(.platform, "no input", at: now)
        if let audioRPC { abandon(audioRPC, .noInput, at: now) }
        let number = open(.noInput, at: now)
        send(on: number) { $0.write(.noInput, into: &$1) }
        completeInput(number, at: now)
    }

    /// An event of the flow, on an RPC of its own beside the turn that runs.
    mutating func tell(_ name: String, _ values: [String: String], at now: MediaInstant) {
        guard phase == .active else { return }
        log.note(.platform, "custom event", name, at: now)
        let number = open(.custom, at: now)
        send(on: number) { $0.write(.customEvent, name: name, values: values, into: &$1) }
        halfClose(number, at: now)
        setTimeout(options.limits.answerTimeout, of: number, at: now)
    }
}

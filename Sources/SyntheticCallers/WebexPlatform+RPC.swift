// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
internal import NIOCore

extension WebexPlatform {
    /// Opens an RPC and returns its number.
    mutating func open(_ purpose: WebexRPC.Purpose, at now: MediaInstant) -> Int {
        let number = opened
        opened += 1
        rpcs.append(WebexRPC(number, purpose))
        outputs.items.append(.open(number))
        return number
    }

    /// Sends a message that `write` encodes.
    mutating func send(
        on number: Int, _ write: (WebexRequest, inout ByteBuffer) -> Void
    ) {
        let start = outputs.octets.writerIndex
        write(request, &outputs.octets)
        outputs.items.append(.send(start..<outputs.octets.writerIndex, on: number))
        log.counts.textSent += 1
    }

    mutating func halfClose(_ number: Int, at now: MediaInstant) {
        guard let index = index(of: number), rpcs[index].halfClosedAt == nil else { return }
        rpcs[index].halfClosedAt = now
        outputs.items.append(.halfClose(number))
    }

    func index(of number: Int) -> Int? { rpcs.firstIndex { $0.number == number } }

    func rpc(_ number: Int?) -> WebexRPC? {
        number.flatMap(index(of:)).map { rpcs[$0] }
    }

    mutating func update(_ number: Int, _ change: (inout WebexRPC) -> Void) {
        guard let index = index(of: number) else { return }
        change(&rpcs[index])
    }

    /// The whole input of a turn is on its way, or the server has found its end: it is to answer.
    mutating func completeInput(_ number: Int, at now: MediaInstant) {
        if rpc(number)?.purpose != .voice { halfClose(number, at: now) }
        answering = number
        update(number) { $0.inputCompleteAt = now }
        setTimeout(options.limits.answerTimeout, of: number, at: now)
    }

    /// An RPC is given up unless it makes progress until then.
    mutating func setTimeout(_ timeout: MediaDuration, of number: Int, at now: MediaInstant) {
        update(number) { $0.timeoutAt = now + timeout }
    }

    /// Nothing more is expected of an RPC but that it is completed.
    mutating func abandon(_ number: Int, _ why: WebexRPC.Abandonment, at now: MediaInstant) {
        halfClose(number, at: now)
        if answering == number { answering = nil }
        if audioRPC == number { stopListening(at: now) }
        guard let index = index(of: number), rpcs[index].abandoned == nil else { return }
        rpcs[index].abandoned = (why, now)
        setTimeout(options.limits.completionTimeout, of: number, at: now)
    }

    mutating func abandonAll(_ why: WebexRPC.Abandonment, at now: MediaInstant) {
        for rpc in rpcs { abandon(rpc.number, why, at: now) }
    }

    /// The caller's audio goes nowhere any more.
    mutating func stopListening(at now: MediaInstant) {
        guard let number = audioRPC else { return }
        audioRPC = nil
        isInSpeech = false
        noInputAt = nil
        halfClose(number, at: now)
    }

    /// Drops the prompts that play and wait.
    ///
    /// - Parameter isInterruption: because the server heard somebody, and not at the end of the call.
    mutating func silence(at now: MediaInstant, isInterruption: Bool = true) {
        queue.removeAll(keepingCapacity: true)
        let dropped = playback.flush(at: now)
        guard dropped > 0 else { return }
        if isInterruption { log.flushed(CallLog.Flush(at: now, dropped: dropped)) }
        log.note(.bot, "silenced", "\(dropped / 8) ms dropped", at: now)
    }

    // MARK: - Completion

    /// The server completed an RPC, or it was lost.
    ///
    /// - Parameters:
    ///   - status: the name of its status; nil when that is OK.
    ///   - isRefusal: the status is one with which a server turns a call away.
    ///   - isLost: there is no use in telling the server anything more.
    package mutating func ended(
        _ number: Int, status: String?, isRefusal: Bool = false, isLost: Bool = false,
        at now: MediaInstant
    ) {
        advance(to: now)
        guard let index = index(of: number) else { return }
        let rpc = rpcs[index]
        let wasAudio = audioRPC == number
        if wasAudio { stopListening(at: now) }
        rpcs.remove(at: index)
        if answering == number { answering = nil }
        if let status {
            fail(rpc, status: status, isRefusal: isRefusal, isLost: isLost, at: now)
        } else {
            judgeCompletion(rpc, wasAudio: wasAudio, at: now)
        }
        finishWhenQuiet(at: now)
        refresh()
    }

    private mutating func fail(
        _ rpc: WebexRPC, status: String, isRefusal: Bool, isLost: Bool, at now: MediaInstant
    ) {
        if rpc.purpose == .sessionStart, rpc.responses == 0, isRefusal {
            log.note(.server, "refused", status, at: now)
            log.end(.refused, status)
            return finish(at: now)
        }
        log.violation(.errorStatus, "\(rpc.name): \(status)", at: now)
        guard phase == .active else { return }
        log.end(.failed, "\(rpc.name): \(status)")
        if isLost { finish(at: now) } else { endSession(at: now) }
    }

    private mutating func judgeCompletion(
        _ rpc: WebexRPC, wasAudio: Bool, at now: MediaInstant
    ) {
        if rpc.chunks > 0, !rpc.isFinal {
            log.violation(.noFinal, "\(rpc.name) ends after CHUNKs without a FINAL", at: now)
        } else if rpc.abandoned == nil, !rpc.isFinal, !rpc.hasToldEvent {
            switch rpc.purpose {
            case .sessionStart, .digits, .noInput:
                log.violation(.noAnswer, "\(rpc.name) ends without an answer", at: now)
            case .voice where rpc.hasEndOfInput || wasAudio:
                log.violation(.noAnswer, "\(rpc.name) ends without an answer", at: now)
            case .voice, .startOfDigits, .custom, .sessionEnd: break
            }
        }
        let isPromising = rpc.isAnswered || rpc.purpose == .sessionStart && rpc.isFinal
        if isPromising, rpc.abandoned == nil, !rpc.hasInputHandling, !rpc.endsSession {
            log.violation(
                .inputHandlingMissing, "\(rpc.name) has no input_handling_config", at: now)
        }
    }

    /// An RPC made no progress for too long.
    mutating func timedOut(_ number: Int, at now: MediaInstant) {
        guard let index = index(of: number) else { return }
        let rpc = rpcs.remove(at: index)
        outputs.items.append(.cancel(number))
        if answering == number { answering = nil }
        if audioRPC == number { stopListening(at: now) }
        let wanted = rpc.isFinal || rpc.abandoned != nil || rpc.purpose == .sessionEnd
        log.violation(
            .notCompleted,
            wanted ? "\(rpc.name) is not completed" : "\(rpc.name) gets no answer", at: now)
        if rpc.purpose == .sessionStart, rpc.responses == 0 {
            log.end(.failed, "No answer to SESSION_START")
            endSession(at: now)
        }
        finishWhenQuiet(at: now)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
package import NIOCore

extension GenesysPlatform {
    package mutating func received(
        text: ByteBuffer, on connection: Int, at now: MediaInstant
    ) {
        advance(to: now)
        isStale = true
        log.counts.textReceived += 1
        let bytes = Array(text.readableBytesView)
        // The limit is in characters as JavaScript counts them; no text has more of those than bytes.
        let limit = options.limits.textCharacters
        if bytes.count > limit, String(decoding: bytes, as: UTF8.self).utf16.count > limit {
            fail(.textTooLarge, "A text message of more than \(limit) characters", at: now)
        }
        if !textBucket.take(at: now) { throttle(.textRate, at: now) }
        guard phase != .leaving else {
            log.violation(.unexpectedMessage, "A text message after closed", at: now)
            return
        }
        do {
            let message = try GenesysServerMessage.parse(bytes)
            try checkEnvelope(message)
            try handle(message, at: now)
        } catch {
            fail(error.rule, error.detail, at: now)
        }
    }

    private mutating func checkEnvelope(
        _ message: GenesysServerMessage
    ) throws(GenesysFault) {
        guard message.id.lowercased() == options.session.lowercased() else {
            throw GenesysFault(.sessionIdentifier, "id is \(message.id)")
        }
        let expected = serverSequence + 1
        // One gap is one violation: what follows is counted from here.
        serverSequence = message.sequence
        guard message.sequence == expected else {
            throw GenesysFault(.sequence, "seq is \(message.sequence), not \(expected)")
        }
        guard message.clientSequence <= sequence else {
            throw GenesysFault(
                .clientSequence,
                "clientseq is \(message.clientSequence), but only \(sequence) were sent")
        }
        guard message.clientSequence >= acknowledged else {
            throw GenesysFault(
                .clientSequence,
                "clientseq went back from \(acknowledged) to"
                    + " \(message.clientSequence)")
        }
        acknowledged = message.clientSequence
    }

    private mutating func handle(
        _ message: GenesysServerMessage, at now: MediaInstant
    ) throws(GenesysFault) {
        if phase == .opening {
            switch message.content {
            case .opened(let opened): return try open(opened, at: now)
            case .disconnect(let disconnect): return disconnectReceived(disconnect, at: now)
            default: throw GenesysFault(.unexpectedMessage, "Not expected before opened")
            }
        }
        switch message.content {
        case .opened: throw GenesysFault(.unexpectedMessage, "A second opened")
        case .closed:
            guard phase == .closing else {
                throw GenesysFault(.unexpectedMessage, "closed without close")
            }
            log.note(.server, "closed", at: now)
            leave(at: now)
        case .disconnect(let disconnect): disconnectReceived(disconnect, at: now)
        case .event(let entities):
            for entity in entities { entityReceived(entity, at: now) }
        case .pause: setServerPause(true, at: now)
        case .resume: setServerPause(false, at: now)
        case .pong: try pongReceived(message, at: now)
        case .updated:
            guard updatesUnanswered > 0 else {
                throw GenesysFault(.unexpectedMessage, "updated without update")
            }
            updatesUnanswered -= 1
        case .reconnect(let info): log.note(.server, "asks to reconnect", info ?? "", at: now)
        }
    }

    mutating func leave(at now: MediaInstant) {
        phase = .leaving
        timeoutAt = now + options.limits.openTimeout
        outputs.append(.close(code: 1000, on: 0))
    }

    private mutating func pongReceived(
        _ message: GenesysServerMessage, at now: MediaInstant
    ) throws(GenesysFault) {
        guard let ping = openPing else {
            // A pong may cross our close; otherwise nothing asked for it.
            guard phase == .closing else {
                throw GenesysFault(.unexpectedMessage, "pong without ping")
            }
            return
        }
        guard message.clientSequence == ping.sequence else {
            throw GenesysFault(
                .pongMismatch,
                "clientseq of pong is \(message.clientSequence), the ping had \(ping.sequence)")
        }
        let isFirst = roundTrip == nil
        roundTrip = now - ping.at
        log.pongs.record(now - ping.at)
        openPing = nil
        if isFirst { sendPing(at: now) }
    }

    private mutating func disconnectReceived(
        _ disconnect: GenesysServerMessage.Disconnect, at now: MediaInstant
    ) {
        guard !disconnected else {
            return fail(.secondDisconnect, "reason \(disconnect.reason)", at: now)
        }
        disconnected = true
        outputVariables = disconnect.outputVariables
        let info = disconnect.info.map { ": \($0)" } ?? ""
        log.note(.server, "disconnects", disconnect.reason + info, at: now)
        for member in disconnect.unusable {
            fail(.outputVariables, "Only strings are allowed: \(member)", at: now)
        }
        guard phase == .opening || phase == .active else { return }
        if disconnect.reason == "completed", let playback {
            let here = playback.sample(at: now)
            let rest = (playback.responses.last?.lastSound ?? 0) - here
            // A block of 20 ms may be in the platform's output already.
            if rest > 160 { fail(.tailCut, "\(rest / 8) ms of speech were not played", at: now) }
        }
        switch disconnect.reason {
        case "completed": log.end(.byBot, "completed")
        case "unauthorized": log.end(.refused, "unauthorized" + info)
        default: log.end(.failed, "disconnect \(disconnect.reason)" + info)
        }
        beginClose("disconnect", at: now)
    }

    private mutating func entityReceived(
        _ entity: GenesysServerMessage.Entity, at now: MediaInstant
    ) {
        switch entity {
        case .bargeIn:
            guard options.product == .connector else {
                return fail(.connectorOnly, "barge_in in a Monitor session", at: now)
            }
            guard phase == .active else { return }
            flush(at: now)
        case .botTurn(let disposition, let text):
            guard options.product == .connector else {
                return fail(.connectorOnly, "bot_turn_response in a Monitor session", at: now)
            }
            if options.isProbe {
                fail(.probeTreatedAsCall, "bot_turn_response in a probe", at: now)
            }
            playback?.expectResponse()
            log.note(
                .bot, "turn", disposition + (text.map { ": \u{201C}\($0)\u{201D}" } ?? ""), at: now)
        case .transcript(let channel, let isFinal, let text):
            let who: TimelineEvent.Actor = channel == 0 ? .caller : .agent
            log.note(
                .server, isFinal ? "transcript" : "hears", "\(who.rawValue): \(text)", at: now)
        case .agentAssist: log.note(.server, "assists", at: now)
        case .other(let type): log.note(.server, "event", type, at: now)
        }
    }

    private mutating func flush(at now: MediaInstant) {
        let wasPlaying = playback?.isPlaying == true
        let dropped = playback?.flush(at: now) ?? 0
        log.flushed(CallLog.Flush(at: now, dropped: dropped))
        log.note(.bot, "silenced", "\(dropped / 8) ms dropped", at: now)
        if wasPlaying { send("playback_completed") }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import CSidetone
internal import MediaEngine
internal import SpeechDetection

// What happened, in the structs of the C interface.

extension sidetone_event {
    init(_ event: CallEvent) {
        self.init()
        switch event {
        case .speechStarted(let turn, let onset): set(SIDETONE_EVENT_SPEECH_STARTED, turn, onset)
        case .speechPaused(let turn, let last): set(SIDETONE_EVENT_SPEECH_PAUSED, turn, last)
        case .speechResumed(let turn, let place): set(SIDETONE_EVENT_SPEECH_RESUMED, turn, place)
        case .turnEnded(let turn):
            set(SIDETONE_EVENT_TURN_ENDED, turn.id, turn.lastVoiced)
            turn_end = sidetone_turn(turn)
        case .turnAnswered(let answered):
            kind = Int32(SIDETONE_EVENT_TURN_ANSWERED)
            turn = answered.turn.number
            response = answered.response.number
            bill = sidetone_turn_bill(answered)
        case .bargeIn(let bargeIn):
            set(SIDETONE_EVENT_BARGE_IN, bargeIn.evidence)
            time_ns = bargeIn.spoken.nanoseconds
            decided_ns = bargeIn.decided.nanoseconds
            generation = bargeIn.generation.number
        case .interruption(let seen):
            set(SIDETONE_EVENT_INTERRUPTION, seen.evidence)
            interruption = seen.id.number
            time_ns = seen.spoken.nanoseconds
            decided_ns = seen.decided.nanoseconds
            deadline_ns = seen.vetoDeadline.nanoseconds
        case .interruptionVetoed(let id):
            kind = Int32(SIDETONE_EVENT_INTERRUPTION_VETOED)
            interruption = id.number
        case .bargeInHeld(let evidence): set(SIDETONE_EVENT_BARGE_IN_HELD, evidence)
        case .digit(let pressed):
            kind = Int32(SIDETONE_EVENT_DIGIT)
            digit = Int32(pressed.key.asciiValue ?? 0)
        case .streamFault(let seen):
            kind = Int32(SIDETONE_EVENT_STREAM_FAULT)
            fault = seen.hostNumber
        case .responseStarted(let id): set(SIDETONE_EVENT_RESPONSE_STARTED, id)
        case .responseSent(let id): set(SIDETONE_EVENT_RESPONSE_SENT, id)
        case .responseEnded(let final):
            set(SIDETONE_EVENT_RESPONSE_ENDED, final.id)
            generation = final.generation.number
            account = sidetone_account(final, isFinal: true)
        case .mark(let id, let response, let wasHeard):
            set(SIDETONE_EVENT_MARK, response)
            mark = id.number
            was_heard = wasHeard ? 1 : 0
        case .underrun(let id): set(SIDETONE_EVENT_UNDERRUN, id)
        case .mediaStalled: kind = Int32(SIDETONE_EVENT_MEDIA_STALLED)
        case .mediaResumed(let silence):
            kind = Int32(SIDETONE_EVENT_MEDIA_RESUMED)
            duration_ns = silence.nanoseconds
        case .timelineJumped(let count):
            kind = Int32(SIDETONE_EVENT_TIMELINE_JUMPED)
            samples = Int64(count)
        case .playoutWritable: kind = Int32(SIDETONE_EVENT_PLAYOUT_WRITABLE)
        }
    }

    private mutating func set(_ kind: Int, _ turn: TurnID, _ position: SamplePosition) {
        self.kind = Int32(kind)
        self.turn = turn.number
        self.position = position.index
    }

    private mutating func set(_ kind: Int, _ response: ResponseID) {
        self.kind = Int32(kind)
        self.response = response.number
    }

    private mutating func set(_ kind: Int, _ evidence: BargeInEvidence) {
        self.kind = Int32(kind)
        position = evidence.onset.index
        self.evidence = sidetone_evidence(evidence)
    }
}

extension sidetone_turn {
    init(_ turn: Turn) {
        self.init(
            onset: turn.onset.index, last_voiced: turn.lastVoiced.index,
            spoken_ns: turn.spokenEnd.nanoseconds, arrived_ns: turn.arrived.nanoseconds,
            confirmed_ns: turn.confirmed.nanoseconds)
    }
}

extension sidetone_turn_bill {
    init(_ bill: TurnBill) {
        self.init(
            turn: bill.turn.number, response: bill.response.number,
            arrival_ns: bill.arrival.nanoseconds, endpoint_ns: bill.endpoint.nanoseconds,
            bot_ns: bill.bot.nanoseconds, playout_ns: bill.playout.nanoseconds,
            total_ns: bill.total.nanoseconds)
    }
}

extension sidetone_account {
    init(_ account: ResponseAccount, isFinal: Bool) {
        self.init(
            response: account.id.number, generation: account.generation.number,
            accepted: Int64(account.accepted), sent: Int64(account.sent),
            heard: Int64(account.heard), flushed: Int64(account.flushed),
            returned: Int64(account.returned), discarded: Int64(account.discarded),
            underruns: Int32(clamping: account.underruns),
            is_confirmed: account.basis == .confirmed ? 1 : 0,
            was_cleared: account.wasCleared ? 1 : 0, is_final: isFinal ? 1 : 0)
    }
}

extension sidetone_evidence {
    init(_ evidence: BargeInEvidence) {
        self.init(
            onset: evidence.onset.index, decided: evidence.decided.index,
            near_level: evidence.near, far_level: evidence.far, echo_level: evidence.echo,
            residual_level: evidence.residual, floor_level: evidence.floor,
            delay_ms: evidence.delay ?? -1, lock: evidence.lock,
            return_gain: evidence.returnGain, score: evidence.score,
            threshold: evidence.threshold, logit: evidence.logit, voicing: evidence.voicing,
            fired: evidence.verdict == .fired ? 1 : 0,
            canceller_active: evidence.cancellerIsActive ? 1 : 0)
    }
}

extension sidetone_ledger {
    init(_ caller: IngressLedger, _ bot: EgressLedger, lostEvents: Int) {
        self.init()
        caller_received = Int64(caller.received)
        caller_inserted = Int64(caller.inserted)
        caller_skipped = Int64(caller.skipped)
        caller_delivered = Int64(caller.delivered)
        caller_discarded = Int64(caller.discarded)
        caller_overrun = Int64(caller.overrun)
        caller_held = Int64(caller.held)
        bot_accepted = Int64(bot.accepted)
        bot_sent = Int64(bot.sent)
        bot_heard = Int64(bot.heard)
        bot_flushed = Int64(bot.flushed)
        bot_returned = Int64(bot.returned)
        bot_discarded = Int64(bot.discarded)
        bot_queued = Int64(bot.queued)
        bot_in_flight = Int64(bot.inFlight)
        bot_refused_stale = Int64(bot.refusedStale)
        bot_refused_full = Int64(bot.refusedFull)
        lost_events = Int64(lostEvents)
    }
}

extension sidetone_decision {
    init(_ decision: SpeechDecision) {
        self.init()
        start = decision.start.index
        end = decision.end.index
        probability = decision.probability.value
        is_voiced = decision.isVoiced ? 1 : 0
        switch decision.change {
        case .started(let place): set(SIDETONE_SPEECH_STARTED, place)
        case .paused(let place): set(SIDETONE_SPEECH_PAUSED, place)
        case .resumed(let place): set(SIDETONE_SPEECH_RESUMED, place)
        case .ended(let place): set(SIDETONE_SPEECH_ENDED, place)
        case nil: break
        }
        digit = Int32(decision.digit?.key.asciiValue ?? 0)
        fault = decision.fault?.hostNumber ?? 0
        if let seen = decision.bargeIn {
            has_evidence = 1
            evidence = sidetone_evidence(seen)
        }
    }

    private mutating func set(_ change: Int, _ position: SamplePosition) {
        self.change = Int32(change)
        change_position = position.index
    }
}

extension StreamFault {
    fileprivate var hostNumber: Int32 {
        let number =
            switch self {
            case .muLawReadAsALaw: SIDETONE_FAULT_MULAW_READ_AS_ALAW
            case .aLawReadAsMuLaw: SIDETONE_FAULT_ALAW_READ_AS_MULAW
            case .swappedOctets: SIDETONE_FAULT_SWAPPED_OCTETS
            case .linearReadAsMuLaw: SIDETONE_FAULT_LINEAR_READ_AS_MULAW
            case .linearReadAsALaw: SIDETONE_FAULT_LINEAR_READ_AS_ALAW
            case .muLawReadAsLinear: SIDETONE_FAULT_MULAW_READ_AS_LINEAR
            case .aLawReadAsLinear: SIDETONE_FAULT_ALAW_READ_AS_LINEAR
            case .slowSpeech: SIDETONE_FAULT_SLOW_SPEECH
            case .fastSpeech: SIDETONE_FAULT_FAST_SPEECH
            case .oneWayAudio: SIDETONE_FAULT_ONE_WAY_AUDIO
            case .deadAir: SIDETONE_FAULT_DEAD_AIR
            case .clipping: SIDETONE_FAULT_CLIPPING
            case .offset: SIDETONE_FAULT_OFFSET
            }
        return Int32(number)
    }
}

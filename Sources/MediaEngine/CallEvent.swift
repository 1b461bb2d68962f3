// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import SpeechDetection

/// The caller seems to interrupt the bot, which is silent while this may be vetoed.
public struct Interruption: Hashable, Sendable {
    public let id: InterruptionID
    /// Where the caller's voice began, on the ingress timeline.
    public let onset: SamplePosition
    /// When that was spoken, by the stream's own clock.
    public let spoken: MediaInstant
    /// When the evidence was complete and the bot fell silent.
    public let decided: MediaInstant
    /// From then on the bot is cleared.
    public let vetoDeadline: MediaInstant
    /// Why the caller was taken to interrupt.
    public let evidence: BargeInEvidence
}

/// The caller interrupted the bot.
public struct BargeIn: Hashable, Sendable {
    /// Where the caller's voice began, on the ingress timeline.
    public let onset: SamplePosition
    /// When that was spoken, by the stream's own clock.
    public let spoken: MediaInstant
    /// When the evidence was complete and the bot fell silent.
    public let decided: MediaInstant
    /// The generation that the clear began.
    public let generation: Generation
    /// Why the caller was taken to interrupt.
    public let evidence: BargeInEvidence

    init(_ interruption: Interruption, generation: Generation) {
        onset = interruption.onset
        spoken = interruption.spoken
        decided = interruption.decided
        evidence = interruption.evidence
        self.generation = generation
    }
}

/// Something that happened on a call. Past tense: it is over when it is told.
///
/// Events are plain values: making and passing them allocates nothing.
public enum CallEvent: Hashable, Sendable {
    /// The caller began to speak; `onset` lies before the moment of detection.
    case speechStarted(turn: TurnID, onset: SamplePosition)
    /// Eager endpoint: the caller may have finished, a bot may begin to think.
    case speechPaused(turn: TurnID, lastVoiced: SamplePosition)
    /// The caller went on after `speechPaused`.
    case speechResumed(turn: TurnID, at: SamplePosition)
    /// Confirmed endpoint: the turn is over.
    case turnEnded(Turn)
    /// The bot's first audio after a turn was handed to the platform.
    case turnAnswered(TurnBill)
    /// The caller interrupted; everything queued and playing was cleared.
    case bargeIn(BargeIn)
    /// The caller seems to interrupt: the bot is silent and will be cleared unless this is vetoed.
    /// Told in the mode `pause` only; `bargeIn` or `interruptionVetoed` follows, unless the bot is
    /// cleared otherwise.
    case interruption(Interruption)
    /// The bot goes on where the caller stopped hearing it.
    case interruptionVetoed(InterruptionID)
    /// There was some evidence of an interruption, and it faded before it was enough.
    case bargeInHeld(BargeInEvidence)
    /// The caller pressed a key: the platform said so, or it was heard in the audio, or both. What
    /// was being heard was cleared if it may be interrupted.
    case digit(DTMFDigit)
    /// Something is wrong with the caller's stream; told when it is certain, not for each block.
    case streamFault(StreamFault)
    /// The first packet of a response was handed to the platform.
    case responseStarted(ResponseID)
    /// The last packet of a response was handed to the platform; not told of one that was cleared
    /// before.
    case responseSent(ResponseID)
    /// A response was heard to its end or cleared; the account is final.
    case responseEnded(ResponseAccount)
    /// A mark was passed by the caller's ear (`wasHeard`) or cleared.
    case mark(MarkID, ResponseID, wasHeard: Bool)
    /// An unfinished response ran dry: the caller hears a gap.
    case underrun(ResponseID)
    /// Nothing has arrived for the stall threshold.
    case mediaStalled
    /// Audio arrives again after `mediaStalled`; the length of the silence.
    case mediaResumed(after: MediaDuration)
    /// The platform declared a gap: the timeline jumped by so many samples.
    case timelineJumped(samples: Int)
    /// The queue was full and refused audio; now half of it is free again.
    case playoutWritable
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// What the detector concluded from one block.
public struct SpeechDecision: Hashable, Sendable {
    /// The block's place on the ingress timeline.
    public var start: SamplePosition
    public var end: SamplePosition
    /// Whether the block counts as the caller's voice.
    public var isVoiced: Bool
    /// A turn's beginning, pause, continuation or end that this block brought about.
    public var change: SpeechChange?
    /// Whether this block completed the evidence for an interruption of the bot.
    public var isBargeIn: Bool
}

/// Hears when a caller starts and stops speaking: one call's detector.
///
/// Feed it the ingress samples in any chunking; the decisions are the same. It is owned by the
/// call's thread, allocates only in `init`, and costs under 1 us per 10 ms.
///
/// The judgement of a block is the WebRTC detector's, with a level gate over it: that detector
/// holds on for 80 to 230 ms after a talkspurt, and a block far below the talkspurt's level is
/// its hangover, not the voice.
public struct SpeechDetector: ~Copyable {
    private var detector: WebRTCVoiceActivityDetector
    private var endpointer: Endpointer
    private var bargeIn: BargeInDetector
    private var pending: [Int16]
    private var pendingCount = 0
    private var position = SamplePosition.start
    private var levelGate = LevelGate()

    /// - Parameter rate: the ingress rate: 8, 16, 32 or 48 kHz.
    public init(rate: SampleRate, profile: EndpointProfile) {
        detector = WebRTCVoiceActivityDetector(rate: rate, aggressiveness: 3)
        endpointer = Endpointer(profile: profile, rate: rate)
        bargeIn = BargeInDetector(rate: rate)
        pending = Array(repeating: 0, count: detector.blockLength)
    }

    /// Samples of one decision.
    public var blockLength: Int { detector.blockLength }

    /// Samples that are still missing to complete the current block, 1 or more.
    public var blockRemainder: Int { blockLength - pendingCount }

    /// Whether a turn is under way (speaking or paused, not yet confirmed as ended).
    public var isInTurn: Bool { endpointer.isInTurn }

    /// Takes samples from the front of `samples` until a block is complete or they run out.
    ///
    /// Call it again with the rest until everything is consumed.
    /// - Parameters:
    ///   - samples: ingress audio, following on what was consumed before.
    ///   - botIsAudible: whether the caller is hearing the bot now; barge-in needs it.
    /// - Returns: how many samples were taken, and the decision when a block was completed.
    public mutating func consume(
        _ samples: Span<Int16>, botIsAudible: Bool
    ) -> (count: Int, decision: SpeechDecision?) {
        let count = min(samples.count, blockLength - pendingCount)
        let offset = pendingCount
        var room = pending.mutableSpan
        for index in 0..<count {
            room[offset + index] = samples[index]
        }
        pendingCount += count
        guard pendingCount == blockLength else { return (count, nil) }
        pendingCount = 0
        return (count, decide(botIsAudible: botIsAudible))
    }

    /// Lets time pass without audio, so that a turn ends although nothing arrives.
    /// - Parameter silence: samples of silence since the last one consumed.
    public mutating func passSilence(of silence: Int) -> SpeechChange? {
        endpointer.passSilence(until: position.advanced(by: silence))
    }

    /// Moves the timeline forward without audio: a jump that the platform declared.
    public mutating func skip(to newPosition: SamplePosition) -> SpeechChange? {
        precondition(newPosition >= position, "A timeline does not run backwards")
        pendingCount = 0
        position = newPosition
        return endpointer.passSilence(until: newPosition)
    }

    private mutating func decide(botIsAudible: Bool) -> SpeechDecision {
        let start = position
        position = start.advanced(by: blockLength)
        let isVoiced = judge()
        let change = endpointer.observe(isVoiced: isVoiced, start: start, end: position)
        let fires = bargeIn.observe(
            isVoiced: isVoiced, blockLength: blockLength, botIsAudible: botIsAudible)
        return SpeechDecision(
            start: start, end: position, isVoiced: isVoiced, change: change, isBargeIn: fires)
    }

    private mutating func judge() -> Bool {
        // Taken out for the moment: a span of a stored array would lock all of self.
        var block: [Int16] = []
        swap(&block, &pending)
        let isActive = detector.isActive(block.span)
        let isVoiced = levelGate.passes(block.span, isActive: isActive)
        swap(&block, &pending)
        return isVoiced
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Hears when a caller starts and stops speaking, and interrupts: one call's detector.
///
/// Feed it the ingress samples in any chunking, and what the caller was hearing meanwhile; the
/// decisions are the same. It judges blocks of 8 ms, brought to 8 kHz where the ingress is not.
/// Owned by the call's thread; it allocates only in `init`, reads no clock, and gives the same
/// decisions on any machine.
public struct SpeechDetector: ~Copyable {
    /// Samples of a block at 8 kHz.
    private static let farLength = RealFFT.blockLength
    /// Blocks before the one in which evidence sufficed that a turn may be dated back by: 0.3 s.
    private static let longestEvidence = 38

    /// Blocks that a packet of 20 ms completes at most.
    private static let blocksOfPacket = 3

    private var input: AnalysisInput
    private var spectrum = BandSpectrum()
    private var floor = NoiseFloor()
    private var voice = VoiceActivityDetector()
    private var bargeIn: BargeInDetector
    private var endpointer: Endpointer
    private var keys: DTMFDetector
    private var sentinel: StreamSentinel
    private var position = SamplePosition.start
    /// Nothing has stirred for a while: what comes of further quiet can be learned later...
    private var isAtFloor = false
    /// ...and not each block of it needs a look.
    private var isResting = false
    private var restingShape = RestingShape()
    private var stretch = QuietStretch()

    /// Whether ingress of this rate can be heard: 8 kHz and its multiples.
    public static func supports(_ rate: SampleRate) -> Bool { AnalysisInput.supports(rate) }

    /// - Parameters:
    ///   - rate: the ingress rate.
    ///   - cancellers: what to take an echo canceller from where there is an audible echo; without
    ///     one, and when none is left, the echo is told by its level alone.
    /// - Precondition: `supports(rate)`.
    public init(
        rate: SampleRate, profile: HearingProfile, cancellers: EchoCancellerPool? = nil
    ) {
        self.init(rate: rate, profile: profile, cancellers: cancellers, ablation: [])
    }

    /// - Parameter ablation: parts of the barge-in detector to leave out, for an evaluation.
    package init(
        rate: SampleRate, profile: HearingProfile, cancellers: EchoCancellerPool?,
        ablation: BargeInAblation
    ) {
        input = AnalysisInput(rate: rate)
        bargeIn = BargeInDetector(
            sensitivity: profile.sensitivity, cancellers: cancellers,
            offsetLimit: SampleRate.hz8000.samples(in: profile.farEndOffsetLimit)
                / RealFFT.blockLength, ablation: ablation)
        endpointer = Endpointer(profile: profile.endpoints, rate: rate)
        keys = DTMFDetector(rate: rate)
        sentinel = StreamSentinel(rate: rate)
    }

    /// Ingress samples of one decision: 8 ms.
    public var blockLength: Int { input.blockLength }

    // The getters below are mutating in name only: else the compiler copies all of self, 11 KB.

    /// Ingress samples that are still missing to complete the current block, 1 or more.
    public var blockRemainder: Int { mutating get { input.blockRemainder } }

    /// Samples at 8 kHz by which the far end must be given later than it is: not zero only once a
    /// platform was found to buffer.
    public var farEndOffset: Int { mutating get { bargeIn.farEndOffset } }

    /// Samples at 8 kHz by which the echo follows the far end as it is given; nil while none is known.
    public var echoDelay: Int? { mutating get { bargeIn.echoDelay } }

    /// What is known at the end of the newest block, whether or not it decided anything: for a
    /// picture of a call. Some hundred nanoseconds each time it is asked for.
    public var evidence: BargeInEvidence {
        bargeIn.state(at: position, analysis: spectrum, floor: floor)
    }

    /// Whether a turn is under way (speaking or paused, not yet confirmed as ended).
    public var isInTurn: Bool { mutating get { endpointer.isInTurn } }

    /// Takes samples from the front of `samples` until a block is complete or they run out.
    ///
    /// Call it again with the rest until everything is consumed.
    /// - Parameters:
    ///   - samples: ingress audio, following on what was consumed before.
    ///   - far: 64 samples at 8 kHz that were heard during this block, as far as is known; empty
    ///     when nothing was heard. Read only when the block is completed.
    ///   - mayInterrupt: whether what is heard may be interrupted.
    /// - Returns: how many samples were taken, and the decision when a block was completed.
    public mutating func consume(
        _ samples: Span<Int16>, far: Span<Int16>, mayInterrupt: Bool
    ) -> (count: Int, decision: SpeechDecision?) {
        let (count, isComplete) = input.append(samples)
        guard isComplete else { return (count, nil) }
        precondition(
            far.isEmpty || far.count == Self.farLength, "The far end comes in blocks of 8 ms")
        return (count, judge(far: far, mayInterrupt: mayInterrupt))
    }

    /// Whether nothing stirs on the line, nor in `samples`: what the detector decides about them it can
    /// as well decide together with the next ones, as long as those are quiet too.
    ///
    /// Costs a tenth of a microsecond, and needs little of the detector's memory.
    /// - Parameter samples: ingress audio that follows on what was consumed before.
    public mutating func isQuiet(_ samples: Span<Int16>) -> Bool {
        isAtFloor && restingShape.covers(BlockShape(samples))
    }

    /// What the bot expects the caller to say next.
    public mutating func expect(_ input: ExpectedSpeech) {
        endpointer.expect(input)
    }

    /// Lets time pass without audio, so that a turn ends although nothing arrives.
    /// - Parameter silence: samples of silence since the last one consumed.
    public mutating func passSilence(of silence: Int) -> SpeechChange? {
        endpointer.passSilence(until: position.advanced(by: silence))
    }

    /// Moves the timeline forward without audio: a jump that the platform declared.
    public mutating func skip(to newPosition: SamplePosition) -> SpeechChange? {
        precondition(newPosition >= position, "A timeline does not run backwards")
        if stretch.count > 0 { passOverStretch() }
        input.reset()
        _ = keys.reset()
        position = newPosition
        return endpointer.passSilence(until: newPosition)
    }

    /// Asks for all that the next block needs to be brought near, at once, so that it comes while
    /// other work is done instead of being waited for part by part.
    ///
    /// Worth calling some microseconds before ``consume(_:far:mayInterrupt:)`` where a call's detector
    /// was not used lately, as with hundreds of calls that take turns. Changes nothing.
    /// - Parameter echo: whether something is heard by the caller.
    public mutating func fetch(echo: Bool) {
        if isResting, stretch.count &+ Self.blocksOfPacket < QuietStretch.capacity {
            stretch.fetch()
            return
        }
        SpectralKernels.fetch(&spectrum)
        SpectralKernels.fetch(&floor)
        SpectralKernels.fetch(&voice)
        SpectralKernels.fetch(&keys)
        if echo {
            SpectralKernels.fetch(&bargeIn)
            bargeIn.fetch()
        }
    }

    /// Judges a block, at once or, where nothing stirs, together with others.
    private mutating func judge(far: Span<Int16>, mayInterrupt: Bool) -> SpeechDecision {
        let start = position
        position = start.advanced(by: blockLength)
        let shape = input.measure()
        let samples = input.samples
        var decision: SpeechDecision?
        if isResting, restingShape.covers(shape), !bargeIn.begins(with: far) {
            guard stretch.isFull else {
                stretch.append(samples, far: far, mayInterrupt: mayInterrupt)
                var quiet = SpeechDecision(start: start, end: position)
                quiet.fault = input.show(
                    &sentinel, shape, isVoiced: false, farIsHeard: !far.isEmpty)
                return quiet
            }
            passOverStretch()
        } else {
            decision = judgeStretch(until: start)
        }
        var newest = decide(samples, far: far, start: start, mayInterrupt: mayInterrupt)
        isAtFloor =
            voice.isResting && endpointer.isIdle && !keys.isHeld && bargeIn.isAtFloor
        isResting = isAtFloor && bargeIn.isResting
        if voice.isResting { restingShape.observe(shape) }
        newest.fault = input.show(
            &sentinel, shape, isVoiced: newest.isVoiced, farIsHeard: !far.isEmpty)
        if let decision { newest.adopt(decision) }
        return newest
    }

    /// Something stirs: what was kept is judged as if it had just come.
    private mutating func judgeStretch(until end: SamplePosition) -> SpeechDecision? {
        guard stretch.count > 0 else { return nil }
        var start = end.advanced(by: -stretch.count &* blockLength)
        var decision = SpeechDecision(start: start, end: end)
        for index in 0..<stretch.count {
            let heard = stretch.far(index)
            decision.adopt(
                decide(
                    stretch.near(index),
                    far: heard.block.span.extracting(0..<heard.count),
                    start: start, mayInterrupt: stretch.mayInterrupt(index)))
            start = start.advanced(by: blockLength)
        }
        stretch.clear()
        return decision
    }

    /// Nothing has stirred: of what was kept only the far end counts, and what the next block needs.
    private mutating func passOverStretch() {
        for index in 0..<stretch.count {
            let heard = stretch.far(index)
            bargeIn.passOver(
                far: heard.block.span.extracting(0..<heard.count),
                mayInterrupt: stretch.mayInterrupt(index))
        }
        let samples = stretch.near(stretch.count - 1)
        var block = InlineArray<64, Float>(repeating: 0)
        Self.convert(samples, into: &block)
        spectrum.analyze(block.span)
        voice.passOver(to: block.span)
        keys.passOver(to: samples.span)
        stretch.clear()
    }

    private static func convert(
        _ samples: QuietStretch.Block, into block: inout InlineArray<64, Float>
    ) {
        var room = block.mutableSpan
        SpectralKernels.convert(samples.span, into: &room)
    }

    private mutating func decide(
        _ samples: QuietStretch.Block, far: Span<Int16>, start: SamplePosition,
        mayInterrupt: Bool
    ) -> SpeechDecision {
        let end = start.advanced(by: blockLength)
        var block = InlineArray<64, Float>(repeating: 0)
        Self.convert(samples, into: &block)
        spectrum.analyze(block.span)
        floor.observe(spectrum.level)
        let activity = voice.observe(
            block.span, levels: spectrum.level, floor: floor.level)
        let judgement = bargeIn.observe(
            block.span, of: &spectrum, over: floor.level, voice: activity, pitch: voice.pitch,
            far: far, start: start, end: end, mayInterrupt: mayInterrupt)
        // A key's tones are no voice, however much they sound like one.
        let key = keys.observe(samples.span, end: end)
        // While the bot's echo may be on the line, a voice is the caller's only on evidence.
        let isVoiced =
            activity.isActive && !keys.isHeld
            && (!judgement.isEchoPossible || judgement.suggestsCaller)
        // Where evidence had to be gathered first, the voice began with it.
        let blocks = judgement.isEchoPossible ? min(judgement.evidenceAge, Self.longestEvidence) : 0
        let change = endpointer.observe(
            EndpointCue(
                start: start, end: end, isVoiced: isVoiced,
                precedingVoice: min(blocks &* blockLength, Int(start.index)), level: activity.level,
                period: activity.pitchPeriod ?? 0))
        return SpeechDecision(
            start: start, end: end, probability: activity.probability,
            isVoiced: isVoiced, change: change, bargeIn: judgement.evidence,
            digit: digit(key, judgement.isEchoPossible))
    }

    /// A key's tones stand out of the echo that is expected: a voice may hold some, and its echo too.
    /// Mutating in name only: else the compiler copies all of self, 11 KB, for the call.
    private mutating func digit(_ change: DTMFChange?, _ isEchoPossible: Bool) -> DTMFDigit? {
        guard case .pressed(let press) = change else { return nil }
        let isEcho =
            isEchoPossible
            && !bargeIn.exceedsEcho(
                spectrum.level, at: [press.digit.lowFrequency, press.digit.highFrequency])
        return isEcho ? nil : press.digit
    }
}

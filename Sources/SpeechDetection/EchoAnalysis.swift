// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Everything that is known of one call's echo: how late it is, how loud it can be, what of the
/// near end it does not explain.
///
/// It composes the delay search, the predictor, the return gain and, where the echo is audible and
/// a canceller is to be had, the canceller. One block of each signal goes in per 8 ms, aligned as
/// well as is known; out come the net's features. Owned by one call's thread; allocates in `init`.
package struct EchoAnalysis: ~Copyable {
    /// Bands in which the echo must stand out of the noise for the canceller to run.
    private static let audibleBands = 3
    private static let notableExcess: Float = 0.5
    private static let learningBlocks = 375
    /// Blocks without a lock after which an offset is given up: 2.5 s.
    private static let patience = 312
    private static let trustedCoherence: Float = 0.33
    private static let blocksPerLesson = 4
    /// A line at its floor tells of the echo where that should lie so far above it, in dB.
    private static let tellingMargin: Float = 10
    /// The line is silent while it lies no further above its floor than noise does, in dB, in the
    /// mean of the last 80 ms...
    private static let noiseMargin: Float = 4.5
    private static let noiseShare: Float = 0.1
    /// ...and nothing in this block stands out or sounds like speech.
    private static let outstandingMargin: Float = 8
    private static let quietVoice = SpeechProbability(0.2)
    private static let littleGain: Float = -30
    /// How far a band's height over the floor counts, in dB.
    private static let heights: ClosedRange<Float> = 0...25

    package private(set) var delay: EchoDelay
    package private(set) var power = EchoPower()
    /// The path's gain to the near end, and to what the canceller leaves of it.
    package private(set) var gain: ReturnGain
    package private(set) var residualGain: ReturnGain
    private(set) var ceiling = NoiseCeiling()
    package private(set) var features = BargeInFeatures()
    /// Levels of what the canceller left; the near end's where none ran.
    package private(set) var residual = BandValues(repeating: 0)
    /// Whether the canceller ran on the last block.
    package private(set) var cancels = false
    private(set) var canceller: EchoCanceller?

    private let pool: EchoCancellerPool?
    private let ablation: BargeInAblation
    /// Blocks by which the far end should be given later than it is.
    package private(set) var farOffset = 0

    /// Whether the far end is given as it is heard, as far as can be told.
    /// A platform that holds audio back returns other words than those just given: a lock on them
    /// would be chance, so it takes more to be believed.
    package var isOffsetKnown: Bool {
        !searches || (delay.lag != nil && delay.coherence > Self.trustedCoherence)
    }

    private var searches: Bool { offsetLimit > 0 }
    private let offsetLimit: Int
    private var search: FarEndSearch?
    private var unlockedBlocks = 0
    private var blocks = 0
    private var meanMargin = Self.heights.upperBound
    /// Whether the near end has held nothing but its noise for a while.
    package private(set) var isSilent = false
    /// Blocks since the far end began to be heard.
    private var openBlocks = 0
    /// Blocks before this one that were not looked at.
    private var passedBlocks = 0
    private var farSpectrum = BandSpectrum()
    private var residualMean = BandValues(repeating: 0)
    private var residualCorrelation = PatternCorrelation()
    private var nearCorrelation = PatternCorrelation()
    private var pitch = PitchAnalysis()

    /// - Parameters:
    ///   - pool: where a canceller comes from.
    ///   - offsetLimit: blocks by which the far end may be heard later than it is given.
    package init(
        pool: EchoCancellerPool?, offsetLimit: Int = 0, ablation: BargeInAblation = []
    ) {
        self.offsetLimit = offsetLimit
        search = offsetLimit > 0 ? FarEndSearch(blockLimit: offsetLimit) : nil
        self.pool = ablation.contains(.levelsOnly) ? nil : pool
        self.ablation = ablation
        delay = EchoDelay(followsOneLag: ablation.contains(.singleDelay))
        gain = ReturnGain(isFixed: ablation.contains(.fixedGain))
        residualGain = gain
    }

    deinit {
        if let pool, let canceller {
            pool.give(canceller.memory)
        }
    }

    /// Takes the next block of both signals.
    ///
    /// Where the near end has held nothing but its noise for a while there is neither echo nor
    /// caller in it to find: what the far end sends is kept, that it does not return is learned, and
    /// the rest, two thirds of the cost, is left out.
    /// - Parameters:
    ///   - near: 64 samples of the caller's line, which `spectrum` has analysed last.
    ///   - floor: the noise floor of the near end.
    ///   - voice: whether the block sounds like speech, be it the caller's or the echo's.
    ///   - nearPitch: of the near end, this block included.
    ///   - far: 64 samples of the far end, or none where nothing was heard.
    package mutating func observe(
        near: Span<Float>, spectrum: inout BandSpectrum, floor: BandValues,
        voice: SpeechProbability, nearPitch: PitchAnalysis, far: Span<Int16>
    ) {
        let nearMargin = SpectralKernels.meanMargin(
            spectrum.level, over: floor, limitedTo: Self.heights)
        meanMargin += Self.noiseShare * (nearMargin - meanMargin)
        let isAtFloor =
            meanMargin < Self.noiseMargin && nearMargin < Self.outstandingMargin
            && voice < Self.quietVoice
        isSilent = isAtFloor && (!searches || returnsLittle)
        fetch(.background)
        observeFar(far)
        if isSilent {
            delay.observeSilence(spectrum.level, floor: floor)
        } else {
            observeNear(spectrum.level, floor)
        }
        searchFurther()
        predict()

        var block = BlockValues(repeating: 0)
        let nearExcess = BandExcess(
            of: spectrum.level, power: power.level, gain: gain.level, floor: floor,
            ceiling: ceiling)
        blocks &+= 1
        openBlocks &+= 1
        cancel(near, &spectrum, isSilent ? .none : part(floor, nearExcess), into: &block)
        let judged = cancels ? residualGain.level : gain.level
        let excess =
            cancels
            ? BandExcess(
                of: residual, power: power.level, gain: judged, floor: floor, ceiling: ceiling)
            : nearExcess
        let certain =
            isSilent
            ? excess
            : BandExcess(
                of: residual, power: power.highest, gain: judged, floor: floor, ceiling: ceiling)
        if !isSilent { correlate(floor) }
        let margin = SpectralKernels.meanMargin(
            power.level, over: floor, limitedTo: -10...40)
        let caution = ReturnGain.Caution(
            isLocked: delay.lag != nil, meanExcess: excess.positive,
            shortCorrelation: delay.lag == nil ? 0 : residualCorrelation.value, margin: margin,
            returnsNothing: isAtFloor && returnsNothing(margin: margin))
        if cancels {
            pitch.observe(block.span)
        } else {
            pitch = nearPitch
        }
        collect(
            excess, certain: certain, near: nearExcess, floor, margin: margin,
            nearMargin: nearMargin, voice: voice)
        learn(spectrum.level, floor, caution)
        passedBlocks = 0
    }

    /// Takes the far end of a block in which the near end stays silent, and is not looked at: the next
    /// one that is will stand for it.
    mutating func passOver(far: Span<Int16>) {
        observeFar(far)
        delay.passOver()
        searchFurther()
        predict()
        blocks &+= 1
        openBlocks &+= 1
        passedBlocks &+= 1
    }

    private mutating func predict() {
        power.predict(
            plausible: delay.plausible, isLocked: isOffsetKnown && delay.lag != nil,
            holds: !isOffsetKnown)
    }

    private mutating func observeNear(_ levels: BandValues, _ floor: BandValues) {
        fetch(.inputs)
        if delay.observeNear(levels, floor: floor), let lag = delay.lag {
            gain.restart()
            residualGain.restart()
            canceller?.restart(at: lag)
        }
        fetch(.foreground)
    }

    /// The far end has been silent for so long that no echo is left: forgets what it sent, keeps
    /// what is known of the path, and gives a canceller back that has not been of use.
    package mutating func rest() {
        delay.clearHistory()
        power.clearHistory()
        openBlocks = 0
        guard let pool, let canceller, !canceller.isConverged else { return }
        pool.give(canceller.memory)
        self.canceller = nil
        cancels = false
    }

    /// A response begins: what the line was like under the last one, with a caller on it or not,
    /// says nothing of this one. A platform that buffers may hold it for another time than the last:
    /// the delay has to prove itself again.
    package mutating func begin() {
        features = BargeInFeatures()
        residualMean = BandValues(repeating: 0)
        residualCorrelation = PatternCorrelation()
        nearCorrelation = PatternCorrelation()
        guard searches else { return }
        delay.unlock()
        search?.clear()
        unlockedBlocks = 0
    }

    /// Whether the far end is loud, and has been for longer than any echo is late. Where the platform
    /// may hold audio back it can be later still.
    private mutating func returnsNothing(margin: Float) -> Bool {
        echoLag == nil && openBlocks > EchoDelay.lagCount + offsetLimit
            && margin > Self.tellingMargin
    }

    /// The lag of the echo, where it is more than chance.
    private var echoLag: Int? { mutating get { isOffsetKnown ? delay.lag : nil } }

    /// Whether earlier prompts have shown that little comes back: an echo that is seconds late is then
    /// not waited for.
    private var returnsLittle: Bool {
        mutating get {
            SpectralKernels.meanMargin(
                gain.level, over: BandValues(repeating: 0), limitedTo: -60...0) < Self.littleGain
        }
    }

    /// Looks for an echo beyond the lags of the delay search, while that finds nothing.
    private mutating func searchFurther() {
        guard !isOffsetKnown else { return }
        var far = BandValues(repeating: 0)
        delay.farPattern(at: 0, into: &far)
        if let blocks = search?.observe(far: far, near: delay.nearPattern) {
            move(to: farOffset + blocks)
        } else if farOffset > 0 {
            unlockedBlocks &+= 1
            if unlockedBlocks > Self.patience {
                move(to: 0)
            }
        }
    }

    private mutating func move(to offset: Int) {
        farOffset = offset
        unlockedBlocks = 0
        delay.unlock()
        power.clearHistory()
        search?.clear()
    }

    private mutating func observeFar(_ far: Span<Int16>) {
        var block = BlockValues(repeating: 0)
        if !far.isEmpty {
            var room = block.mutableSpan
            SpectralKernels.convert(far, into: &room)
        }
        farSpectrum.analyze(block.span)
        delay.observeFar(farSpectrum.level)
        power.observeFar(farSpectrum.level)
        // Most lines return nothing: who has no echo needs no canceller.
        if canceller == nil, let lag = echoLag, let memory = pool?.take() {
            canceller = EchoCanceller(memory: memory)
            canceller?.restart(at: lag)
        }
        canceller?.observeFar(far)
    }

    /// Asks for what a block needs outside of the analysis itself.
    mutating func fetch() {
        delay.fetch()
        power.fetch()
    }

    /// Where the canceller ran on the last block, it is likely to run on this one.
    private mutating func fetch(_ part: EchoCancellerMemory.Part) {
        if cancels {
            canceller?.memory.fetch(part)
        }
    }

    /// The canceller's part in this block. It is the dearest part of the detector, so it rests while
    /// the echo is lost in the noise, and follows the path with one block in four while levels
    /// alone explain everything.
    /// Mutating in name only, as some others are: else the compiler copies all of self for the call.
    private mutating func part(_ floor: BandValues, _ excess: BandExcess) -> CancellerPart {
        guard echoLag != nil, let learned = canceller?.blocksRun else {
            return .none
        }
        let audible = SpectralKernels.bandCount(
            power.level, gain: gain.level, over: floor, by: 3)
        guard audible >= Self.audibleBands else { return .none }
        if excess.positive > Self.notableExcess || learned < Self.learningBlocks {
            return .cancels
        }
        return blocks % Self.blocksPerLesson == 0 ? .follows : .none
    }

    /// Runs the canceller where wanted, and analyses what it leaves.
    private mutating func cancel(
        _ near: Span<Float>, _ spectrum: inout BandSpectrum, _ part: CancellerPart,
        into block: inout BlockValues
    ) {
        if part != .none {
            var output = block.mutableSpan
            canceller?.cancel(near, into: &output)
        }
        guard part == .cancels else {
            cancels = false
            residual = spectrum.level
            return
        }
        if !cancels {
            canceller?.resume(after: spectrum.previous)
        }
        cancels = true
        canceller?.analyze(block.span, into: &residual)
    }

    private mutating func correlate(_ floor: BandValues) {
        let pattern = SpectralKernels.pattern(
            residual, floor: floor, noise: -.infinity, mean: &residualMean)
        var far = BandValues(repeating: 0)
        if let lag = delay.lag {
            delay.farPattern(at: lag, into: &far)
        }
        residualCorrelation.observe(pattern.values, far)
        nearCorrelation.observe(delay.nearPattern, far)
    }

    private mutating func learn(
        _ near: BandValues, _ floor: BandValues, _ caution: ReturnGain.Caution
    ) {
        for _ in 0...passedBlocks {
            ceiling.observe(
                near, floor: floor, echo: power.level, gain: gain.level,
                meanExcess: caution.meanExcess)
            gain.observe(near, power: power.level, floor: floor, caution: caution)
        }
        if cancels {
            residualGain.observe(residual, power: power.level, floor: floor, caution: caution)
        }
        if delay.lag != nil {
            gain.countBlock()
            residualGain.countBlock()
        }
    }

    private mutating func collect(
        _ excess: BandExcess, certain: BandExcess, near: BandExcess, _ floor: BandValues,
        margin: Float, nearMargin: Float, voice: SpeechProbability
    ) {
        let isLocked = delay.lag != nil
        var values = InlineArray<27, Float>(repeating: 0)
        values[0] = excess.positive
        values[1] = excess.signed
        values[2] = excess.shareAbove
        values[3] = excess.shareBelow
        values[4] = excess.low
        values[5] = excess.high
        values[6] = nearMargin
        values[7] =
            cancels
            ? SpectralKernels.meanMargin(residual, over: floor, limitedTo: Self.heights)
            : nearMargin
        values[8] = margin
        values[9] = isLocked ? residualCorrelation.value : 0
        values[10] = isLocked ? nearCorrelation.value : 0
        values[11] = pitch.voicing
        values[12] = cancels ? canceller?.enhancement ?? 0 : 0
        values[13] = isLocked ? 1 : 0
        values[14] = delay.coherence
        values[15] = delay.coherence - delay.rivalCoherence
        values[16] = cancels ? canceller?.leakage ?? 0 : 0
        values[17] = Float(min(gain.age, 500)) / 500
        values[18] = delay.fastCoherence
        values[19] = Float(min(delay.plausibleCount, 30)) / 30
        values[20] = certain.positive
        values[21] = delay.instantCoherence
        values[22] = near.positive
        values[23] = cancels ? 1 : 0
        values[24] = excess.aboveCeiling
        values[25] = ceiling.mean
        values[26] = voice.value
        for _ in 0...passedBlocks { features.observe(values) }
    }
}

/// What the canceller does with a block.
private enum CancellerPart {
    case none
    /// It adapts, and its output is not used.
    case follows
    case cancels
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// Decides that the caller is interrupting the bot, and knows the bot's own echo when it returns.
///
/// While the far end is heard, and for 700 ms after, each block of both signals goes through
/// `EchoAnalysis`; a small net judges its features, and the judgements add up to a decision. Outside
/// of that time nothing can be echo, and whatever sounds like speech is the caller. Owned by one
/// call's thread; it allocates only in `init`, and is a function of its input alone.
package struct BargeInDetector: ~Copyable {
    /// Blocks after the far end's last during which its echo may still return: 0.7 s.
    private static let echoWindow = 88
    /// A sample above this is heard: about -60 dBov.
    private static let audible: Int16 = 32
    /// What a block that surely is speech adds where nothing can be echo: the most that counts.
    private static let logitPerShare: Float = 6
    /// What a block adds in which nothing has stood out of the noise for a while.
    private static let logitOfSilence: Float = -3
    private static let leastCertainExcess: Float = 4
    /// A line below this, in dBov, is silent to the bit: what the net makes of it means nothing.
    private static let silence: Float = -110
    /// From a level of bands to dBov.
    private static let levelOffset: Float = -93.3

    /// What the detector makes of one block.
    package struct Judgement {
        /// Whether what is heard on the line may be the bot's echo.
        package var isEchoPossible = false
        /// Whether there is evidence that the caller speaks. Means something while echo is possible.
        package var suggestsCaller = false
        /// Blocks since that evidence began.
        package var evidenceAge = 0
        /// Evidence that has fired, once per interruption, or has faded.
        package var evidence: BargeInEvidence?
    }

    package private(set) var echo: EchoAnalysis
    // Mutating in name only, as some others are: else the compiler copies all of self for the call.
    /// Samples at 8 kHz by which the far end should be given later than it is.
    package var farEndOffset: Int { mutating get { echo.farOffset * RealFFT.blockLength } }
    /// Samples at 8 kHz by which the echo follows the far end; nil while none is found.
    package var echoDelay: Int? { mutating get { echo.delay.lag.map { $0 * RealFFT.blockLength } } }
    /// Evidence since there was something to interrupt: it decides.
    private var score: BargeInScore
    /// Evidence whatever may be interrupted: it tells whose voice is heard over a prompt that goes on
    /// to its end, and in the time after one.
    private var presence: BargeInScore
    private var blocksSinceFar: Int
    /// Blocks by which a platform may play later than it is given audio.
    private let offsetLimit: Int
    private var logit: Float = 0
    private let net = BargeInNet()
    private let usesLinearScore: Bool

    /// - Parameters:
    ///   - cancellers: where memory for a canceller comes from; without, it works by levels.
    ///   - offsetLimit: blocks by which the far end may be heard later than it is given.
    package init(
        sensitivity: BargeInSensitivity, cancellers: EchoCancellerPool?, offsetLimit: Int = 0,
        ablation: BargeInAblation = []
    ) {
        self.offsetLimit = offsetLimit
        blocksSinceFar = Self.echoWindow + offsetLimit
        echo = EchoAnalysis(pool: cancellers, offsetLimit: offsetLimit, ablation: ablation)
        score = BargeInScore(sensitivity: sensitivity)
        presence = score
        usesLinearScore = ablation.contains(.linearScore)
    }

    /// Takes the next block of both signals.
    /// - Parameters:
    ///   - near: the caller's line, which `analysis` has taken last.
    ///   - floor: its noise floor after this block.
    ///   - voice: whether the block sounds like speech.
    ///   - pitch: of the near end, this block included.
    ///   - far: 64 samples that were heard meanwhile, or none.
    ///   - start: the block's place on the ingress timeline, up to `end`.
    package mutating func observe(
        _ near: Span<Float>, analysis: BandSpectrum, floor: NoiseFloor,
        voice: VoiceActivity, pitch: PitchAnalysis, far: Span<Int16>, start: SamplePosition,
        end: SamplePosition,
        mayInterrupt: Bool
    ) -> Judgement {
        var analysis = analysis
        return observe(
            near, of: &analysis, over: floor.level, voice: voice, pitch: pitch, far: far,
            start: start, end: end, mayInterrupt: mayInterrupt)
    }

    /// The same without a copy of the analysis, which is only read.
    mutating func observe(
        _ near: Span<Float>, of analysis: inout BandSpectrum, over floor: BandValues,
        voice: VoiceActivity, pitch: PitchAnalysis, far: Span<Int16>, start: SamplePosition,
        end: SamplePosition,
        mayInterrupt: Bool
    ) -> Judgement {
        let isEchoPossible = isEchoPossible(after: far)
        if isEchoPossible {
            echo.observe(
                near: near, spectrum: &analysis, floor: floor, voice: voice.probability,
                nearPitch: pitch, far: far)
            if echo.isSilent {
                logit = Self.logitOfSilence
            } else {
                logit =
                    usesLinearScore ? net.linear(echo.features) : net.logit(echo.features)
            }
        } else {
            logit = Self.logitPerShare * (voice.probability.value - 0.5)
        }
        if Self.mean(analysis.level) + Self.levelOffset < Self.silence {
            logit = min(logit, 0)
        }
        // Later than any echo of a platform that plays what it is given, a voice is the caller's: to
        // miss an answer is worse than to hear a word of the bot's.
        var judgement = Judgement(isEchoPossible: blocksSinceFar < Self.echoWindow)
        _ = presence.observe(logit: logit)
        if isEchoPossible, !echo.isOffsetKnown {
            // Words that a platform held back look like a caller's until their delay is found: only
            // what is louder than any echo interrupts.
            logit = min(logit, echo.features.certainExcess - Self.leastCertainExcess)
        }
        if mayInterrupt {
            let age = score.age
            if let verdict = score.observe(logit: logit) {
                let length = start.distance(to: end)
                let onset = start.advanced(by: -min(age &* length, Int(start.index)))
                judgement.evidence = evidence(
                    verdict, onset: onset, decided: end, near: analysis.level, floor: floor)
            }
        } else {
            score.reset()
        }
        judgement.suggestsCaller = presence.suggestsCaller
        judgement.evidenceAge = presence.age
        return judgement
    }

    /// Whether nothing speaks for the caller, and where echo is possible the line is at its floor for
    /// all that is played: more of the same decides nothing.
    var isAtFloor: Bool {
        mutating get {
            score.isIdle && presence.isIdle && (blocksSinceFar >= window || echo.isAtFloor)
        }
    }

    /// Whether the next block, if nothing stirs in it, needs no look: no echo is waited for either.
    var isResting: Bool {
        mutating get { isAtFloor && (blocksSinceFar >= window || echo.isSilent) }
    }

    /// Whether what is heard now begins the time in which echo is possible.
    mutating func begins(with far: Span<Int16>) -> Bool {
        blocksSinceFar >= window && SpectralKernels.exceeds(far, limit: Self.audible)
    }

    /// Takes the far end of a block in which nothing stirs.
    mutating func passOver(far: Span<Int16>, mayInterrupt: Bool) {
        if isEchoPossible(after: far) { echo.passOver(far: far) }
        _ = presence.observe(logit: Self.logitOfSilence)
        if mayInterrupt {
            _ = score.observe(logit: Self.logitOfSilence)
        } else {
            score.reset()
        }
    }

    /// Asks for what a block with echo needs outside of the detector itself.
    mutating func fetch() { echo.fetch() }

    /// Whether the line is louder than the expected echo by 3 dB at each of `frequencies`, in Hz.
    package func exceedsEcho(_ levels: BandValues, at frequencies: [Double]) -> Bool {
        frequencies.allSatisfy { frequency in
            let bin = Int((frequency / 62.5).rounded())
            guard let band = BandSpectrum.edges.lastIndex(where: { $0 <= bin }),
                band < BandSpectrum.bandCount
            else { return true }
            return levels[band] > echo.power.level[band] + echo.gain.level[band] + 3
        }
    }

    /// Blocks after the far end's last during which echo is possible. A platform may hold back what it
    /// was given: for as long again.
    private var window: Int {
        mutating get { Self.echoWindow + (echo.isOffsetKnown ? 0 : offsetLimit) }
    }

    /// Opens and closes the time in which echo is possible.
    private mutating func isEchoPossible(after far: Span<Int16>) -> Bool {
        let isHeard = SpectralKernels.exceeds(far, limit: Self.audible)
        let window = window
        if isHeard {
            if blocksSinceFar >= window {
                echo.begin()
            }
            blocksSinceFar = 0
            return true
        }
        guard blocksSinceFar < window else { return false }
        blocksSinceFar &+= 1
        guard blocksSinceFar >= window else { return true }
        echo.rest()
        // Who speaks on after the bot has ended has interrupted it once.
        if !score.hasFired { score.reset() }
        presence.reset()
        return false
    }

    /// The evidence so far, decided or not.
    package func state(
        at end: SamplePosition, analysis: BandSpectrum, floor: NoiseFloor
    ) -> BargeInEvidence {
        evidence(.open, onset: end, decided: end, near: analysis.level, floor: floor.level)
    }

    private func evidence(
        _ verdict: BargeInEvidence.Verdict, onset: SamplePosition, decided: SamplePosition,
        near: BandValues, floor: BandValues
    ) -> BargeInEvidence {
        var record = BargeInEvidence(verdict: verdict, onset: onset, decided: decided)
        let gain = echo.cancels ? echo.residualGain.level : echo.gain.level
        record.near = Self.mean(near) + Self.levelOffset
        record.far = Self.mean(echo.power.level) + Self.levelOffset
        record.returnGain = Self.mean(gain)
        record.echo = record.far + record.returnGain
        record.residual = Self.mean(echo.residual) + Self.levelOffset
        record.floor = Self.mean(floor) + Self.levelOffset
        record.delay = echo.delay.lag.map { Float($0 * 8) }
        record.lock = max(0, min(echo.delay.coherence, 1))
        record.score = score.sum
        record.threshold = score.threshold
        record.logit = logit
        record.voicing = echo.features.voicing
        record.cancellerIsActive = echo.cancels
        return record
    }

    private static func mean(_ values: BandValues) -> Float {
        var sum: Float = 0
        for band in 0..<BandSpectrum.bandCount {
            sum += values[band]
        }
        return sum / Float(BandSpectrum.bandCount)
    }
}

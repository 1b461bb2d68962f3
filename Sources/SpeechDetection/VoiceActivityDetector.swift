// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What is known of the voice in one block of 8 ms.
package struct VoiceActivity: Hashable, Sendable {
    /// How likely the block is to hold speech.
    package var probability: SpeechProbability
    /// Whether it counts as speech, with hysteresis.
    package var isActive: Bool
    /// Mean level of the bands in dB, on the scale of `BandSpectrum.level`.
    package var level: Float
    /// 0 for noise to 1 for a periodic signal.
    package var voicing: Float
    /// The voice's period in samples at 8 kHz, where the block is periodic.
    package var pitchPeriod: Float?
}

/// Tells speech from everything else on a line, block by block.
///
/// Behind an energy gate a small recurrent net sees the bands over the noise floor, the shape of
/// the spectrum, its change and its pitch. While nothing stands out of the noise the net rests and
/// forgets. There is no profile: how eager an application wants to be is a matter of endpointing
/// and of the barge-in's sensitivity, where it can say what it wants.
///
/// A value with no allocation, 0.8 KB, owned by one call.
package struct VoiceActivityDetector: Sendable {
    /// Speech begins with one block of this probability...
    private static let certain = SpeechProbability(0.8)
    /// ...or with two in a row of this one...
    private static let likely = SpeechProbability(0.5)
    /// ...and lasts while it stays above this.
    private static let hold = SpeechProbability(0.35)
    /// Below this a block holds no speech.
    private static let unlikely = SpeechProbability(0.2)
    /// The gate opens when this many bands stand out.
    private static let bandsToOpen = 2
    /// Blocks in a row with nothing above the noise after which the net rests: 0.2 s.
    private static let patience = 25
    /// Correlation from which on a block counts as periodic.
    private static let periodic: Float = 0.65

    private let net: RecurrentNet
    package private(set) var pitch = PitchAnalysis()
    package private(set) var features = VoiceActivityFeatures()
    private var memory = InlineArray<24, Float>(repeating: 0)
    private var quietBlocks = 0
    /// Blocks in a row that hold no speech, as far as counting goes.
    private var unlikelyBlocks = 0
    private var isLikely = false
    private var isActive = false

    package init() {
        net = VoiceActivityWeights.net
        precondition(
            net.inputCount == VoiceActivityFeatures.count && memory.count == RecurrentNet.unitCount,
            "The weights are those of another detector")
    }

    /// Takes the next block: its samples, its bands' levels and the noise floor after it.
    package mutating func observe(
        _ block: Span<Float>, levels: BandValues, floor: BandValues
    ) -> VoiceActivity {
        pitch.observe(block)
        features.observe(
            levels, floor: floor, voicing: pitch.voicing, period: pitch.period)
        // A line silent to the bit holds no voice, whatever came before.
        let judged = judge()
        let probability = BandSpectrum.holdsSound(levels) ? judged : .none
        let wasLikely = isLikely
        isLikely = probability >= Self.likely
        isActive =
            probability >= Self.certain || (wasLikely && isLikely)
            || (isActive && probability >= Self.hold)
        unlikelyBlocks = probability < Self.unlikely ? min(unlikelyBlocks &+ 1, Self.patience) : 0
        return VoiceActivity(
            probability: probability, isActive: isActive, level: features.meanLevel,
            voicing: pitch.voicing,
            pitchPeriod: pitch.voicing >= Self.periodic && pitch.period > 0 ? pitch.period : nil)
    }

    /// Whether nothing has sounded like speech for a while.
    var isResting: Bool { mutating get { unlikelyBlocks == Self.patience } }

    /// Takes a block of a line on which nothing stirs, after others that were not looked at, so that
    /// the next one finds its past.
    mutating func passOver(to block: Span<Float>) {
        pitch.observe(block)
    }

    private mutating func judge() -> SpeechProbability {
        let standsOut = features.bandsAboveFloor >= Self.bandsToOpen
        quietBlocks = standsOut ? 0 : min(quietBlocks &+ 1, Self.patience)
        guard quietBlocks < Self.patience else {
            memory = InlineArray(repeating: 0)
            return .none
        }
        // Copied for the moment: a span of a stored array would lock all of self.
        var next = memory
        var state = next.mutableSpan
        let logit = net.step(features.values.span, state: &state)
        memory = next
        return SpeechProbability(logit: logit)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// What the detector concluded from one block.
public struct SpeechDecision: Hashable, Sendable {
    /// The block's place on the ingress timeline.
    public var start: SamplePosition
    public var end: SamplePosition
    /// How likely the caller's side speaks in this block.
    public var probability: SpeechProbability
    /// Whether the block counts as the caller's voice.
    public var isVoiced: Bool
    /// A turn's beginning, pause, continuation or end that this block brought about.
    public var change: SpeechChange?
    /// Evidence of an interruption that this block completed (`fired`, once per interruption), or
    /// that faded in it (`held`).
    public var bargeIn: BargeInEvidence?
    /// A key heard in the audio, once per press.
    public var digit: DTMFDigit?
    /// A fault of the stream that this block made certain, once per occurrence.
    public var fault: StreamFault?

    /// Adopts what blocks before this one brought about, which were judged together with it.
    mutating func adopt(_ earlier: SpeechDecision) {
        change = earlier.change ?? change
        bargeIn = earlier.bargeIn ?? bargeIn
        digit = earlier.digit ?? digit
    }
}

extension SpeechDecision {
    /// Of a block in which nothing stirs.
    init(start: SamplePosition, end: SamplePosition) {
        self.init(start: start, end: end, probability: .none, isVoiced: false)
    }
}

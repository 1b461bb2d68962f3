// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Why the caller was, or was not, taken to interrupt the bot. Fixed size, no allocation.
public struct BargeInEvidence: Hashable, Sendable {
    public enum Verdict: UInt8, Hashable, Sendable {
        /// Nothing is decided: the state of one block.
        case open
        /// The evidence was enough.
        case fired
        /// There was some evidence, and it faded before it was enough.
        case held
    }

    public var verdict: Verdict
    /// Where the evidence began, on the ingress timeline.
    public var onset: SamplePosition
    /// The end of the block that decided.
    public var decided: SamplePosition
    /// Levels in dB.
    public var near: Float = 0
    public var far: Float = 0
    public var echo: Float = 0
    public var residual: Float = 0
    public var floor: Float = 0
    /// Milliseconds by which the echo follows what was sent; nil when it is not known.
    public var delay: Float?
    /// 0...1.
    public var lock: Float = 0
    /// Return gain in dB: the negative echo return loss.
    public var returnGain: Float = 0
    public var score: Float = 0
    public var threshold: Float = 0
    public var logit: Float = 0
    /// 0...1.
    public var voicing: Float = 0
    public var cancellerIsActive = false

    public init(verdict: Verdict, onset: SamplePosition, decided: SamplePosition) {
        self.verdict = verdict
        self.onset = onset
        self.decided = decided
    }
}

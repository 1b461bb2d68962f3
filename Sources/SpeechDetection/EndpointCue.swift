// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// What the front end tells an ``Endpointer`` about one block.
public struct EndpointCue: Hashable, Sendable {
    /// The block's place on the ingress timeline.
    public var start: SamplePosition
    public var end: SamplePosition
    /// Whether the block counts as the caller's voice.
    public var isVoiced: Bool
    /// Samples before `start` that a block which counts shows to have been voice as well.
    public var precedingVoice: Int
    /// Level in dB, from any reference as long as it stays the same.
    public var level: Float
    /// Period of the voice in samples at 8 kHz, 0 where there is none or it is not clear.
    public var period: Float

    public init(
        start: SamplePosition, end: SamplePosition, isVoiced: Bool,
        precedingVoice: Int = 0, level: Float = 0, period: Float = 0
    ) {
        self.start = start
        self.end = end
        self.isVoiced = isVoiced
        self.precedingVoice = precedingVoice
        self.level = level
        self.period = period
    }

    var length: Int { start.distance(to: end) }
}

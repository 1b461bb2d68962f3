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
    /// Level in dB, from any reference as long as it stays the same.
    public var level: Float
    /// Period of the voice in samples at 8 kHz, 0 where there is none or it is not clear.
    public var period: Float

    public init(
        start: SamplePosition, end: SamplePosition, isVoiced: Bool, level: Float = 0,
        period: Float = 0
    ) {
        self.start = start
        self.end = end
        self.isVoiced = isVoiced
        self.level = level
        self.period = period
    }

    var length: Int { start.distance(to: end) }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// How much evidence an interruption of the bot takes: the one number there is for it.
///
/// A block of 8 ms adds up to 3 to the score, so 8 is reached about 100 ms into a clear voice.
public struct BargeInSensitivity: Hashable, Sendable {
    /// The score that fires.
    public var evidence: Float

    /// - Precondition: `evidence` is positive.
    public init(evidence: Float) {
        precondition(evidence > 0, "An interruption takes evidence")
        self.evidence = evidence
    }

    /// Fires on little.
    public static let eager = BargeInSensitivity(evidence: 4)
    public static let standard = BargeInSensitivity(evidence: 8)
    /// Fires on what leaves no doubt: half as much again of voice.
    public static let strict = BargeInSensitivity(evidence: 16)
}

/// What a call's detector is set up with.
public struct HearingProfile: Hashable, Sendable {
    public var endpoints: EndpointProfile
    public var sensitivity: BargeInSensitivity
    /// How much later than given the far end may be heard: zero where the platform plays what it
    /// gets, up to 4 s where it buffers.
    public var farEndOffsetLimit: MediaDuration

    public init(
        endpoints: EndpointProfile = .responsive, sensitivity: BargeInSensitivity = .standard,
        farEndOffsetLimit: MediaDuration = .zero
    ) {
        self.endpoints = endpoints
        self.sensitivity = sensitivity
        self.farEndOffsetLimit = farEndOffsetLimit
    }
}

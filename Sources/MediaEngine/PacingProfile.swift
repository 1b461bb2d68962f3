// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// How a platform wants to be fed: pacing is data, the same code serves every platform.
public struct PacingProfile: Hashable, Sendable {
    /// How far ahead of the caller's ear audio may be sent; nil sends all there is at once.
    public var lead: MediaDuration?
    /// Length of a packet in steady state.
    public var packet: MediaDuration
    /// Longest packet; also the first one's limit.
    public var maximumPacket: MediaDuration
    /// Audio that must be there before an unfinished response starts, so that it does not stutter.
    public var startThreshold: MediaDuration
    /// An unfinished response below the threshold starts anyway after this long without more.
    public var startPatience: MediaDuration
    /// Sustained rate: one packet per this much time. Zero means no limit.
    public var packetInterval: MediaDuration
    /// Packets that may be sent ahead of the sustained rate after a quiet time, 1 or more.
    public var packetBurst: Int
    /// Whether a packet may hold the end of one response and the start of the next.
    public var joinsResponses: Bool
    /// How much later than it was sent the caller may hear audio, beyond what a network adds: zero
    /// where the platform plays what it gets, seconds where it buffers. The echo is looked for there.
    public var playbackOffsetLimit: MediaDuration

    public init(
        lead: MediaDuration?, packet: MediaDuration, maximumPacket: MediaDuration,
        startThreshold: MediaDuration, startPatience: MediaDuration,
        packetInterval: MediaDuration, packetBurst: Int,
        joinsResponses: Bool = true, playbackOffsetLimit: MediaDuration = .zero
    ) {
        precondition(packet > .zero && packet <= maximumPacket, "A packet has a length and a limit")
        precondition(packetBurst >= 1, "At least one packet must be allowed")
        self.lead = lead
        self.packet = packet
        self.maximumPacket = maximumPacket
        self.startThreshold = startThreshold
        self.startPatience = startPatience
        self.packetInterval = packetInterval
        self.packetBurst = packetBurst
        self.joinsResponses = joinsResponses
        self.playbackOffsetLimit = playbackOffsetLimit
    }
}

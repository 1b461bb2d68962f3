// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import SpeechDetection

/// What one call's engine is set up with. Nothing of it changes during the call.
public struct CallConfiguration: Sendable {
    /// How much of the caller's audio the bot is given.
    public enum CallerAudioDelivery: Hashable, Sendable {
        /// Turns only, each from just before its onset to its confirmed end.
        case turns
        /// Everything that arrives.
        case continuous
    }

    /// Audio to the platform: its format and how it is fed.
    public struct Egress: Hashable, Sendable {
        public var format: AudioFormat
        public var pacing: PacingProfile

        /// - Precondition: `format` is mono.
        public init(format: AudioFormat, pacing: PacingProfile) {
            precondition(format.channels == 1, "The caller hears one channel")
            self.format = format
            self.pacing = pacing
        }
    }

    /// Format of the platform's audio. With several channels the call hears `channel` of it.
    public var ingress: AudioFormat
    public var channel: Int
    /// Nil where the platform takes no audio (monitoring, agent assist).
    public var egress: Egress?
    /// Rate at which the bot is given the caller's audio.
    public var botRate: SampleRate
    public var delivery: CallerAudioDelivery
    public var endpoints: EndpointProfile
    /// Nothing arriving for this long is reported as a stall; above the platform's packet length.
    public var stallThreshold: MediaDuration
    /// Bot audio that may wait in the call's queue; more is refused (back-pressure).
    public var playoutCapacity: MediaDuration

    /// - Precondition: the ingress rate is 8, 16, 32 or 48 kHz and `channel` exists in it.
    public init(
        ingress: AudioFormat, channel: Int = 0, egress: Egress?, botRate: SampleRate,
        delivery: CallerAudioDelivery = .turns, endpoints: EndpointProfile = .responsive,
        stallThreshold: MediaDuration = .milliseconds(1000),
        playoutCapacity: MediaDuration = .milliseconds(60_000)
    ) {
        precondition(channel >= 0 && channel < ingress.channels, "The channel must exist")
        self.ingress = ingress
        self.channel = channel
        self.egress = egress
        self.botRate = botRate
        self.delivery = delivery
        self.endpoints = endpoints
        self.stallThreshold = stallThreshold
        self.playoutCapacity = playoutCapacity
    }
}

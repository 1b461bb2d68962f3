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
    public var bargeIn: BargeInPolicy
    /// Whether the echo of the bot is taken out of the audio that the bot is given. It costs as much
    /// as several calls, and 0.4 MB; platforms whose audio is not at 8 kHz are given it as it comes.
    public var cleansAudio: Bool
    /// Nothing arriving for this long is reported as a stall; above the platform's packet length.
    public var stallThreshold: MediaDuration
    /// Bot audio that may wait in the call's queue; more is refused (back-pressure).
    public var playoutCapacity: MediaDuration
    /// A key that the platform signals and that is also heard is one press when the two are no
    /// further apart than this.
    public var digitWindow: MediaDuration

    /// - Precondition: the ingress rate is 8, 16, 32 or 48 kHz and `channel` exists in it.
    public init(
        ingress: AudioFormat, channel: Int = 0, egress: Egress?, botRate: SampleRate,
        delivery: CallerAudioDelivery = .turns, endpoints: EndpointProfile = .responsive,
        bargeIn: BargeInPolicy = BargeInPolicy(), cleansAudio: Bool = false,
        stallThreshold: MediaDuration = .milliseconds(1000),
        playoutCapacity: MediaDuration = .milliseconds(60_000),
        digitWindow: MediaDuration = .milliseconds(500)
    ) {
        precondition(channel >= 0 && channel < ingress.channels, "The channel must exist")
        self.ingress = ingress
        self.channel = channel
        self.egress = egress
        self.botRate = botRate
        self.delivery = delivery
        self.endpoints = endpoints
        self.bargeIn = bargeIn
        self.cleansAudio = cleansAudio
        self.stallThreshold = stallThreshold
        self.playoutCapacity = playoutCapacity
        self.digitWindow = digitWindow
    }

    /// A longer gap that the platform declares is a jump of the timeline; a shorter one is filled
    /// with silence.
    public static let longestFilledGap = MediaDuration.milliseconds(1000)

    /// As how many calls one counts whose audio is cleaned. What it really costs against other calls
    /// is measured by the benchmark `engine with clean audio`, which holds this to it.
    public static let cleanAudioWeight = 12

    /// As how many calls this one counts.
    public var weight: Int { cleansCallerAudio ? Self.cleanAudioWeight : 1 }

    /// Memory of the bot's echo being taken out of one call, in bytes.
    public static let cleanAudioByteCount = 448 * 1024

    /// Memory of this call's engine, in bytes: what admission counts and a test holds it to.
    public var declaredByteCount: Int {
        Call.declaredByteCount + (cleansCallerAudio ? Self.cleanAudioByteCount : 0)
    }

    /// Whether there is an echo to take out, and a canceller for it.
    public var cleansCallerAudio: Bool {
        cleansAudio && egress != nil && ingress.rate == WebRTCEchoCanceller.rate
    }

    /// What the call's detector is set up with.
    var hearing: HearingProfile {
        HearingProfile(
            endpoints: endpoints, sensitivity: bargeIn.sensitivity,
            farEndOffsetLimit: egress?.pacing.playbackOffsetLimit ?? .zero)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine

/// A bot's side of a call that runs on the call's own shard: nothing crosses a thread.
///
/// All methods are called on the shard and must return quickly: they share it with every other
/// call there. Bridge authors who want `async` code use the `VoiceBot` of module Bots instead.
public protocol BotConnector: AnyObject {
    /// The call has begun; keep `session` to act on it.
    func callStarted(_ session: CallSession)

    /// The caller's audio at the connector's rate, in any chunking, a turn at a time or all of it.
    func receive(_ audio: borrowing LinearAudio)

    func handle(_ event: CallEvent)

    /// The platform told something beside audio and keys.
    func handle(_ input: PlatformInput)

    /// When ``advance(to:)`` has something to do; nil while only an event can go on. Asked for
    /// whenever the call was given something.
    var deadline: MediaInstant? { get }

    /// Called on the first tick of the shard (10 ms) after ``deadline``, and in between.
    func advance(to now: MediaInstant)

    /// The call is over; nothing follows. Release `session` here.
    func callEnded(_ reason: CallEndReason)
}

extension BotConnector {
    public var deadline: MediaInstant? { nil }
    public func advance(to now: MediaInstant) {}
    public func handle(_ input: PlatformInput) {}
}

/// A bot made for one call, and what it wants of the engine.
public struct BotSetup {
    public var connector: any BotConnector
    public var rate: SampleRate
    public var delivery: CallConfiguration.CallerAudioDelivery
    /// What an interruption takes and leads to; nil leaves it to the server's configuration.
    public var bargeIn: BargeInPolicy?
    /// Whether the echo of the bot is taken out of the audio that it is given, at the cost of
    /// several calls; nil leaves it to the server's configuration.
    public var cleansAudio: Bool?
    /// Memory that the connector may take for audio that waits, in bytes, beside the little that any
    /// bot does: the caps of its queues together. Admission counts it with the call.
    public var byteCount: Int

    public init(
        connector: any BotConnector, rate: SampleRate,
        delivery: CallConfiguration.CallerAudioDelivery = .turns, bargeIn: BargeInPolicy? = nil,
        cleansAudio: Bool? = nil, byteCount: Int = 0
    ) {
        self.byteCount = byteCount
        self.connector = connector
        self.rate = rate
        self.delivery = delivery
        self.bargeIn = bargeIn
        self.cleansAudio = cleansAudio
    }
}

/// Makes bots for calls. Used from every shard at once.
public protocol BotProvider: Sendable {
    /// - Returns: nil when there is no such bot; the call is refused in the platform's way.
    func makeBot(for call: CallInfo) -> BotSetup?
}

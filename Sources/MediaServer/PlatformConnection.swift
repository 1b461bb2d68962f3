// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine

/// A platform's side of a call, as an adapter implements it. Called on the call's shard only.
public protocol PlatformConnection: AnyObject {
    /// Whether the platform reports when playback completed; an ending then waits for it.
    var confirmsPlayback: Bool { get }

    /// Whether the platform keeps the time that ``InputExpectation/noInputTimeout`` names and
    /// reports ``PlatformInput/noInput``: a bot's own timer then waits longer, as a fallback.
    var reportsNoInput: Bool { get }

    /// Writes audio in the call's egress format; it may stay buffered until `flushWrites`.
    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket)

    /// Tells the platform to drop the bot's audio that it has not played.
    func clear(generation: Generation)

    /// Something happened on the call that the platform may want to know.
    func handle(_ event: CallEvent)

    /// The bot's verdict on a turn.
    func report(_ outcome: TurnOutcome)

    /// The bot's answer is complete: everything of it was sent. What it expects of the caller next.
    func listen(for expectation: InputExpectation)

    /// An event of the bot for the platform's flow.
    func send(_ event: CustomEvent)

    /// Whether the platform plays what it was sent before it carries out an end: an ending is then
    /// handed over right behind the audio instead of once that was heard.
    var playsBeforeEnding: Bool { get }

    /// The bot ends the call; the adapter carries it out in the platform's way and reports back
    /// by ``CallSession/end(_:)``.
    func endCall(_ ending: CallEnding)

    /// Everything written in this round may go out.
    func flushWrites()
}

extension PlatformConnection {
    public var reportsNoInput: Bool { false }
    public func listen(for expectation: InputExpectation) {}
    public func send(_ event: CustomEvent) {}
    public var playsBeforeEnding: Bool { false }
}

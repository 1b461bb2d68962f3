// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

/// What a conversation with a far bot needs to know of its call.
struct BotCallFacts {
    var info: CallInfo
    /// Of the caller's timeline, in which the engine's positions count.
    var ingressRate: SampleRate
    /// Whether the caller can hear the bot.
    var takesAudio: Bool
}

/// One conversation with a far bot, as a state machine: no socket, no clock, no thread.
///
/// The connector hands in what happens on the wire and on the call, each with its instant, then
/// carries out ``nextAction()`` until it is nil. Responses and marks are numbered by the exchange.
protocol BotExchange {
    /// When ``advance(to:)`` has something to do.
    var deadline: MediaInstant? { get }

    /// The call has begun; a connection is being made.
    mutating func begin(_ call: BotCallFacts, at now: MediaInstant)

    /// A connection is open, the first or another.
    mutating func linkOpened(at now: MediaInstant)

    /// The connection is gone; another is tried, or ``callEnded(_:at:)`` follows.
    mutating func linkClosed(at now: MediaInstant)

    mutating func receive(text: String, at now: MediaInstant)

    /// Audio of the bot, decoded.
    mutating func receive(audio: [Int16], at now: MediaInstant)

    /// A binary message that is no audio in the agreed encoding.
    mutating func receiveInvalidAudio(at now: MediaInstant)

    /// The caller's audio as it goes over the wire, `count` samples of it at the bot's rate.
    /// - Parameter waiting: bytes that the bot has not taken off the connection.
    mutating func hear(_ bytes: [UInt8], count: Int, waiting: Int, at now: MediaInstant)

    /// The caller's timeline jumped over so many samples at the bot's rate.
    mutating func skip(_ count: Int)

    mutating func handle(_ event: CallEvent, at now: MediaInstant)

    mutating func handle(_ input: PlatformInput, at now: MediaInstant)

    mutating func handle(_ report: PlaybackReport, at now: MediaInstant)

    /// So much of the bot's audio waits to be handed to the platform.
    mutating func note(queued: MediaDuration, at now: MediaInstant)

    mutating func advance(to now: MediaInstant)

    /// The call is over: what is still sent is the last.
    mutating func callEnded(_ reason: CallEndReason, at now: MediaInstant)

    mutating func nextAction() -> BotAction?
}

/// What an exchange wants done.
enum BotAction {
    case send(String)
    case sendAudio([UInt8])
    /// The far side kept to its part of the conversation: reconnects may begin anew.
    case established
    /// The bot's audio comes in this form from now on.
    case expectAudio(WireAudio)
    case close(code: UInt16, reason: String)
    /// The bot is given up.
    case fail(BotFailure)
    case begin(Int, allowsBargeIn: Bool)
    case play(Int, [Int16])
    case finish(Int)
    case mark(UInt64, in: Int)
    case clear
    case veto(InterruptionID)
    case listen(InputExpectation)
    case report(TurnOutcome)
    case tell(CustomEvent)
    case end(CallEnding, afterPlayout: Bool)
}

/// What became of a response, in milliseconds of the caller's time.
struct PlaybackAccount: Hashable {
    var sent: Int64 = 0
    var heard: Int64 = 0
    var discarded: Int64 = 0
    var wasCleared = false
    /// The platform confirmed it; else it is an estimate by the clock.
    var isConfirmed = false
}

enum PlaybackReport: Hashable {
    case started(Int)
    /// Everything that was queued or heard was cleared; the accounts follow.
    case cleared
    case ended(Int, PlaybackAccount)
    case mark(UInt64, in: Int, wasHeard: Bool)
    /// So many samples of a response found no room and were dropped.
    case refused(Int, samples: Int)
}

/// Why a bot was given up. The raw value is its name in logs and figures.
enum BotFailure: String, Hashable, CaseIterable {
    case unreachable
    case refused
    case notReady = "not_ready"
    case lost
    case misbehaved
    case failed
}

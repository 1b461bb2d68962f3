// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Where the samples of one direction went. In samples at the platform's rate.
public struct IngressLedger: Hashable, Sendable {
    /// Samples that the platform sent.
    public internal(set) var received = 0
    /// Samples of silence put in for short gaps that the platform declared.
    public internal(set) var inserted = 0
    /// Samples of timeline that long declared gaps jumped over.
    public internal(set) var skipped = 0
    /// Samples given to the bot.
    public internal(set) var delivered = 0
    /// Samples the bot was not given: outside turns, or not fetched in time (`overrun`).
    public internal(set) var discarded = 0
    /// The part of `discarded` that the bot should have had but did not fetch in time.
    public internal(set) var overrun = 0
    /// Samples still kept as pre-roll or waiting for the bot.
    public internal(set) var held = 0

    /// Every sample is accounted for: in = delivered + discarded + held.
    public var isBalanced: Bool { received + inserted == delivered + discarded + held }
}

/// Where the bot's samples went, summed over a call. In samples at the platform's rate.
public struct EgressLedger: Hashable, Sendable {
    /// Samples taken into the queue.
    public internal(set) var accepted = 0
    /// Samples handed to the platform.
    public internal(set) var sent = 0
    /// Samples the caller heard, as far as is known.
    public internal(set) var heard = 0
    /// Samples the platform had but dropped on a clear.
    public internal(set) var flushed = 0
    /// Samples taken back from the platform while an interruption could be vetoed: they were sent
    /// and not heard, and were queued again.
    public internal(set) var returned = 0
    /// Samples dropped from our queue on a clear.
    public internal(set) var discarded = 0
    /// Samples waiting in our queue.
    public internal(set) var queued = 0
    /// Samples the platform has that the caller has yet to hear.
    public internal(set) var inFlight = 0
    /// Samples refused at the door because their response was cleared or unknown. At the bot's rate.
    public internal(set) var refusedStale = 0
    /// Samples refused because the queue was full: the bot was told to wait. At the bot's rate.
    public internal(set) var refusedFull = 0

    /// Every sample is accounted for, before and after the platform took it.
    public var isBalanced: Bool {
        accepted + returned == sent + discarded + queued
            && sent == heard + flushed + returned + inFlight
    }
}

/// How sure the ledger is of what was heard.
public enum HeardBasis: Hashable, Sendable {
    /// By the clock: the platform plays what it was sent at once and in real time.
    case estimated
    /// The platform reported that playback had completed.
    case confirmed
}

/// The account of one response. Samples at the platform's rate.
public struct ResponseAccount: Hashable, Sendable {
    public let id: ResponseID
    public let generation: Generation
    public internal(set) var accepted = 0
    public internal(set) var sent = 0
    public internal(set) var heard = 0
    /// Sent to the platform but dropped there on a clear.
    public internal(set) var flushed = 0
    /// Sent to the platform, taken back before it was heard, and queued again.
    public internal(set) var returned = 0
    /// Dropped from our queue on a clear.
    public internal(set) var discarded = 0
    public internal(set) var underruns = 0
    public internal(set) var basis = HeardBasis.estimated
    /// Whether a clear ended it before the caller had heard all of it.
    public internal(set) var wasCleared = false

    init(id: ResponseID, generation: Generation) {
        self.id = id
        self.generation = generation
    }
}

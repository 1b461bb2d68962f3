// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import Synchronization

/// What a bot of a forked leg saw, in order.
enum ForkNote: Sendable {
    case started(CallInfo)
    /// At the rate of the bot.
    case audio([Int16])
    case event(CallEvent)
    case ended(CallEndReason)
}

/// Listens and tells a test everything.
final class ForkBot: BotConnector {
    private let endsAtOnce: Bool
    private let notes: AsyncStream<ForkNote>.Continuation

    init(endsAtOnce: Bool, notes: AsyncStream<ForkNote>.Continuation) {
        self.endsAtOnce = endsAtOnce
        self.notes = notes
    }

    func callStarted(_ session: CallSession) {
        notes.yield(.started(session.info))
        if endsAtOnce { session.endNow(CallEnding(.completed)) }
    }

    func receive(_ audio: borrowing LinearAudio) {
        let samples = audio.samples
        notes.yield(.audio(samples.indices.map { samples[$0] }))
    }

    func handle(_ event: CallEvent) {
        notes.yield(.event(event))
    }

    func callEnded(_ reason: CallEndReason) {
        notes.yield(.ended(reason))
        notes.finish()
    }
}

/// Makes one bot for each leg.
final class ForkBots: BotProvider {
    private let rate: SampleRate
    private let endsAtOnce: Bool
    private let calls: AsyncStream<AsyncStream<ForkNote>>.Continuation
    /// The notes of each leg, in the order of the legs.
    let made: AsyncStream<AsyncStream<ForkNote>>

    init(rate: SampleRate = .hz8000, endsAtOnce: Bool = false) {
        self.rate = rate
        self.endsAtOnce = endsAtOnce
        (made, calls) = AsyncStream.makeStream()
    }

    func makeBot(for call: CallInfo) -> BotSetup? {
        guard call.organization != "no-bot" else { return nil }
        let (notes, continuation) = AsyncStream<ForkNote>.makeStream()
        calls.yield(notes)
        return BotSetup(
            connector: ForkBot(endsAtOnce: endsAtOnce, notes: continuation), rate: rate,
            delivery: .continuous)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import Synchronization

/// What a bot of a test saw, in order.
enum BotNote: Sendable {
    case started(CallInfo)
    /// Caller's samples, at 8 kHz.
    case audio([Int16])
    case event(CallEvent)
    case ended(CallEndReason)
}

/// Tells a test everything, and does what the test asks for when things happen.
final class RecordingBot: BotConnector {
    struct Behaviour: Sendable {
        var started: @Sendable (CallSession) -> Void = { _ in }
        var event: @Sendable (CallSession, CallEvent) -> Void = { _, _ in }
    }

    private let behaviour: Behaviour
    private let notes: AsyncStream<BotNote>.Continuation
    private var session: CallSession?

    init(_ behaviour: Behaviour, notes: AsyncStream<BotNote>.Continuation) {
        self.behaviour = behaviour
        self.notes = notes
    }

    func callStarted(_ session: CallSession) {
        self.session = session
        notes.yield(.started(session.info))
        behaviour.started(session)
    }

    func receive(_ audio: borrowing LinearAudio) {
        let samples = audio.samples
        notes.yield(.audio(samples.indices.map { samples[$0] }))
    }

    func handle(_ event: CallEvent) {
        notes.yield(.event(event))
        if let session { behaviour.event(session, event) }
    }

    func callEnded(_ reason: CallEndReason) {
        notes.yield(.ended(reason))
        session = nil
    }
}

/// Makes one recording bot for each call, unless the name is `nobody`.
final class RecordingBots: BotProvider {
    private let behaviour: RecordingBot.Behaviour
    private let calls: AsyncStream<AsyncStream<BotNote>>.Continuation
    /// The notes of each call, in the order of the calls.
    let made: AsyncStream<AsyncStream<BotNote>>

    init(_ behaviour: RecordingBot.Behaviour = RecordingBot.Behaviour()) {
        self.behaviour = behaviour
        (made, calls) = AsyncStream.makeStream()
    }

    func makeBot(for call: CallInfo) -> BotSetup? {
        guard call.bot != "nobody" else { return nil }
        let (notes, continuation) = AsyncStream<BotNote>.makeStream()
        calls.yield(notes)
        return BotSetup(
            connector: RecordingBot(behaviour, notes: continuation), rate: .hz8000,
            delivery: .continuous)
    }
}

extension CallSession {
    /// Queues a whole response of one value.
    func say(_ value: Int16, milliseconds: Int) {
        guard let response = beginResponse() else { return }
        let samples = [Int16](repeating: value, count: 8 * milliseconds)
        _ = play(LinearAudio(samples.span, rate: .hz8000), in: response)
        endResponse(response)
    }
}

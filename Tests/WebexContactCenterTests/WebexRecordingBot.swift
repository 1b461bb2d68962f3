// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer

/// What a bot of a test saw, in order.
enum WebexBotNote: Sendable {
    case started(CallInfo)
    case audio(Int)
    case event(CallEvent)
    case input(PlatformInput)
    case ended(CallEndReason)
}

/// Tells a test everything, and does what the test asks for when things happen.
final class WebexRecordingBot: BotConnector {
    struct Behaviour: Sendable {
        var started: @Sendable (CallSession) -> Void = { _ in }
        var event: @Sendable (CallSession, CallEvent) -> Void = { _, _ in }
        var input: @Sendable (CallSession, PlatformInput) -> Void = { _, _ in }
    }

    private let behaviour: Behaviour
    private let notes: AsyncStream<WebexBotNote>.Continuation
    private var session: CallSession?

    init(_ behaviour: Behaviour, notes: AsyncStream<WebexBotNote>.Continuation) {
        self.behaviour = behaviour
        self.notes = notes
    }

    func callStarted(_ session: CallSession) {
        self.session = session
        notes.yield(.started(session.info))
        behaviour.started(session)
    }

    func receive(_ audio: borrowing LinearAudio) {
        notes.yield(.audio(audio.samples.count))
    }

    func handle(_ event: CallEvent) {
        notes.yield(.event(event))
        if let session { behaviour.event(session, event) }
    }

    func handle(_ input: PlatformInput) {
        notes.yield(.input(input))
        if let session { behaviour.input(session, input) }
    }

    func callEnded(_ reason: CallEndReason) {
        notes.yield(.ended(reason))
        session = nil
    }
}

/// Makes one recording bot for each call, unless the name is `nobody`.
final class WebexRecordingBots: BotProvider {
    private let behaviour: WebexRecordingBot.Behaviour
    private let calls: AsyncStream<AsyncStream<WebexBotNote>>.Continuation
    /// The notes of each call, in the order of the calls.
    let made: AsyncStream<AsyncStream<WebexBotNote>>

    init(_ behaviour: WebexRecordingBot.Behaviour) {
        self.behaviour = behaviour
        (made, calls) = AsyncStream.makeStream()
    }

    func makeBot(for call: CallInfo) -> BotSetup? {
        guard call.bot != "nobody" else { return nil }
        let (notes, continuation) = AsyncStream<WebexBotNote>.makeStream()
        calls.yield(notes)
        return BotSetup(
            connector: WebexRecordingBot(behaviour, notes: continuation), rate: .hz8000,
            delivery: .continuous)
    }
}

extension CallSession {
    /// Queues a whole response of one value.
    func say(_ value: Int16 = 1000, milliseconds: Int, allowsBargeIn: Bool = false) {
        guard let response = beginResponse(allowsBargeIn: allowsBargeIn) else { return }
        let samples = [Int16](repeating: value, count: 8 * milliseconds)
        _ = play(LinearAudio(samples.span, rate: .hz8000), in: response)
        endResponse(response)
    }
}

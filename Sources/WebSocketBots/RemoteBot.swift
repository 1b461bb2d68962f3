// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Logging
internal import MediaEngine
internal import MediaServer
internal import NIOCore
internal import WebSocketTransport

/// What all conversations of one provider have in common.
struct RemoteBotSetup: Sendable {
    var target: BotTarget
    var policy: RemoteBotPolicy
    /// How the caller's audio goes over the wire.
    var input: WireAudio
    /// How the bot's audio comes, until it says otherwise.
    var output: WireAudio
    /// Audio of the bot that may wait beside the call's queue, at the rate of ``output``: less time
    /// when the bot says a higher one.
    var holdLimit: MediaDuration
    var counters: RemoteBotCounters
    var logger: Logger

    /// Samples of the bot that may wait beside the call's queue.
    var heldSamples: Int { output.rate.samples(in: holdLimit) }

    /// Memory that one conversation takes at most for audio that waits, both ways, in bytes.
    var byteCount: Int {
        input.byteCount(of: policy.backlog) + heldSamples * MemoryLayout<Int16>.size
    }
}

/// Binds a ``BotExchange`` to its call and to the connections on which it is held.
///
/// Runs on the call's own loop, the connection as well: nothing crosses a thread. A bot that is
/// given up leaves its caller with the apology, then with the transfer or the end of the call.
final class RemoteBot: BotConnector {
    /// How often it is looked how much of the bot's audio waits.
    private static let gaugeInterval = MediaDuration.milliseconds(100)

    let setup: RemoteBotSetup
    private var exchange: any BotExchange
    private var encoder: WireEncoder?
    private var decoder: WireDecoder?
    private var schedule: ReconnectSchedule
    private var link: BotLink?
    private(set) var session: CallSession?
    private(set) var player: ResponsePlayer?
    private var nextGauge: MediaInstant?
    private var isPerforming = false
    /// The generation of responses that the exchange knows to be cleared.
    private var clearedGeneration: Generation?
    private var isClearing = false
    /// The bot was given up, or ended the call.
    private var isOver = false
    private var logger: Logger

    init(_ exchange: any BotExchange, _ setup: RemoteBotSetup) throws(OpusError) {
        self.exchange = exchange
        self.setup = setup
        logger = setup.logger
        schedule = ReconnectSchedule(limit: setup.policy.reconnects)
        encoder = try WireEncoder(setup.input)
        decoder = try WireDecoder(setup.output)
    }

    // MARK: The call

    func callStarted(_ session: CallSession) {
        self.session = session
        logger[metadataKey: "call"] = "\(session.info.key)"
        player = ResponsePlayer(
            session, rate: setup.output.rate, limit: setup.heldSamples
        ) { [weak self] report in
            self?.take(report)
        }
        let facts = BotCallFacts(
            info: session.info, ingressRate: session.configuration.ingress.rate,
            takesAudio: session.configuration.egress != nil)
        exchange.begin(facts, at: session.now)
        connect()
        perform()
    }

    func receive(_ audio: borrowing LinearAudio) {
        guard let session, !isOver else { return }
        let now = session.now
        // Taken out for the moment: sending may lead back here.
        var encoder = encoder.take()
        encoder?.encode(audio) { bytes, count in
            exchange.hear(bytes, count: count, waiting: link?.waiting ?? 0, at: now)
        }
        self.encoder = encoder.take()
        perform()
        link?.flush()
    }

    func handle(_ event: CallEvent) {
        guard let session, !isOver else { return }
        let now = session.now
        switch event {
        case .responseStarted(let id):
            if let number = player?.number(of: id) { exchange.handle(.started(number), at: now) }
        case .responseEnded(let account):
            noteClear(account, at: now)
            if let number = player?.ended(account) {
                exchange.handle(.ended(number, self.account(account)), at: now)
            }
            player?.proceed()
        case .mark(let mark, let id, let wasHeard):
            guard let number = player?.number(of: id) else { break }
            exchange.handle(.mark(mark.number, in: number, wasHeard: wasHeard), at: now)
        case .playoutWritable:
            player?.becameWritable()
        case .timelineJumped(let samples):
            // A shorter gap was filled: it comes as audio.
            let rate = session.configuration.ingress.rate
            if rate.duration(of: samples) > CallConfiguration.longestFilledGap {
                exchange.skip(samples * setup.input.rate.hertz / rate.hertz)
            }
        default:
            exchange.handle(event, at: now)
        }
        perform()
        link?.flush()
    }

    func handle(_ input: PlatformInput) {
        guard let session, !isOver else { return }
        exchange.handle(input, at: session.now)
        perform()
        link?.flush()
    }

    /// Told once for each clear, before the accounts.
    private func noteClear(_ account: ResponseAccount, at now: MediaInstant) {
        guard account.wasCleared, account.generation != clearedGeneration else { return }
        clearedGeneration = account.generation
        if !isClearing { exchange.handle(.cleared, at: now) }
    }

    private func account(_ account: ResponseAccount) -> PlaybackAccount {
        let rate = session?.configuration.egress?.format.rate ?? .hz8000
        func milliseconds(_ count: Int) -> Int64 { Int64(rate.duration(of: count).milliseconds) }
        return PlaybackAccount(
            sent: milliseconds(account.sent), heard: milliseconds(account.heard),
            discarded: milliseconds(account.discarded), wasCleared: account.wasCleared,
            isConfirmed: account.basis == .confirmed)
    }

    private func take(_ report: PlaybackReport) {
        guard let session else { return }
        if case .refused(_, let samples) = report {
            let lost = Int((player?.rate ?? .hz8000).duration(of: samples).milliseconds)
            setup.counters.add { $0.refusedMilliseconds += lost }
        }
        exchange.handle(report, at: session.now)
    }

    var deadline: MediaInstant? {
        guard !isOver else { return nil }
        return [exchange.deadline, schedule.due, nextGauge].compactMap(\.self).min()
    }

    func advance(to now: MediaInstant) {
        guard !isOver else { return }
        if schedule.takeDue(at: now) { connect() }
        exchange.advance(to: now)
        if let gauge = nextGauge, gauge <= now { nextGauge = nil }
        if nextGauge == nil, let player, link != nil {
            exchange.note(queued: player.queued, at: now)
            nextGauge = now + Self.gaugeInterval
        }
        perform()
        link?.flush()
    }

    func callEnded(_ reason: CallEndReason) {
        if let session, !isOver {
            exchange.callEnded(reason, at: session.now)
            // An action under way may have led here: only what is still to be said is carried out.
            while let action = exchange.nextAction() {
                if case .send(let text) = action { link?.send(text: text) }
            }
            link?.flush()
        }
        isOver = true
        link?.close(code: WebSocketCloseCode.normal.rawValue, reason: "the call is over")
        link = nil
        player = nil
        session = nil
    }

    // MARK: The link

    private func connect() {
        guard let session, link == nil else { return }
        link = BotLink(to: setup.target, policy: setup.policy, on: session.eventLoop) {
            [weak self] news in self?.take(news)
        }
    }

    private func take(_ news: LinkNews) {
        guard let session, !isOver else { return }
        let now = session.now
        switch news {
        case .opened:
            decoder?.reset()
            exchange.linkOpened(at: now)
        case .text(let bytes):
            exchange.receive(text: String(buffer: bytes), at: now)
        case .binary(let bytes):
            if let samples = decoder?.decode(Array(bytes.readableBytesView)) {
                exchange.receive(audio: samples, at: now)
            } else {
                exchange.receiveInvalidAudio(at: now)
            }
        case .readCompleted:
            break
        case .closed(let why, let isFinal):
            link = nil
            lost(why, isFinal: isFinal, at: now)
        }
        perform()
        // Time set anew: the shard looks at the deadline when it pumps.
        self.session?.pump()
        link?.flush()
    }

    private func lost(_ why: String, isFinal: Bool, at now: MediaInstant) {
        setup.counters.add { $0.connectionsLost += 1 }
        logger.notice("no connection to the bot", metadata: ["reason": "\(why)"])
        exchange.linkClosed(at: now)
        if isFinal {
            giveUp(.refused)
        } else if !schedule.failed(at: now) {
            giveUp(.unreachable)
        }
    }

    // MARK: Actions

    private func perform() {
        guard !isPerforming else { return }
        isPerforming = true
        defer { isPerforming = false }
        while !isOver, let action = exchange.nextAction() { perform(action) }
    }

    private func perform(_ action: BotAction) {
        switch action {
        case .send(let text): link?.send(text: text)
        case .sendAudio(let bytes): link?.send(binary: bytes)
        case .established:
            setup.counters.add { $0.connections += 1 }
            if let session { schedule.established(at: session.now) }
        case .expectAudio(let form): expect(form)
        case .close(let code, let reason): drop(code, reason)
        case .fail(let failure): giveUp(failure)
        case .begin(let number, let allowsBargeIn):
            decoder?.reset()
            player?.begin(number, allowsBargeIn: allowsBargeIn)
        case .play(let number, let samples): player?.play(number, samples)
        case .finish(let number): player?.finish(number)
        case .mark(let mark, let number): player?.mark(mark, in: number)
        case .clear: clear()
        case .veto(let interruption): session?.veto(interruption)
        case .listen(let expectation):
            let session = session
            player?.conclude { session?.listen(for: expectation) }
        case .report(let outcome): session?.report(outcome)
        case .tell(let event): session?.send(event)
        case .end(let ending, let afterPlayout): end(ending, afterPlayout: afterPlayout)
        }
    }

    private func clear() {
        guard let session else { return }
        exchange.handle(.cleared, at: session.now)
        isClearing = true
        player?.clear()
        isClearing = false
    }

    private func expect(_ form: WireAudio) {
        player?.rate = form.rate
        do throws(OpusError) {
            decoder = try WireDecoder(form)
        } catch {
            // The protocol lets only rates through that Opus has.
            giveUp(.misbehaved)
        }
    }

    /// The connection is of no use: it is closed, and another is tried.
    private func drop(_ code: UInt16, _ reason: String) {
        guard let session, let link else { return }
        link.flush()
        self.link = nil
        link.close(code: code, reason: reason)
        lost(reason, isFinal: false, at: session.now)
    }

    private func end(_ ending: CallEnding, afterPlayout: Bool) {
        let session = session
        guard afterPlayout else {
            session?.endNow(ending)
            return
        }
        player?.conclude { session?.endAfterPlayout(ending) }
    }

    /// The caller hears the apology and is handed over, or the call ends.
    private func giveUp(_ failure: BotFailure) {
        guard !isOver, let session else { return }
        isOver = true
        setup.counters.add { $0.failures += 1 }
        logger.warning("bot given up", metadata: ["reason": "\(failure.rawValue)"])
        link?.flush()
        link?.close(code: WebSocketCloseCode.policyViolation.rawValue, reason: failure.rawValue)
        link = nil
        player = nil
        let kind: CallEnding.Kind =
            setup.policy.transfer.map { .transfer(destination: $0) } ?? .failed
        let ending = CallEnding(kind, info: "the bot is not available: \(failure.rawValue)")
        session.clear()
        guard let apology = setup.policy.apology,
            let response = session.beginResponse(allowsBargeIn: false)
        else { return session.endNow(ending) }
        _ = session.play(LinearAudio(apology.samples.span, rate: apology.rate), in: response)
        session.endResponse(response)
        session.endAfterPlayout(ending)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine
public import NIOCore

/// A live call on a shard: the engine between a platform's connection and a bot.
///
/// Confined to its shard's event loop. It outlives the connection that carries it: an adapter may
/// detach a lost connection and attach the next one.
public final class CallSession {
    public let info: CallInfo
    let shard: MediaShard
    let call: Call
    private var bot: (any BotConnector)?
    private var platform: (any PlatformConnection)?
    private var ending: CallEnding?
    /// The ending was given to the platform; it is not repeated.
    private var isEnding = false
    private var endDeadline: MediaInstant?
    private var isPumping = false
    /// Audio came since the last round that something may have come of.
    private var hasNews = false
    /// What the bot expects of the caller; the platform is told once all that was queued is sent.
    var expectation: InputExpectation?
    /// What the platform was told last.
    private var toldExpectation: InputExpectation?
    private var isOver = false
    /// Nil where nothing bridges the wait for an answer.
    var budget: BudgetGuard?
    /// Index in the shard's list; kept by the shard.
    var slot = 0

    init(
        info: CallInfo, configuration: CallConfiguration, shard: MediaShard,
        bot: any BotConnector, platform: any PlatformConnection, filler: Filler? = nil,
        now: MediaInstant
    ) {
        self.info = info
        budget = filler.map { BudgetGuard($0) }
        self.shard = shard
        call = Call(
            configuration: configuration, pool: shard.pool, cancellers: shard.cancellers, now: now)
        self.bot = bot
        self.platform = platform
    }

    public var configuration: CallConfiguration { call.configuration }

    /// The loop that the session is confined to.
    public var eventLoop: any EventLoop { shard.eventLoop }

    /// The instant of the work under way.
    public var now: MediaInstant { shard.now() }

    /// Whether the platform reports by itself that the caller said and pressed nothing.
    public var platformReportsNoInput: Bool { platform?.reportsNoInput ?? false }

    /// Whether the call waits for its connection to come back.
    public var isDetached: Bool { platform == nil && !isOver }

    /// Whether the bot has ended the call.
    var isEndingCall: Bool { ending != nil }

    /// Whether the call is over: everything that follows is ignored.
    public var hasEnded: Bool { isOver }

    func start() {
        bot?.callStarted(self)
        pump()
    }

    // MARK: The platform's side

    /// Audio arrived; call ``completeBurst()`` when the burst is complete.
    public func receive(_ audio: borrowing EncodedAudio) {
        guard !isOver else { return }
        if call.receive(audio, now: now) { hasNews = true }
    }

    /// A burst of audio is complete: as ``pump()``, unless nothing can have come of it.
    public func completeBurst() {
        // A gap before it is told although the audio itself was put aside.
        if hasNews || call.hasEvents { pump() }
    }

    /// The platform's stream is at `position` now. See `Call.moveTimeline`.
    @discardableResult
    public func moveTimeline(to position: SamplePosition) -> Int {
        isOver ? 0 : call.moveTimeline(to: position, now: now)
    }

    public var ingressPosition: SamplePosition { call.ingressPosition }

    public func receive(_ digit: DTMFDigit) {
        guard !isOver else { return }
        call.receive(digit, now: now)
        pump()
    }

    /// The platform tells the bot something beside audio and keys.
    public func receive(_ input: PlatformInput) {
        // What came before it is told before it.
        pump()
        guard !isOver else { return }
        bot?.handle(input)
        pump()
    }

    public func suspendIngress() {
        call.suspendIngress()
        setDeadline()
    }

    public func resumeIngress() {
        call.resumeIngress(now: now)
        setDeadline()
    }

    public func playbackStarted() {
        call.playbackStarted(now: now)
        setDeadline()
    }

    public func playbackCompleted() {
        call.playbackCompleted(now: now)
        pump()
    }

    /// The platform asked for fewer packets.
    public func holdPackets(for duration: MediaDuration) {
        call.holdPackets(for: duration, now: now)
        setDeadline()
    }

    /// The connection is gone but the call may go on.
    public func detach() {
        platform = nil
        call.suspendIngress()
        setDeadline()
    }

    /// A connection carries the call again.
    public func attach(_ connection: any PlatformConnection) {
        platform = connection
        call.resumeIngress(now: now)
        pump()
    }

    /// The call is over. The bot is told and the shard forgets the call; later calls do nothing.
    public func end(_ reason: CallEndReason) {
        guard !isOver else { return }
        deliverOutputs()
        isOver = true
        platform = nil
        let connector = bot
        bot = nil
        shard.remove(self, reason: reason)
        connector?.callEnded(reason)
    }

    // MARK: The work of a round

    /// Carries everything that is due between engine, bot and platform.
    public func pump() {
        guard !isPumping, !isOver else { return }
        isPumping = true
        hasNews = false
        deliverOutputs()
        deliverExpectation()
        carryOutEnding()
        isPumping = false
        platform?.flushWrites()
        setDeadline()
    }

    /// Tells the shard when the next tick is due. What is under way is looked at on every tick.
    func setDeadline() {
        guard !isOver else { return }
        let now = now
        guard ending == nil, expectation == nil else { return shard.setDeadline(now, of: self) }
        var next = call.deadline(after: now)
        if let due = bot?.deadline { next = min(next, due) }
        if let due = budget?.deadline(at: now) { next = min(next, due) }
        shard.setDeadline(next, of: self)
    }

    func tick(now: MediaInstant) {
        guard !isOver else { return }
        call.advance(to: now)
        bot?.advance(to: now)
        tendFiller(at: now)
        pump()
    }

    private func deliverOutputs() {
        repeat {
            deliverEvents()
            deliverCallerAudio()
            deliverBotAudio()
        } while call.hasEvents && !isOver
    }

    private func deliverEvents() {
        while !isOver, let event = call.nextEvent() {
            if case .turnEnded = event {
                deliverCallerAudio()
            }
            if case .interruption = event, expectation == nil, call.hasUnsentResponses {
                // What was taken back makes the answer incomplete: it is told anew after it.
                expectation = toldExpectation
            }
            shard.note(event, of: info.key)
            platform?.handle(event)
            if guardBudget(event) { bot?.handle(event) }
        }
    }

    private func deliverCallerAudio() {
        guard let bot else { return }
        var buffer = shard.takeSampleBuffer()
        let rate = call.configuration.botRate
        while true {
            let count: Int
            do {
                var room = buffer.mutableSpan
                count = call.readCallerAudio(into: &room)
            }
            guard count > 0 else { break }
            bot.receive(LinearAudio(buffer.span.extracting(0..<count), rate: rate))
        }
        shard.give(sampleBuffer: buffer)
    }

    private func deliverBotAudio() {
        if let generation = call.takeFlush() {
            platform?.clear(generation: generation)
        }
        guard let platform, let egress = call.configuration.egress else { return }
        var buffer = shard.takePacketBuffer()
        while true {
            let packet: OutboundPacket?
            do {
                var room = buffer.mutableSpan
                packet = call.nextPacket(into: &room, now: now)
            }
            guard let packet else { break }
            let bytes = buffer.span.extracting(0..<packet.byteCount)
            platform.send(EncodedAudio(bytes, format: egress.format), packet: packet)
        }
        shard.give(packetBuffer: buffer)
    }

    private func deliverExpectation() {
        // A call that ends expects nothing any more.
        guard let expectation, ending == nil, !isOver, !call.hasUnsentResponses else { return }
        self.expectation = nil
        toldExpectation = expectation
        platform?.listen(for: expectation)
    }

    private func carryOutEnding() {
        guard let ending, !isEnding, !isOver else { return }
        let isOverdue = endDeadline.map { now >= $0 } ?? true
        guard isOverdue || isReadyToEnd else { return }
        isEnding = true
        if let platform {
            platform.endCall(ending)
        } else {
            end(.botEnded)
        }
    }

    private var isReadyToEnd: Bool {
        if platform?.playsBeforeEnding ?? false { return !call.hasUnsentResponses }
        let waits = platform?.confirmsPlayback ?? false
        return call.playoutIsDone(at: now, needsConfirmation: waits)
    }

    func reportToPlatform(_ outcome: TurnOutcome) {
        platform?.report(outcome)
        if !isPumping { platform?.flushWrites() }
    }

    func sendToPlatform(_ event: CustomEvent) {
        guard !isOver else { return }
        platform?.send(event)
        if !isPumping { platform?.flushWrites() }
    }

    func scheduleEnding(_ ending: CallEnding, deadline: MediaInstant?) {
        guard self.ending == nil, !isOver else { return }
        cutFiller()
        self.ending = ending
        endDeadline = deadline
        pump()
    }
}

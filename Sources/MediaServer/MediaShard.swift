// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Logging
internal import MediaEngine
public import NIOCore
internal import SpeechDetection

/// The calls of one event loop: one repeating tick serves them all.
///
/// Confined to its loop; no lock is taken and nothing is awaited in here.
public final class MediaShard {
    /// Length of a tick.
    static let tickLength = MediaDuration.milliseconds(10)
    /// A shard further behind than this leaves ticks out instead of running them in a row.
    private static let catchUpLimit = MediaDuration.milliseconds(50)
    /// Bot audio waiting on all calls of a shard together.
    private static let poolByteLimit = 512 * 1024 * 1024
    /// Calls of a shard that can have an echo canceller at once, 32 KB each; more do without.
    private static let cancellerLimit = 256
    /// Longest packet any platform takes, in bytes.
    private static let packetBufferSize = 65_536

    public let eventLoop: any EventLoop
    let pool = AudioBlockPool(byteLimit: MediaShard.poolByteLimit)
    let cancellers = EchoCancellerPool(capacity: MediaShard.cancellerLimit)
    var statistics = ShardStatistics()
    /// Whether ticks are late, for whoever decides about new calls.
    let load: ShardLoad
    private var gauge: OverloadGauge
    private let logger: Logger
    private let directory: CallDirectory
    private let clock: @Sendable () -> MediaInstant
    private var sessions: [CallSession] = []
    /// When each session's next tick is due, in nanoseconds. Side by side: a tick that finds nothing
    /// to do for a thousand calls reads 8 KB.
    private var deadlines: [Int64] = []
    private var nextTick: MediaInstant
    private var scheduled: Scheduled<Void>?
    private var sampleBuffer = [Int16](repeating: 0, count: 4800)
    private var packetBuffer = [UInt8](repeating: 0, count: MediaShard.packetBufferSize)

    init(
        eventLoop: any EventLoop, directory: CallDirectory, logger: Logger,
        policy: AdmissionPolicy = AdmissionPolicy(),
        clock: @escaping @Sendable () -> MediaInstant
    ) {
        let start = clock()
        load = ShardLoad(policy: policy, now: start)
        gauge = OverloadGauge(policy: policy, tickLength: Self.tickLength, start: start)
        self.eventLoop = eventLoop
        self.directory = directory
        self.logger = logger
        self.clock = clock
        nextTick = start
    }

    func now() -> MediaInstant { clock() }

    var liveCount: Int { sessions.count }

    // MARK: Calls

    func add(_ session: CallSession) {
        session.slot = sessions.count
        sessions.append(session)
        deadlines.append(.min)
        if sessions.count == 1 { load.note(isServing: true) }
        statistics.callsStarted += 1
        session.start()
    }

    func remove(_ session: CallSession, reason: CallEndReason) {
        let last = sessions.removeLast()
        let deadline = deadlines.removeLast()
        if sessions.isEmpty { load.note(isServing: false) }
        if last !== session {
            sessions[session.slot] = last
            deadlines[session.slot] = deadline
            last.slot = session.slot
        }
        statistics.callsEnded += 1
        statistics.endings[reason, default: 0] += 1
        statistics.note(session.call.ingressLedger)
        statistics.samplesSent += session.call.egressLedger.sent
        directory.remove(session.info.key)
        logger.info(
            "call ended",
            metadata: [
                "call": "\(session.info.key)", "reason": "\(reason)",
                "received": "\(session.call.ingressLedger.received)",
                "sent": "\(session.call.egressLedger.sent)",
                "lost_events": "\(session.call.lostEventCount)",
            ])
    }

    /// Counts an event; turns and interruptions, a few a minute and call, are logged as well.
    func note(_ event: CallEvent, of key: CallKey) {
        statistics.note(event)
        switch event {
        case .turnEnded(let turn):
            logger.info(
                "turn ended",
                metadata: [
                    "call": "\(key)", "turn": "\(turn.id.number)",
                    "arrival_ms": Self.milliseconds((turn.arrived - turn.spokenEnd)),
                    "endpoint_ms": Self.milliseconds((turn.confirmed - turn.arrived)),
                ])
        case .turnAnswered(let bill):
            logger.info(
                "turn answered",
                metadata: [
                    "call": "\(key)", "turn": "\(bill.turn.number)",
                    "arrival_ms": Self.milliseconds(bill.arrival),
                    "endpoint_ms": Self.milliseconds(bill.endpoint),
                    "bot_ms": Self.milliseconds(bill.bot),
                    "playout_ms": Self.milliseconds(bill.playout),
                    "total_ms": Self.milliseconds(bill.total),
                ])
        case .bargeIn(let interruption):
            logger.info(
                "barge-in",
                metadata: [
                    "call": "\(key)",
                    "after_ms": Self.milliseconds((interruption.decided - interruption.spoken)),
                    "score": Self.tenths(interruption.evidence.score),
                    "near_db": Self.tenths(interruption.evidence.near),
                    "echo_db": Self.tenths(interruption.evidence.echo),
                    "return_gain_db": Self.tenths(interruption.evidence.returnGain),
                ])
        case .streamFault(let fault):
            logger.warning(
                "stream fault", metadata: ["call": "\(key)", "fault": "\(fault.rawValue)"])
        default:
            break
        }
    }

    private static func milliseconds(_ duration: MediaDuration) -> Logger.MetadataValue {
        "\((duration.milliseconds * 10).rounded() / 10)"
    }

    private static func tenths(_ value: Float) -> Logger.MetadataValue {
        "\((value * 10).rounded() / 10)"
    }

    /// The live call of that key, if it is on this shard.
    public func session(for key: CallKey) -> CallSession? {
        eventLoop.assertInEventLoop()
        return sessions.first { $0.info.key == key }
    }

    /// Calls `body` with every live call; it may end them.
    func forEachSession(_ body: (CallSession) -> Void) {
        for session in sessions { body(session) }
    }

    var snapshot: ShardStatistics {
        var copy = statistics
        copy.liveCalls = sessions.count
        return copy
    }

    // MARK: Tick

    func startTicking() {
        nextTick = clock() + Self.tickLength
        scheduleTick()
    }

    func stopTicking() {
        scheduled?.cancel()
        scheduled = nil
    }

    private func scheduleTick() {
        let delay = max(.zero, nextTick - clock())
        // The delay is taken anew from the absolute deadline each time: no drift builds up.
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        scheduled = eventLoop.scheduleTask(in: .nanoseconds(delay.nanoseconds)) {
            bound.value.tick()
        }
    }

    private func noteLoad(due: MediaInstant, at now: MediaInstant) {
        let was = gauge.isOverloaded
        gauge.note(due: due, at: now, isServing: !sessions.isEmpty)
        load.note(isOverloaded: gauge.isOverloaded, at: now)
        guard gauge.isOverloaded != was else { return }
        logger.warning(
            was ? "shard takes calls again" : "shard is overloaded: it takes no new call",
            metadata: ["live_calls": "\(sessions.count)"])
        if !was { statistics.overloads += 1 }
    }

    private func tick() {
        let now = clock()
        statistics.note(lateness: max(.zero, now - nextTick))
        noteLoad(due: nextTick, at: now)
        var index = nextDue(from: 0, by: now)
        while index < sessions.count {
            let session = sessions[index]
            session.tick(now: now)
            // A call that ended in its tick gave its slot to the last one, which may be due as well.
            let isThere = index < sessions.count && sessions[index] === session
            index = nextDue(from: isThere ? index + 1 : index, by: now)
        }
        nextTick = nextTick + Self.tickLength
        let behind = clock() - nextTick
        if behind > Self.catchUpLimit {
            let missed = behind.nanoseconds / Self.tickLength.nanoseconds
            statistics.ticksSkipped += Int(missed)
            nextTick = nextTick + MediaDuration(nanoseconds: missed * Self.tickLength.nanoseconds)
        }
        scheduleTick()
    }

    /// The tick from `instant` on serves `session`.
    func setDeadline(_ instant: MediaInstant, of session: CallSession) {
        deadlines[session.slot] = instant.nanoseconds
    }

    private func nextDue(from first: Int, by now: MediaInstant) -> Int {
        let count = deadlines.count
        let end = now.nanoseconds
        var slot = first
        while slot < count, deadlines[slot] > end { slot &+= 1 }
        return slot
    }

    // MARK: Buffers of a round

    /// Taken out while a call uses it; a round within a round makes itself another.
    func takeSampleBuffer() -> [Int16] {
        var taken: [Int16] = []
        swap(&taken, &sampleBuffer)
        return taken.isEmpty ? [Int16](repeating: 0, count: 4800) : taken
    }

    func give(sampleBuffer buffer: consuming [Int16]) {
        sampleBuffer = buffer
    }

    func takePacketBuffer() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &packetBuffer)
        return taken.isEmpty ? [UInt8](repeating: 0, count: Self.packetBufferSize) : taken
    }

    func give(packetBuffer buffer: consuming [UInt8]) {
        packetBuffer = buffer
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import SpeechDetection

/// One call's engine: both directions of audio between a platform and a bot, without any I/O.
///
/// It reads no clock, starts no thread and touches no socket: audio, commands and instants come
/// in; events, caller audio and packets are fetched. The same inputs give the same outputs, bit
/// for bit. Owned by one thread. After `init` a frame costs no allocation and no lock.
///
/// The owner calls an input method, then fetches until nothing is left: ``nextEvent()``,
/// ``readCallerAudio(into:)``, ``takeFlush()`` and ``nextPacket(into:now:)``, and calls
/// ``advance(to:)`` on every tick.
public final class Call {
    /// Memory of one call's engine in bytes, queued bot audio (the pool's) not included.
    public static let declaredByteCount = 64 * 1024

    public let configuration: CallConfiguration
    var ingress: Ingress
    var playout: Playout?
    var waiting: WaitingPackets
    var events = EventQueue(capacity: 96)
    var turnCount: UInt32 = 0
    /// Onset of the turn that is under way.
    var onset: SamplePosition?
    /// The turn that waits for its answer.
    var unanswered: Turn?
    /// When a filler for that turn was handed to the platform.
    var filled: MediaInstant?
    var isStalled = false
    var isSuspended = false
    var flushDue: Generation?
    /// The interruption that may be vetoed; the bot is silent meanwhile.
    var pending: Interruption?
    var interruptionCount: UInt32 = 0
    var digits: DigitMatcher
    /// What was heard of the bot during a block of the caller.
    var farBlock = [Int16](repeating: 0, count: FarEndReference.blockLength)
    /// Whether anything was heard in it.
    var farBlockIsAudible = false

    /// - Parameters:
    ///   - pool: where queued bot audio lives; shared by the calls of one thread.
    ///   - cancellers: where a call with an audible echo finds its canceller; shared likewise. Without
    ///     one the echo is told by its level.
    ///   - now: the current instant; every later one must not be earlier.
    public init(
        configuration: CallConfiguration, pool: AudioBlockPool,
        cancellers: EchoCancellerPool? = nil, now: MediaInstant
    ) {
        self.configuration = configuration
        ingress = Ingress(
            configuration, cancellers: configuration.egress == nil ? nil : cancellers, now: now)
        // A bot that is given all there is is given it at once.
        waiting =
            configuration.delivery == .turns
            ? WaitingPackets(rate: configuration.ingress.rate) : WaitingPackets()
        digits = DigitMatcher(window: configuration.digitWindow)
        if let egress = configuration.egress {
            playout = Playout(egress, configuration: configuration, pool: pool, now: now)
        } else {
            playout = nil
        }
    }

    /// When the newest audio came.
    private var lastArrival: MediaInstant {
        waiting.isEmpty ? ingress.lastArrival : waiting.newest
    }

    // MARK: Time

    /// Lets time pass: timers, stalls, endpoints without audio, progress of playback.
    public func advance(to now: MediaInstant) {
        if !waiting.isEmpty, now - waiting.newest > WaitingPackets.limit { takeWaiting() }
        if let change = ingress.passTime(to: now) {
            note(change, at: now)
        }
        let silence = now - lastArrival
        if !isStalled, !isSuspended, silence >= configuration.stallThreshold {
            isStalled = true
            events.append(.mediaStalled)
        }
        confirmInterruption(at: now)
        progressPlayout(at: now)
    }

    /// Longest time between two calls of ``advance(to:)``: what is not urgent waits for it.
    private static let longestRest = MediaDuration.milliseconds(200)

    /// By when ``advance(to:)`` and then ``nextPacket(into:now:)`` must be called again, if nothing
    /// is put in before. It may lie in the past. Costs some comparisons.
    public func deadline(after now: MediaInstant) -> MediaInstant {
        if pending != nil || hasEvents { return now }
        var next = ingress.deadline(after: now + Self.longestRest)
        if !isStalled, !isSuspended {
            next = min(next, lastArrival + configuration.stallThreshold)
        }
        return playout?.deadline(after: now).map { min($0, next) } ?? next
    }

    // MARK: Outputs

    /// The oldest event not fetched yet.
    public func nextEvent() -> CallEvent? {
        events.popFirst()
    }

    /// Whether an event waits to be fetched.
    public var hasEvents: Bool { events.count > 0 }

    /// Events lost because the owner did not fetch them.
    public var lostEventCount: Int { events.overflowCount }

    /// Moves caller audio that is due to the bot into `output`, at the bot's rate.
    /// - Returns: samples written; call again until it is zero.
    public func readCallerAudio(into output: inout MutableSpan<Int16>) -> Int {
        ingress.read(into: &output)
    }

    /// The clear that the platform has to be told, once per clear.
    ///
    /// Fetch and send it before any packet.
    public func takeFlush() -> Generation? {
        defer { flushDue = nil }
        return flushDue
    }

    /// Where the caller's samples went.
    public var ingressLedger: IngressLedger {
        var ledger = ingress.ledger
        ledger.received += waiting.sampleCount
        ledger.held += waiting.sampleCount
        return ledger
    }

    /// Where the bot's samples went, as known at the last instant the call was given.
    public var egressLedger: EgressLedger { playout?.currentLedger ?? EgressLedger() }
}

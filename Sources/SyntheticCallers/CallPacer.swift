// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import NIOCore

/// A call as its pacer knows it.
protocol PacedCall: AnyObject {
    /// Where the pacer keeps this call, nil when it does not.
    var slot: Int? { get set }
    /// Does what is due.
    func advance(to instant: MediaInstant)
    /// Hands over what is settled.
    func settle(at instant: MediaInstant)
    func hangUp()
}

/// Wakes the calls of one loop at their deadlines, with one timer for all.
///
/// Deadlines lie side by side, so a wake-up that finds nothing to do for a thousand calls costs a
/// scan of 8 KB. Deadlines are absolute: a late wake-up makes nothing after it late. Used on its
/// loop only.
final class CallPacer {
    let loop: any EventLoop
    private var deadlines: [Int64] = []
    private var calls: [any PacedCall] = []
    /// When the timer that counts will fire; later ones find this changed and do nothing.
    private var wakeUp = Int64.max
    /// How late calls were served, measured when their batch was through; nil does not measure.
    private var lateness: LatenessHistogram?
    private var served: [Int64] = []

    /// Wake-ups are at least that far apart: calls due in between are served together.
    private static let quantum: Int64 = 1_000_000

    init(loop: any EventLoop) {
        self.loop = loop
    }

    static func now() -> MediaInstant {
        MediaInstant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
    }

    func add(_ call: any PacedCall) {
        call.slot = calls.count
        calls.append(call)
        deadlines.append(.max)
    }

    func remove(_ call: any PacedCall) {
        guard let slot = call.slot else { return }
        call.slot = nil
        guard let last = calls.popLast(), let deadline = deadlines.popLast() else { return }
        guard last !== call else { return }
        calls[slot] = last
        deadlines[slot] = deadline
        last.slot = slot
    }

    /// - Parameter slot: the call's.
    func setDeadline(_ deadline: MediaInstant?, of slot: Int) {
        let instant = deadline?.nanoseconds ?? .max
        deadlines[slot] = instant
        if instant < wakeUp { schedule(instant) }
    }

    /// Runs `action` on the loop in a while: for what is rare.
    func after(_ delay: MediaDuration, _ action: @escaping () -> Void) {
        _ = loop.assumeIsolated().scheduleTask(
            in: .nanoseconds(delay.nanoseconds), action)
    }

    /// Asks every call for what is settled. Returns how late calls were served since this was asked
    /// last; measuring begins with the first time.
    func settle() -> LatenessHistogram {
        let now = Self.now()
        for call in calls { call.settle(at: now) }
        defer { lateness = LatenessHistogram() }
        return lateness ?? LatenessHistogram()
    }

    /// What the calls of a wake-up sent lies in the buffers of their connections until all are
    /// through, so the last one's time is everyone's.
    private func recordLateness() {
        let now = Self.now().nanoseconds
        for due in served { lateness?.record(MediaDuration(nanoseconds: now - due)) }
        served.removeAll(keepingCapacity: true)
    }

    func hangUp() {
        for call in calls { call.hangUp() }
    }

    private func schedule(_ instant: Int64) {
        let earliest = Self.now().nanoseconds + Self.quantum
        let at = max(instant, earliest)
        guard at < wakeUp else { return }
        wakeUp = at
        _ = loop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(UInt64(at))) {
            self.fired(at)
        }
    }

    private func fired(_ timer: Int64) {
        guard timer == wakeUp else { return }
        let now = Self.now()
        // While the calls are served their new deadlines must not start timers one by one.
        wakeUp = .min
        // From the end, because a call that is over gives its place to the last one.
        for slot in deadlines.indices.reversed() where deadlines[slot] <= now.nanoseconds {
            if lateness != nil { served.append(deadlines[slot]) }
            calls[slot].advance(to: now)
        }
        if lateness != nil { recordLateness() }
        wakeUp = .max
        if let next = deadlines.min(), next < .max { schedule(next) }
    }
}

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

    func setDeadline(_ deadline: MediaInstant?, of call: any PacedCall) {
        guard let slot = call.slot else { return }
        let instant = deadline?.nanoseconds ?? .max
        deadlines[slot] = instant
        if instant < wakeUp { schedule(instant) }
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
            calls[slot].advance(to: now)
        }
        wakeUp = .max
        if let next = deadlines.min(), next < .max { schedule(next) }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Tells from the ticks of the last second whether a shard is overloaded, with hysteresis.
///
/// A value of the shard. Ticks that were left out count as late. No allocation after `init`.
struct OverloadGauge {
    private struct Slot {
        var due: Int64 = 0
        var late: Int64 = 0
    }

    private static let slotCount = 10

    private(set) var isOverloaded = false
    private let policy: AdmissionPolicy
    private let tickLength: MediaDuration
    private let slotLength: Int64
    private var slots = [Slot](repeating: Slot(), count: OverloadGauge.slotCount)
    private var current: Int64
    /// Slots since the first tick, up to a full window.
    private var filled = 1
    private var lastDue: MediaInstant
    /// Since when an overloaded shard has been punctual.
    private var easedSince: MediaInstant?

    /// - Parameter start: when the tick before the first one was due.
    init(policy: AdmissionPolicy, tickLength: MediaDuration, start: MediaInstant) {
        self.policy = policy
        self.tickLength = tickLength
        slotLength = max(1, policy.window.nanoseconds / Int64(Self.slotCount))
        current = start.nanoseconds / slotLength
        lastDue = start
    }

    /// A tick that was due at `due` began at `now`.
    mutating func note(due: MediaInstant, at now: MediaInstant) {
        let count = max(1, (due - lastDue).nanoseconds / tickLength.nanoseconds)
        lastDue = due
        turn(to: now)
        let isLate = now - due > policy.lateTick
        let slot = Int(current % Int64(Self.slotCount))
        slots[slot].due += count
        slots[slot].late += count - 1 + (isLate ? 1 : 0)
        judge(at: now)
    }

    private mutating func turn(to now: MediaInstant) {
        let next = now.nanoseconds / slotLength
        guard next > current else { return }
        for passed in 0..<min(next - current, Int64(Self.slotCount)) {
            slots[Int((next - passed) % Int64(Self.slotCount))] = Slot()
        }
        filled = Int(min(Int64(filled) + next - current, Int64(Self.slotCount)))
        current = next
    }

    private mutating func judge(at now: MediaInstant) {
        var due: Int64 = 0
        var late: Int64 = 0
        for slot in slots {
            due += slot.due
            late += slot.late
        }
        guard isOverloaded else {
            // A window that is not full yet says little: its first tick may be all of it.
            guard filled == Self.slotCount, late * Int64(policy.overloadedShare) >= due else {
                return
            }
            isOverloaded = true
            easedSince = nil
            return
        }
        guard late * Int64(policy.easedShare) <= due else {
            easedSince = nil
            return
        }
        let since = easedSince ?? now
        easedSince = since
        if now - since >= policy.recovery { isOverloaded = false }
    }
}

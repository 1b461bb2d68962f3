// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Tells from the ticks of the last second whether a shard is overloaded, with hysteresis.
///
/// Ticks that were left out count as late. They are booked where the stall ended that took them, and
/// the worst tenth of the second is left out of the sum: one stall of the machine is no overload,
/// however long, and a shard with too much to do is late in every tenth.
///
/// A value of the shard. No allocation after `init`.
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
    /// Slots since the first tick with calls, up to a full window; 0 without calls.
    private var filled = 0
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
    /// - Parameter isServing: the shard has calls. Without any there is nobody to protect: what was
    ///   found is forgotten.
    mutating func note(due: MediaInstant, at now: MediaInstant, isServing: Bool = true) {
        let count = max(1, (due - lastDue).nanoseconds / tickLength.nanoseconds)
        lastDue = due
        guard isServing else { return forget() }
        turn(to: now)
        let isLate = now - due > policy.lateTick
        let slot = Int(current % Int64(Self.slotCount))
        slots[slot].due += count
        slots[slot].late += count - 1 + (isLate ? 1 : 0)
        judge(at: now)
    }

    private mutating func forget() {
        guard filled > 0 else { return }
        for slot in slots.indices { slots[slot] = Slot() }
        filled = 0
        isOverloaded = false
        easedSince = nil
    }

    private mutating func turn(to now: MediaInstant) {
        let next = now.nanoseconds / slotLength
        if filled == 0 {
            current = next
            filled = 1
        }
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
        var worst = Slot()
        for slot in slots {
            due += slot.due
            late += slot.late
            if slot.late > worst.late { worst = slot }
        }
        due -= worst.due
        late -= worst.late
        guard isOverloaded else {
            // A window that is not full yet says little, and one stall may be all there is in it.
            guard filled == Self.slotCount, due > 0, late * Int64(policy.overloadedShare) >= due
            else { return }
            isOverloaded = true
            easedSince = nil
            return
        }
        guard due > 0, late * Int64(policy.easedShare) <= due else {
            easedSince = nil
            return
        }
        let since = easedSince ?? now
        easedSince = since
        if now - since >= policy.recovery { isOverloaded = false }
    }
}

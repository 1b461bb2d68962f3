// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A first-in first-out queue of fixed capacity; when full it refuses and counts.
struct EventQueue {
    private var slots: [CallEvent?]
    private var head = 0
    private(set) var count = 0
    private(set) var overflowCount = 0

    init(capacity: Int) {
        slots = Array(repeating: nil, count: capacity)
    }

    mutating func append(_ event: CallEvent) {
        guard count < slots.count else {
            overflowCount += 1
            return
        }
        slots[(head + count) % slots.count] = event
        count += 1
    }

    mutating func popFirst() -> CallEvent? {
        guard count > 0 else { return nil }
        let event = slots[head]
        head = (head + 1) % slots.count
        count -= 1
        return event
    }
}

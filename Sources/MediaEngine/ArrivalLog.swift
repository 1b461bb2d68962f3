// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// When recent packets arrived: enough of them to cover an endpoint's silence at 20 ms each.
struct ArrivalLog {
    private static let capacity = 128

    private var ends: [Int64]
    private var instants: [Int64]
    private var count = 0

    init() {
        ends = Array(repeating: 0, count: Self.capacity)
        instants = Array(repeating: 0, count: Self.capacity)
    }

    mutating func append(end: SamplePosition, at now: MediaInstant) {
        let slot = count % Self.capacity
        ends[slot] = end.index
        instants[slot] = now.nanoseconds
        count += 1
    }

    /// Arrival of the packet that holds the sample before `position`; nil when it is not kept.
    func instant(of position: SamplePosition) -> MediaInstant? {
        var found: MediaInstant?
        for back in 1...Self.capacity where back <= count {
            let slot = (count - back) % Self.capacity
            guard ends[slot] >= position.index else { break }
            found = MediaInstant(nanoseconds: instants[slot])
        }
        return found
    }
}

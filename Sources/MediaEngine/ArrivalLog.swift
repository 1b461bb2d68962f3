// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// When recent packets arrived: enough of them to cover an endpoint's silence at 20 ms each.
struct ArrivalLog {
    private static let capacity = 128

    /// Where each packet ends, and when it came, side by side.
    private var packets: [(end: Int64, instant: Int64)]
    private var count = 0

    init() {
        packets = Array(repeating: (0, 0), count: Self.capacity)
    }

    mutating func append(end: SamplePosition, at now: MediaInstant) {
        packets[count % Self.capacity] = (end.index, now.nanoseconds)
        count += 1
    }

    /// Arrival of the packet that holds the sample before `position`; nil when it is not kept.
    func instant(of position: SamplePosition) -> MediaInstant? {
        var found: MediaInstant?
        for back in 1...Self.capacity where back <= count {
            let packet = packets[(count - back) % Self.capacity]
            guard packet.end >= position.index else { break }
            found = MediaInstant(nanoseconds: packet.instant)
        }
        return found
    }
}

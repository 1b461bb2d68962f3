// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Packets of a line on which nothing stirs, which the call takes together: among thousands of calls
/// most of what a quiet packet costs is to bring the call's memory near.
///
/// Owned by its ``Call``. Allocates only in `init`.
struct WaitingPackets {
    /// By how much a call may hear later where nothing stirs.
    static let limit = MediaDuration.milliseconds(80)
    private static let capacity = 8

    private(set) var count = 0
    private(set) var sampleCount = 0
    /// When the newest packet arrived; it means something while there is one.
    private(set) var newest = MediaInstant(nanoseconds: 0)
    private var samples: [Int16]
    private var lengths = InlineArray<8, Int>(repeating: 0)
    private var arrivals = InlineArray<8, MediaInstant>(
        repeating: MediaInstant(nanoseconds: 0))

    /// One that has no room.
    init() {
        samples = []
    }

    init(rate: SampleRate) {
        samples = Array(repeating: 0, count: rate.samples(in: Self.limit))
    }

    var isEmpty: Bool { count == 0 }

    func hasRoom(for length: Int) -> Bool {
        count < Self.capacity && sampleCount + length <= samples.count
    }

    /// - Precondition: there is room.
    mutating func append(_ packet: Span<Int16>, at now: MediaInstant) {
        precondition(hasRoom(for: packet.count), "A packet waits where there is room")
        let start = sampleCount
        var room = samples.mutableSpan
        for index in 0..<packet.count { room[start &+ index] = packet[index] }
        lengths[count] = packet.count
        arrivals[count] = now
        newest = now
        sampleCount += packet.count
        count += 1
    }

    func length(_ index: Int) -> Int { lengths[index] }
    func arrival(_ index: Int) -> MediaInstant { arrivals[index] }

    /// What all packets hold, the oldest first.
    var audio: Span<Int16> {
        @_lifetime(borrow self)
        borrowing get { samples.span.extracting(0..<sampleCount) }
    }

    mutating func clear() {
        count = 0
        sampleCount = 0
    }
}

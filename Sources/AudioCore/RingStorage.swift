// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import Synchronization

/// The memory and the indices that the two ends of a ring share.
///
/// Safe to share between two threads because each field has one writer: `written`, `dropped` and
/// `highWater` belong to the write end, `read` to the read end, the rest never changes. An element
/// belongs to the write end until `written` passes it (release), then to the read end (acquire) until
/// `read` passes it (release), then to the write end again (acquire). There is one end of each kind:
/// both are noncopyable and made with the storage.
@usableFromInline
@safe
final class RingStorage<Element: Sendable>: @unchecked Sendable {
    /// Room between the two sides' indices: adjacent-line prefetch works on pairs of 64 bytes.
    @usableFromInline typealias Padding = InlineArray<15, UInt64>

    @usableFromInline let elements: UnsafeMutablePointer<Element>
    @usableFromInline let capacity: Int
    @usableFromInline let target: Int
    @usableFromInline let overflow: OverflowPolicy

    private let beforeWritten = Padding(repeating: 0)
    /// Elements written so far. It does not wrap in practice: 2^63 elements.
    @usableFromInline let written = Atomic<Int>(0)
    @usableFromInline let dropped = Atomic<Int>(0)
    @usableFromInline let highWater = Atomic<Int>(0)
    private let beforeRead = Padding(repeating: 0)
    /// Elements read so far.
    @usableFromInline let read = Atomic<Int>(0)
    private let afterRead = Padding(repeating: 0)

    @usableFromInline
    init(capacity: Int, target: Int, overflow: OverflowPolicy) {
        precondition(capacity >= 1, "A ring has room for one element at least")
        precondition((0...capacity).contains(target), "A ring's target is within its capacity")
        self.capacity = capacity
        self.target = target
        self.overflow = overflow
        // Freed in deinit, when both ends are gone.
        unsafe elements = .allocate(capacity: capacity)
    }

    deinit {
        // The ends are gone: what was written and not read is initialised, nothing else is.
        let end = written.load(ordering: .acquiring)
        var index = read.load(ordering: .acquiring)
        while index < end {
            unsafe (elements + index % capacity).deinitialize(count: 1)
            index += 1
        }
        unsafe elements.deallocate()
    }

    @inlinable
    var count: Int {
        // Reading first: a write in between can only make the result too large by elements that
        // are there, never negative.
        let taken = read.load(ordering: .acquiring)
        return written.load(ordering: .acquiring) - taken
    }

    @inlinable
    var statistics: RingStatistics {
        let taken = read.load(ordering: .acquiring)
        return RingStatistics(
            written: written.load(ordering: .acquiring), read: taken,
            dropped: dropped.load(ordering: .relaxed),
            highWater: highWater.load(ordering: .relaxed))
    }
}

/// The write end's own state: only `written` of it is shared, by publishing.
@usableFromInline
struct RingWriteEnd<Element: Sendable>: ~Copyable, Sendable {
    @usableFromInline let storage: RingStorage<Element>
    @usableFromInline var written = 0
    /// Where the next element goes: `written` modulo the capacity, without the division.
    @usableFromInline var position = 0
    /// The read index as last seen: asking for it again costs a cache line in flight.
    @usableFromInline var seenRead = 0
    @usableFromInline var dropped = 0
    @usableFromInline var highWater = 0

    @inlinable
    init(_ storage: RingStorage<Element>) {
        self.storage = storage
    }

    /// Free places, at least `wanted` of them if there are as many.
    @inlinable
    mutating func room(for wanted: Int) -> Int {
        var room = storage.capacity - (written - seenRead)
        if room < wanted {
            seenRead = storage.read.load(ordering: .acquiring)
            room = storage.capacity - (written - seenRead)
        }
        return room
    }

    /// Hands `count` initialised elements to the reader, and accounts for `missed` ones that found
    /// no room.
    @inlinable
    mutating func publish(_ count: Int, missed: Int) {
        written &+= count
        position &+= count
        if position >= storage.capacity {
            position &-= storage.capacity
        }
        storage.written.store(written, ordering: .releasing)
        if written - seenRead > highWater {
            // The cached index may be old: only a fresh one proves a new mark.
            seenRead = storage.read.load(ordering: .acquiring)
            if written - seenRead > highWater {
                highWater = written - seenRead
                storage.highWater.store(highWater, ordering: .relaxed)
            }
        }
        if missed > 0, storage.overflow == .dropNewest {
            dropped &+= missed
            storage.dropped.store(dropped, ordering: .relaxed)
        }
    }
}

/// The read end's own state: only `read` of it is shared, by releasing.
@usableFromInline
struct RingReadEnd<Element: Sendable>: ~Copyable, Sendable {
    @usableFromInline let storage: RingStorage<Element>
    @usableFromInline var read = 0
    /// Where the next element is: `read` modulo the capacity, without the division.
    @usableFromInline var position = 0
    /// The write index as last seen: asking for it again costs a cache line in flight.
    @usableFromInline var seenWritten = 0

    @inlinable
    init(_ storage: RingStorage<Element>) {
        self.storage = storage
    }

    /// Waiting elements, at least `wanted` of them if there are as many.
    @inlinable
    mutating func waiting(for wanted: Int) -> Int {
        if seenWritten - read < wanted {
            seenWritten = storage.written.load(ordering: .acquiring)
        }
        return seenWritten - read
    }

    /// Hands the places of `count` elements, no longer initialised, back to the writer.
    @inlinable
    mutating func release(_ count: Int) {
        read &+= count
        position &+= count
        if position >= storage.capacity {
            position &-= storage.capacity
        }
        storage.read.store(read, ordering: .releasing)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A wait-free queue of values from one thread to another (or within one).
///
/// Like ``SampleRing``, for any sendable type. All memory is allocated by `init`; values that hold
/// references are released by whoever takes them out, or with the ring.
@frozen
public struct EventRing<Element: Sendable>: ~Copyable, Sendable {
    public var writer: Writer
    public var reader: Reader

    /// - Parameters:
    ///   - capacity: The most elements waiting at any time, at least 1.
    ///   - target: The depth to run at, at most `capacity`.
    ///   - overflow: What becomes of an element there is no room for.
    @inlinable
    public init(capacity: Int, target: Int, overflow: OverflowPolicy) {
        let storage = RingStorage<Element>(capacity: capacity, target: target, overflow: overflow)
        writer = Writer(end: RingWriteEnd(storage))
        reader = Reader(end: RingReadEnd(storage))
    }

    /// The end that puts elements in.
    public struct Writer: ~Copyable, Sendable {
        @usableFromInline var end: RingWriteEnd<Element>

        @inlinable
        init(end: consuming RingWriteEnd<Element>) {
            self.end = end
        }

        @inlinable
        public var capacity: Int { end.storage.capacity }

        /// Elements waiting; the reader may be taking some of them now.
        @inlinable
        public var count: Int { end.storage.count }

        /// Elements that fit in now, or more.
        @inlinable
        public var room: Int { capacity - count }

        /// Elements missing to the target depth, zero above it.
        @inlinable
        public var roomToTarget: Int { max(0, end.storage.target - count) }

        @inlinable
        public var statistics: RingStatistics { end.storage.statistics }

        /// Puts `element` in if there is room.
        ///
        /// - Returns: Whether it was taken. If not, it is dropped and counted, or still the
        ///   caller's, as the ring's ``OverflowPolicy`` says.
        @inlinable
        public mutating func append(_ element: consuming Element) -> Bool {
            guard end.room(for: 1) >= 1 else {
                end.publish(0, missed: 1)
                return false
            }
            // There is room: the place at `position` is the writer's and not initialised.
            unsafe (end.storage.elements + end.position).initialize(to: element)
            end.publish(1, missed: 0)
            return true
        }
    }

    /// The end that takes elements out.
    public struct Reader: ~Copyable, Sendable {
        @usableFromInline var end: RingReadEnd<Element>

        @inlinable
        init(end: consuming RingReadEnd<Element>) {
            self.end = end
        }

        @inlinable
        public var capacity: Int { end.storage.capacity }

        /// Elements that can be taken now, or more.
        @inlinable
        public var count: Int { end.storage.count }

        /// Elements waiting above the target depth.
        @inlinable
        public var excess: Int { max(0, count - end.storage.target) }

        @inlinable
        public var statistics: RingStatistics { end.storage.statistics }

        /// Takes the oldest element, or nil if none is waiting.
        @inlinable
        public mutating func next() -> Element? {
            guard end.waiting(for: 1) >= 1 else { return nil }
            // One is waiting: the place at `position` is the reader's and initialised.
            let element = unsafe (end.storage.elements + end.position).move()
            end.release(1)
            return element
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A wait-free queue of samples from one thread to another (or within one).
///
/// It has a writer and a reader, which may be moved to different threads; neither can be copied, so
/// that there is never a second of either. All memory is allocated by `init`, two bytes a sample.
///
/// Every ring has a capacity, which is for bursts, and a target, which is the depth its user wants to
/// run at: the ring only reports the distance to it.
@frozen
public struct SampleRing: ~Copyable, Sendable {
    public var writer: Writer
    public var reader: Reader

    /// - Parameters:
    ///   - capacity: The most samples waiting at any time, at least 1.
    ///   - target: The depth to run at, at most `capacity`.
    ///   - overflow: What a write does with samples there is no room for.
    public init(capacity: Int, target: Int, overflow: OverflowPolicy) {
        let storage = RingStorage<Int16>(capacity: capacity, target: target, overflow: overflow)
        writer = Writer(end: RingWriteEnd(storage))
        reader = Reader(end: RingReadEnd(storage))
    }

    /// The end that puts samples in.
    public struct Writer: ~Copyable, Sendable {
        private var end: RingWriteEnd<Int16>

        fileprivate init(end: consuming RingWriteEnd<Int16>) {
            self.end = end
        }

        public var capacity: Int { end.storage.capacity }

        /// Samples waiting; the reader may be taking some of them now.
        public var count: Int { end.storage.count }

        /// Samples a write can take now, or more.
        public var room: Int { capacity - count }

        /// Samples missing to the target depth, zero above it.
        public var roomToTarget: Int { max(0, end.storage.target - count) }

        public var statistics: RingStatistics { end.storage.statistics }

        /// Puts as many of `samples` in as there is room for, the first ones first.
        ///
        /// - Returns: The samples taken. The others are dropped and counted, or still the caller's,
        ///   as the ring's ``OverflowPolicy`` says.
        public mutating func write(_ samples: Span<Int16>) -> Int {
            let taken = min(samples.count, end.room(for: samples.count))
            let storage = end.storage
            let position = end.position
            let beforeWrap = min(taken, storage.capacity - position)
            // taken <= room: these places are the writer's; both parts lie within the allocation.
            unsafe samples.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress else { return }
                unsafe (storage.elements + position).update(from: from, count: beforeWrap)
                unsafe storage.elements.update(
                    from: from + beforeWrap, count: taken - beforeWrap)
            }
            end.publish(taken, missed: samples.count - taken)
            return taken
        }
    }

    /// The end that takes samples out.
    public struct Reader: ~Copyable, Sendable {
        private var end: RingReadEnd<Int16>

        fileprivate init(end: consuming RingReadEnd<Int16>) {
            self.end = end
        }

        public var capacity: Int { end.storage.capacity }

        /// Samples a read can give now, or more.
        public var count: Int { end.storage.count }

        /// Samples waiting above the target depth: what a reader drops or hurries to be in time.
        public var excess: Int { max(0, count - end.storage.target) }

        public var statistics: RingStatistics { end.storage.statistics }

        /// Moves as many samples as are waiting, and as fit, to the start of `samples`.
        ///
        /// - Returns: The samples moved.
        public mutating func read(into samples: inout MutableSpan<Int16>) -> Int {
            let moved = min(samples.count, end.waiting(for: samples.count))
            let storage = end.storage
            let position = end.position
            let beforeWrap = min(moved, storage.capacity - position)
            // moved <= waiting: these samples are the reader's; both parts lie in the allocation.
            unsafe samples.withUnsafeMutableBufferPointer { target in
                guard let to = target.baseAddress else { return }
                unsafe to.update(from: storage.elements + position, count: beforeWrap)
                unsafe (to + beforeWrap).update(from: storage.elements, count: moved - beforeWrap)
            }
            end.release(moved)
            return moved
        }

        /// Drops up to `count` of the oldest samples; they count as read.
        ///
        /// - Returns: The samples dropped.
        @discardableResult
        public mutating func discard(_ count: Int) -> Int {
            precondition(count >= 0, "A count of samples is not negative")
            let dropped = min(count, end.waiting(for: count))
            end.release(dropped)
            return dropped
        }
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Glibc
import Testing

@Suite struct SampleRingTests {
    private func write(_ samples: [Int16], to ring: inout SampleRing) -> Int {
        ring.writer.write(samples.span)
    }

    private func read(_ count: Int, from ring: inout SampleRing) -> [Int16] {
        var samples = [Int16](repeating: 0, count: count)
        var target = samples.mutableSpan
        let moved = ring.reader.read(into: &target)
        return Array(samples[..<moved])
    }

    @Test func samplesComeOutInOrder() {
        var ring = SampleRing(capacity: 10, target: 5, overflow: .refuse)
        #expect(write([1, 2, 3], to: &ring) == 3)
        #expect(read(2, from: &ring) == [1, 2])
        #expect(write([4, 5], to: &ring) == 2)
        #expect(read(10, from: &ring) == [3, 4, 5])
        #expect(read(10, from: &ring) == [])
    }

    @Test func refusedSamplesStayWithTheWriter() {
        var ring = SampleRing(capacity: 4, target: 4, overflow: .refuse)
        #expect(write([1, 2, 3, 4, 5, 6], to: &ring) == 4)
        #expect(write([5], to: &ring) == 0)
        #expect(ring.writer.statistics.dropped == 0)
        #expect(read(9, from: &ring) == [1, 2, 3, 4])
    }

    @Test func theNewestAreDroppedAndCounted() {
        var ring = SampleRing(capacity: 4, target: 2, overflow: .dropNewest)
        #expect(write([1, 2, 3], to: &ring) == 3)
        #expect(write([4, 5, 6], to: &ring) == 1)
        #expect(ring.writer.statistics.dropped == 2)
        #expect(ring.reader.statistics.dropped == 2)
        #expect(read(9, from: &ring) == [1, 2, 3, 4])
    }

    @Test func theTargetIsReportedFromBothSides() {
        var ring = SampleRing(capacity: 10, target: 4, overflow: .refuse)
        #expect(ring.writer.roomToTarget == 4)
        #expect(ring.reader.excess == 0)
        _ = write([1, 2, 3, 4, 5, 6, 7], to: &ring)
        #expect(ring.writer.roomToTarget == 0)
        #expect(ring.reader.excess == 3)
        #expect(ring.writer.room == 3)
        let excess = ring.reader.discard(ring.reader.excess)
        #expect(excess == 3)
        #expect(read(9, from: &ring) == [4, 5, 6, 7])
    }

    @Test func highWaterIsTheDeepestEver() {
        var ring = SampleRing(capacity: 10, target: 4, overflow: .refuse)
        _ = write([1, 2, 3], to: &ring)
        _ = read(3, from: &ring)
        _ = write([1, 2, 3, 4, 5], to: &ring)
        _ = read(4, from: &ring)
        _ = write([1, 2], to: &ring)
        let statistics = ring.reader.statistics
        #expect(statistics.highWater == 5)
        #expect(statistics.written == 10)
        #expect(statistics.read == 7)
    }

    @Test func endsOutliveTheRing() {
        func makeReader() -> SampleRing.Reader {
            var ring = SampleRing(capacity: 4, target: 4, overflow: .refuse)
            let samples: [Int16] = [7, 8]
            _ = ring.writer.write(samples.span)
            return ring.reader
        }
        let reader = makeReader()
        #expect(reader.count == 2)
    }

    /// Against an array that does what a ring should, for rings of many sizes.
    @Test(arguments: [1, 2, 3, 7, 64, 160, 333], [OverflowPolicy.dropNewest, .refuse])
    func itBehavesLikeAnArray(capacity: Int, overflow: OverflowPolicy) {
        var random = SeededRandom(seed: UInt64(capacity))
        var ring = SampleRing(capacity: capacity, target: capacity / 2, overflow: overflow)
        var model: [Int16] = []
        var (written, taken, dropped, highWater) = (0, 0, 0, 0)
        for _ in 0..<600 {
            let count = Int.random(in: 0...(capacity * 3 / 2), using: &random)
            switch Int.random(in: 0...8, using: &random) {
            case 0...3:
                let samples = random.samples(count)
                let expected = min(count, capacity - model.count)
                #expect(write(samples, to: &ring) == expected)
                model += samples[..<expected]
                written += expected
                dropped += overflow == .dropNewest ? count - expected : 0
                highWater = max(highWater, model.count)
            case 4...7:
                let expected = min(count, model.count)
                #expect(read(count, from: &ring) == Array(model[..<expected]))
                model.removeFirst(expected)
                taken += expected
            default:
                let expected = min(count, model.count)
                let discarded = ring.reader.discard(count)
                #expect(discarded == expected)
                model.removeFirst(expected)
                taken += expected
            }
            #expect(ring.writer.count == model.count)
            #expect(ring.writer.room == capacity - model.count)
            #expect(
                ring.reader.statistics == statistics(written, taken, dropped, highWater))
        }
        #expect(written > 50)
    }

    private func statistics(
        _ written: Int, _ read: Int, _ dropped: Int, _ highWater: Int
    ) -> RingStatistics {
        RingStatistics(written: written, read: read, dropped: dropped, highWater: highWater)
    }

    /// One thread writes a counting sequence, another checks it: nothing lost, torn or reordered.
    @Test(arguments: [1, 5, 160, 1000])
    func twoThreadsSeeOneSequence(capacity: Int) {
        let total = min(capacity * 3000, 200_000)
        let ring = SampleRing(capacity: capacity, target: capacity, overflow: .refuse)
        let writing = Thread(ring.writer) { writer in
            var random = SeededRandom(seed: 1)
            var next = 0
            while next < total {
                let count = min(Int.random(in: 1...200, using: &random), total - next)
                let samples = (0..<count).map { Int16(truncatingIfNeeded: next + $0) }
                let taken = writer.write(samples.span)
                next += taken
                if taken == 0 {
                    sched_yield()
                }
            }
        }
        var reader = ring.reader
        var random = SeededRandom(seed: 2)
        var next = 0
        var wrong = 0
        while next < total {
            var samples = [Int16](repeating: 0, count: Int.random(in: 1...200, using: &random))
            var target = samples.mutableSpan
            let moved = reader.read(into: &target)
            for index in 0..<moved where samples[index] != Int16(truncatingIfNeeded: next + index) {
                wrong += 1
            }
            next += moved
            if moved == 0 {
                sched_yield()
            }
        }
        writing.join()
        #expect(wrong == 0)
        #expect(reader.count == 0)
        #expect(reader.statistics.written == total)
        #expect((1...capacity).contains(reader.statistics.highWater))
    }

    @Test(.enabled(if: allocation_counter_available()))
    func writingAndReadingAllocateNothing() {
        var ring = SampleRing(capacity: 500, target: 160, overflow: .dropNewest)
        let samples = [Int16](repeating: 3, count: 160)
        var output = [Int16](repeating: 0, count: 160)
        var moved = 0
        let count = allocationsWhenWarm {
            for _ in 0..<100 {
                moved += ring.writer.write(samples.span)
                var target = output.mutableSpan
                moved += ring.reader.read(into: &target)
                moved += ring.reader.discard(1)
            }
        }
        #expect(count == 0)
        #expect(moved == 64_000)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Glibc
import Synchronization
import Testing

@Suite struct EventRingTests {
    /// A value with a reference, which counts its living instances.
    private final class Tracked: Sendable {
        let number: Int
        let living: Counter

        init(_ number: Int, _ living: Counter) {
            self.number = number
            self.living = living
            living.value.add(1, ordering: .relaxed)
        }

        deinit {
            living.value.subtract(1, ordering: .relaxed)
        }
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)

        var count: Int { value.load(ordering: .relaxed) }
    }

    private func append<Element>(_ element: Element, to ring: inout EventRing<Element>) -> Bool {
        ring.writer.append(element)
    }

    private func next<Element>(from ring: inout EventRing<Element>) -> Element? {
        ring.reader.next()
    }

    @Test func elementsComeOutInOrder() {
        var ring = EventRing<String>(capacity: 3, target: 3, overflow: .refuse)
        #expect(append("a", to: &ring))
        #expect(append("b", to: &ring))
        #expect(next(from: &ring) == "a")
        #expect(append("c", to: &ring))
        #expect(append("d", to: &ring))
        #expect(!append("e", to: &ring))
        #expect(next(from: &ring) == "b")
        #expect(next(from: &ring) == "c")
        #expect(next(from: &ring) == "d")
        #expect(next(from: &ring) == nil)
        #expect(ring.reader.statistics.dropped == 0)
        #expect(ring.reader.statistics.highWater == 3)
    }

    @Test func elementsWithReferencesAreReleasedOnce() {
        let living = Counter()
        do {
            var ring = EventRing<Tracked>(capacity: 4, target: 4, overflow: .dropNewest)
            for number in 0..<6 {
                _ = ring.writer.append(Tracked(number, living))
            }
            // The two that were dropped are gone already.
            #expect(living.count == 4)
            #expect(next(from: &ring)?.number == 0)
            #expect(next(from: &ring)?.number == 1)
            #expect(living.count == 2)
            _ = ring.writer.append(Tracked(6, living))
            #expect(ring.writer.statistics.dropped == 2)
            #expect(living.count == 3)
        }
        #expect(living.count == 0)
    }

    @Test(arguments: [1, 2, 5, 16], [OverflowPolicy.dropNewest, .refuse])
    func itBehavesLikeAnArray(capacity: Int, overflow: OverflowPolicy) {
        var random = SeededRandom(seed: UInt64(capacity) + 100)
        var ring = EventRing<[Int]>(capacity: capacity, target: capacity, overflow: overflow)
        var model: [[Int]] = []
        var (dropped, highWater) = (0, 0)
        for step in 0..<3000 {
            if Bool.random(using: &random) {
                let fits = model.count < capacity
                #expect(append([step], to: &ring) == fits)
                if fits {
                    model.append([step])
                } else if overflow == .dropNewest {
                    dropped += 1
                }
                highWater = max(highWater, model.count)
            } else {
                #expect(next(from: &ring) == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(ring.writer.count == model.count)
            #expect(ring.reader.excess == 0)
        }
        #expect(ring.writer.statistics.dropped == dropped)
        #expect(ring.writer.statistics.highWater == highWater)
    }

    @Test func twoThreadsSeeOneSequence() {
        let total = 50_000
        let living = Counter()
        let ring = EventRing<Tracked>(capacity: 16, target: 16, overflow: .refuse)
        let writing = Thread(ring.writer) { writer in
            for number in 0..<total {
                let element = Tracked(number, living)
                while !writer.append(element) {
                    sched_yield()
                }
            }
        }
        var reader = ring.reader
        var next = 0
        var wrong = 0
        while next < total {
            guard let element = reader.next() else {
                sched_yield()
                continue
            }
            wrong += element.number == next ? 0 : 1
            next += 1
        }
        writing.join()
        #expect(wrong == 0)
        #expect(living.count == 0)
        #expect(reader.count == 0)
    }

    @Test(.enabled(if: allocation_counter_available()))
    func eventsAllocateNothing() {
        var ring = EventRing<SamplePosition>(capacity: 8, target: 8, overflow: .dropNewest)
        var sum: Int64 = 0
        let count = allocationsWhenWarm {
            for index in 0..<100 {
                _ = ring.writer.append(SamplePosition(Int64(index)))
                sum += ring.reader.next()?.index ?? 0
            }
        }
        #expect(count == 0)
        #expect(sum == 9900)
    }
}

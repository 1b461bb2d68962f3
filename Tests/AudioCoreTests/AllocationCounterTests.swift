// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter
import Testing

/// Other tests rely on these to mean something by "no allocation".
@Suite(.enabled(if: allocation_counter_available()))
struct AllocationCounterTests {
    private final class Node {
        let next: Node?

        init(next: Node?) {
            self.next = next
        }
    }

    @Test func objectsAreCounted() {
        allocation_counter_start()
        var node: Node?
        for _ in 0..<5 {
            node = Node(next: node)
        }
        let count = allocation_counter_stop()
        #expect(node?.next?.next?.next?.next != nil)
        #expect(count == 5)
    }

    @Test func growingArraysAreCounted() {
        var values: [Int] = []
        allocation_counter_start()
        for value in 0..<100 {
            values.append(value)
        }
        let count = allocation_counter_stop()
        #expect(values.count == 100)
        #expect(count >= 2)
    }

    @Test func overAlignedMemoryIsCounted() {
        allocation_counter_start()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 256)
        let count = allocation_counter_stop()
        unsafe memory.deallocate()
        #expect(count == 1)
    }

    @Test func plainArithmeticIsNot() {
        var sum = 0
        allocation_counter_start()
        for value in 0..<1000 {
            sum &+= value
        }
        #expect(allocation_counter_stop() == 0)
        #expect(sum == 499_500)
    }
}

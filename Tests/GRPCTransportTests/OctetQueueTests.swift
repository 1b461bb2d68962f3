// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import GRPCTransport

extension OctetQueue {
    mutating func take(_ most: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: most) { room, count in
            count = unsafe take(into: UnsafeMutableRawBufferPointer(room))
        }
    }

    mutating func takeAll() -> [UInt8] { take(max(1, count)) }
}

@Suite struct OctetQueueTests {
    @Test func firstInFirstOut() {
        var queue = OctetQueue(OctetBlocks())
        #expect(queue.take(10).isEmpty)
        queue.append(message: [1, 2, 3].span)
        let nothing: [UInt8] = []
        queue.append(message: nothing.span)
        #expect(queue.count == 13)
        #expect(queue.take(6) == [0, 0, 0, 0, 3, 1])
        queue.append(message: [4].span)
        #expect(queue.takeAll() == [2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4])
        #expect(queue.count == 0)
    }

    @Test func anEmptyQueueLeavesItsMemoryToTheNext() {
        let blocks = OctetBlocks()
        var one = OctetQueue(blocks)
        var other = OctetQueue(blocks)
        one.append(message: [1].span)
        #expect(one.takeAll().count == 6)
        #expect(blocks.keptCount == 1)
        other.append(message: [2].span)
        #expect(blocks.keptCount == 0)
        one.append(message: [3].span)
        #expect(other.takeAll().last == 2)
        #expect(one.takeAll().last == 3)
        #expect(blocks.keptCount == 2)
        // What outgrows a block gives it back at once, and keeps its own memory.
        one.append(message: [4].span)
        one.append(message: [UInt8](repeating: 5, count: OctetBlocks.size).span)
        #expect(blocks.keptCount == 2)
        #expect(one.takeAll().count == 11 + OctetBlocks.size)
        #expect(blocks.keptCount == 2)
    }

    /// Against a plain array, with lengths that make it wrap, grow and shrink.
    @Test func agreesWithAnArray() {
        var queue = OctetQueue(OctetBlocks())
        var model: [UInt8] = []
        var state: UInt64 = 5
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for turn in 0..<5_000 {
            if random(2) == 0 {
                let message = [UInt8](
                    repeating: UInt8(turn % 251), count: random(turn % 100 == 0 ? 200_000 : 300))
                queue.append(message: message.span)
                let length = UInt32(message.count)
                model += [0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
                model += message
            } else {
                let most = 1 + random(turn % 50 == 0 ? 400_000 : 600)
                let expected = Array(model.prefix(most))
                model.removeFirst(expected.count)
                #expect(queue.take(most) == expected)
            }
            #expect(queue.count == model.count)
        }
        #expect(queue.takeAll() == model)
    }
}

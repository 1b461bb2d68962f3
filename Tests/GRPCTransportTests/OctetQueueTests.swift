// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import GRPCTransport

extension OctetQueue {
    func take(_ most: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: most) { room, count in
            count = unsafe take(into: UnsafeMutableRawBufferPointer(room))
        }
    }

    func takeAll() -> [UInt8] { take(max(1, count)) }
}

@Suite struct OctetQueueTests {
    @Test func firstInFirstOut() {
        let queue = OctetQueue()
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

    /// Against a plain array, with lengths that make it wrap, grow and shrink.
    @Test func agreesWithAnArray() {
        let queue = OctetQueue()
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

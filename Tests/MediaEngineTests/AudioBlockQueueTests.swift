// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MediaEngine

@Suite struct AudioBlockQueueTests {
    @Test func itIsAnArrayThatShrinksFromBothEnds() {
        var random = SeededGenerator(seed: 11)
        let pool = AudioBlockPool(byteLimit: 64 * 4096)
        var queue = AudioBlockQueue(pool: pool)
        var model: [UInt8] = []
        var next: UInt8 = 0
        for _ in 0..<300 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let slice = (0..<Int.random(in: 0...4096, using: &random)).map { _ in
                    next &+= 1
                    return next
                }
                if queue.append(slice.span) { model += slice }
            case 2:
                let count = Int.random(in: 0...model.count, using: &random)
                queue.release(before: queue.start + count)
                model.removeFirst(count)
            default:
                let count = Int.random(in: 0...min(model.count, 5000), using: &random)
                queue.truncate(at: queue.end - count)
                model.removeLast(count)
            }
            let kept = queue.end - queue.start
            #expect(kept == model.count)
            #expect(pool.usedCount <= model.count / 4096 + 2)
            guard !model.isEmpty else {
                #expect(pool.usedCount == 0)
                continue
            }
            if Bool.random(using: &random) {
                queue.seek(to: queue.start + Int.random(in: 0...model.count, using: &random))
            }
            let from = Int.random(in: 0..<model.count, using: &random)
            let count = min(model.count - from, 6000)
            var read = [UInt8](repeating: 0, count: count)
            var room = read.mutableSpan
            queue.copy(count, from: queue.start + from, into: &room, at: 0)
            #expect(read[...] == model[from..<(from + count)])
        }
    }

    @Test func anExhaustedPoolTakesAllOrNothing() {
        let pool = AudioBlockPool(byteLimit: 4096)
        var queue = AudioBlockQueue(pool: pool)
        let slice = [UInt8](repeating: 7, count: 3000)
        let isTaken = [queue.append(slice.span), queue.append(slice.span)]
        #expect(isTaken == [true, false])
        let end = queue.end
        #expect(end == 3000)
    }
}

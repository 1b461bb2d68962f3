// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import GRPCTransport

@Suite struct FrameBudgetTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func aFloodEmptiesIt() {
        var budget = FrameBudget(streams: 100, now: start)
        let allowed = (1...).prefix { _ in budget.charge(.ping, useful: 0, now: start) }.count
        #expect(allowed == 2_400)
    }

    @Test func timeRefillsIt() {
        var budget = FrameBudget(streams: 0, now: start)
        for second in 0..<100 {
            for _ in 0..<200 {
                let isAllowed = budget.charge(
                    .resetByPeer, useful: 0, now: start + .seconds(Int64(second)))
                #expect(isAllowed)
            }
        }
        let isAllowed = (0..<2_000).allSatisfy { _ in
            budget.charge(.resetByPeer, useful: 0, now: start + .seconds(100))
        }
        #expect(!isAllowed)
    }

    @Test func audioPaysForItsWindowUpdates() {
        var budget = FrameBudget(streams: 10, now: start)
        let isAllowed = (0..<1_000_000).allSatisfy { _ in
            budget.charge(.windowUpdate, useful: 1, now: start)
        }
        #expect(isAllowed)
    }

    @Test func allCallsMayBeCancelledAtOnce() {
        var budget = FrameBudget(streams: 2_000, now: start)
        let isAllowed = (0..<4_000).allSatisfy { _ in
            budget.charge(.resetByPeer, useful: 0, now: start)
        }
        #expect(isAllowed)
    }

    @Test func hugeHeaderBlocksEndItAtOnce() {
        var budget = FrameBudget(streams: 2_000, now: start)
        let isAllowed = budget.charge(.hugeHeaders, useful: 0, now: start)
        #expect(!isAllowed)
    }
}

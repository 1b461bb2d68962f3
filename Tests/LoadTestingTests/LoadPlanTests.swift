// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import LoadTesting

@Suite struct LoadPlanTests {
    private func plan(calls: Int = 60, seed: UInt64 = 1, callLength: Double? = 12) throws
        -> LoadPlan
    {
        LoadPlan(
            mix: try Shares(parsing: "webex=3,cxone=2,genesys=1", of: "platform"), calls: calls,
            behaviours: try Shares(parsing: "talker=8,interrupter=1,dead-peer=1", of: "kind"),
            ramp: .seconds(10), hold: .seconds(50),
            callLength: callLength.map(MediaDuration.seconds),
            seed: seed)
    }

    /// Every call of the plan, in the order of slots.
    private func calls(_ plan: LoadPlan) -> [[PlannedCall]] {
        plan.slots().map { first in
            var slot = first
            var calls: [PlannedCall] = []
            while let call = slot.call {
                calls.append(call)
                slot.advance()
            }
            return calls
        }
    }

    @Test func equalSeedsMakeEqualCallsAndOthersOthers() throws {
        let once = calls(try plan())
        #expect(once == calls(try plan()))
        let other = calls(try plan(seed: 2))
        #expect(once != other)
        #expect(Set(once.joined().map(\.seed)).count == once.joined().count)
    }

    @Test func platformsAndCallersComeInTheirShares() throws {
        let all = calls(try plan(calls: 600))
        let platforms = Dictionary(grouping: all.compactMap(\.first), by: \.platform)
        #expect(platforms.mapValues(\.count) == [.webex: 300, .cxone: 200, .genesys: 100])
        let callers = Dictionary(grouping: all.joined(), by: \.behaviour).mapValues(\.count)
        let total = Double(all.joined().count)
        #expect(abs(Double(callers[.talker] ?? 0) / total - 0.8) < 0.02)
        #expect(abs(Double(callers[.interrupter] ?? 0) / total - 0.1) < 0.02)
        #expect(callers[.silent] == nil)
    }

    @Test func slotsBeginWithinTheRampAtPhasesOfTheirOwn() throws {
        let starts = try plan(calls: 500).slots().compactMap { $0.call?.start }
        #expect(starts.count == 500)
        #expect(starts.allSatisfy { $0 >= .zero && $0 < .seconds(10.02) })
        // Half of the calls have begun when half of the ramp is over.
        #expect((249...251).contains(starts.count { $0 < .seconds(5) }))
        let phases = starts.map { Int($0.nanoseconds % 20_000_000 / 1_000_000) }
        // Spread over the packet interval: no millisecond has more than three times its share.
        #expect(Dictionary(grouping: phases) { $0 }.values.allSatisfy { $0.count < 75 })
    }

    @Test func slotsAreOccupiedToTheEnd() throws {
        for slot in calls(try plan()) {
            let last = try #require(slot.last)
            #expect(last.start + last.length <= .seconds(60))
            #expect(last.start + last.length > .seconds(58.9))
            for (call, next) in zip(slot, slot.dropFirst()) {
                let gap = next.start - (call.start + call.length)
                #expect(gap >= .milliseconds(100) && gap <= .milliseconds(500))
            }
        }
        // About sixty slots of fifty seconds in calls of twelve.
        #expect((200...400).contains(calls(try plan()).joined().count))
    }

    @Test func withoutALengthEachSlotHasOneCall() throws {
        let all = calls(try plan(callLength: nil))
        #expect(all.allSatisfy { $0.count == 1 })
    }

    @Test func aShortHoldStillHasCalls() throws {
        let plan = LoadPlan(
            mix: Shares([.init(.webex, 2)]), ramp: .zero, hold: .seconds(5), seed: 3)
        #expect(plan.slots().compactMap(\.call).count == 2)
    }
}

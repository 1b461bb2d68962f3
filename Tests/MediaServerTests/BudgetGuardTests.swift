// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import MediaEngine
@testable import MediaServer

@Suite struct BudgetGuardTests {
    private static let filler = Filler(
        clip: AudioClip(rate: .hz8000, samples: [Int16](repeating: 1000, count: 8000)),
        after: .milliseconds(450))
    private let start = MediaInstant(nanoseconds: 0)

    private func waiting() -> BudgetGuard {
        var budget = BudgetGuard(Self.filler)
        budget.turnEnded(
            Turn(
                id: TurnID(number: 1), onset: .start, lastVoiced: .start, spokenEnd: start,
                arrived: start, confirmed: start + .milliseconds(320)))
        return budget
    }

    @Test func theFillerIsDueThatLongAfterTheLastWord() {
        var budget = waiting()
        #expect(budget.deadline(at: start) == start + .milliseconds(450))
        #expect(!budget.isDue(at: start + .milliseconds(449)))
        #expect(budget.isDue(at: start + .milliseconds(450)))
        budget.rest()
        #expect(!budget.isDue(at: start + .milliseconds(450)))
        #expect(budget.deadline(at: start) == nil)
    }

    @Test func itIsFedALittleAheadOfTheEarAndEndsOnce() {
        var budget = waiting()
        let id = ResponseID(number: 7)
        budget.began(id)
        var fed: [Int] = []
        var ends = 0
        var remainder = MediaDuration.zero
        for _ in 0..<120 {
            if let (response, clip, isLast) = budget.feed(remainder: remainder) {
                #expect(response == id)
                fed.append(clip.samples.count)
                ends += isLast ? 1 : 0
                remainder += clip.duration
            }
            remainder = max(.zero, remainder - .milliseconds(10))
        }
        #expect(fed.first == 2560 && fed.dropFirst().dropLast().allSatisfy { $0 == 80 })
        #expect(fed.reduce(0, +) == 8000 && ends == 1)
    }

    @Test func theAnswerFadesItOut() {
        var budget = waiting()
        budget.began(ResponseID(number: 7))
        _ = budget.feed(remainder: .zero)
        let cut = budget.cut()
        let samples = cut?.1.samples ?? []
        #expect(samples.count == 80 && samples.first == 987 && samples.last == 12)
        #expect(zip(samples, samples.dropFirst()).allSatisfy { $0 > $1 })
        let again = budget.cut()
        let more = budget.feed(remainder: .zero)
        #expect(again == nil && more == nil)
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import MediaServer

/// Ticks every 10 ms, each as late as the test says.
@Suite struct OverloadGaugeTests {
    private final class Ticks {
        var gauge = OverloadGauge(
            policy: AdmissionPolicy(), tickLength: .milliseconds(10),
            start: MediaInstant(nanoseconds: 1_000_000_000))
        private(set) var due = MediaInstant(nanoseconds: 1_000_000_000)
        /// Whether any tick found the shard overloaded.
        private(set) var wasOverloaded = false

        private func note(at now: MediaInstant) {
            gauge.note(due: due, at: now)
            wasOverloaded = wasOverloaded || gauge.isOverloaded
        }

        /// - Parameter lateness: of each tick by its number, in milliseconds.
        func run(milliseconds: Int64, lateness: (Int64) -> Int64) {
            for number in 0..<(milliseconds / 10) {
                due = due + .milliseconds(10)
                note(at: due + .milliseconds(lateness(number)))
            }
        }

        /// As a loop that is held for so long: one tick late by all of it, five more in a row, the
        /// others left out.
        func stall(milliseconds: Int64) {
            let end = due + .milliseconds(10 + milliseconds)
            due = due + .milliseconds(10)
            note(at: end)
            due = max(due, end - .milliseconds(50))
            while due + .milliseconds(10) <= end {
                due = due + .milliseconds(10)
                note(at: end)
            }
        }

        /// As a loop whose calls make `share` seconds of work a second, and that does all that has
        /// come in before it gets to its next tick. Sockets hold a fifth of a second of it.
        func work(share: Double, milliseconds: Int64) {
            let end = due + .milliseconds(milliseconds)
            var turn = 10.0
            while due < end {
                turn = min(max(10, turn * share), 200)
                stall(milliseconds: Int64(turn) - 10)
            }
        }
    }

    @Test func punctualTicksAreNoOverload() {
        let ticks = Ticks()
        ticks.run(milliseconds: 5000) { _ in 10 }
        #expect(!ticks.gauge.isOverloaded)
    }

    @Test func halfOfTheTicksLateIsAnOverloadAndAFourthIsNone() {
        let ticks = Ticks()
        ticks.run(milliseconds: 3000) { $0 % 4 == 0 ? 11 : 1 }
        #expect(!ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 1200) { $0 % 2 == 0 ? 11 : 1 }
        #expect(ticks.gauge.isOverloaded)
    }

    @Test func nothingIsSaidBeforeAWindowIsFull() {
        let ticks = Ticks()
        ticks.run(milliseconds: 800) { _ in 40 }
        #expect(!ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 300) { _ in 40 }
        #expect(ticks.gauge.isOverloaded)
    }

    @Test(arguments: [200, 300, 950, 10_000] as [Int64])
    func oneStallOfTheMachineIsNoOverload(milliseconds: Int64) {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 0 }
        ticks.stall(milliseconds: milliseconds)
        ticks.run(milliseconds: 2000) { _ in 0 }
        ticks.stall(milliseconds: milliseconds)
        ticks.run(milliseconds: 2000) { _ in 0 }
        #expect(!ticks.wasOverloaded)
    }

    @Test func twoStallsThatTakeMostOfASecondAreAnOverload() {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 0 }
        ticks.stall(milliseconds: 400)
        ticks.run(milliseconds: 100) { _ in 0 }
        #expect(!ticks.gauge.isOverloaded)
        ticks.stall(milliseconds: 400)
        #expect(ticks.gauge.isOverloaded)
    }

    @Test func aHostThatTakesAFifthOfTheTimeInPiecesIsNoOverload() {
        let ticks = Ticks()
        for _ in 0..<20 {
            ticks.run(milliseconds: 240) { _ in 0 }
            ticks.stall(milliseconds: 60)
        }
        #expect(!ticks.wasOverloaded)
        ticks.run(milliseconds: 1500) { _ in 30 }
        #expect(ticks.gauge.isOverloaded)
        for _ in 0..<8 {
            ticks.run(milliseconds: 240) { _ in 0 }
            ticks.stall(milliseconds: 60)
        }
        #expect(!ticks.gauge.isOverloaded, "it fades all the same")
    }

    @Test func halfAsMuchAgainAsAShardCanDoIsAnOverloadUntilThatEnds() {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 0 }
        ticks.work(share: 0.9, milliseconds: 3000)
        #expect(!ticks.wasOverloaded)
        ticks.work(share: 1.5, milliseconds: 1200)
        #expect(ticks.gauge.isOverloaded)
        for _ in 0..<10 {
            ticks.work(share: 1.5, milliseconds: 1000)
            #expect(ticks.gauge.isOverloaded)
        }
    }

    @Test func itEasesWithinTwoSecondsOfTheLastLateTickAndNotAtOnce() {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 30 }
        #expect(ticks.gauge.isOverloaded)
        // Three in ten late is no reason to refuse, but none to admit again.
        ticks.run(milliseconds: 5000) { $0 % 10 < 3 ? 30 : 0 }
        #expect(ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 1000) { _ in 30 }
        ticks.run(milliseconds: 1500) { _ in 0 }
        #expect(ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 1000 * Int64(AdmissionPolicy.retryAfterSeconds) - 1500) { _ in 0 }
        #expect(!ticks.gauge.isOverloaded)
    }

    @Test func aStallWhileItEasesDoesNotHoldItUp() {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 30 }
        ticks.run(milliseconds: 1000) { _ in 0 }
        ticks.stall(milliseconds: 200)
        ticks.run(milliseconds: 800) { _ in 0 }
        #expect(!ticks.gauge.isOverloaded)
    }

    @Test func aShardWithTurnsOfMostOfASecondStaysOverloaded() {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 30 }
        for _ in 0..<10 {
            ticks.stall(milliseconds: 700)
            #expect(ticks.gauge.isOverloaded)
        }
    }

    @Test func whatWasFoundIsForgottenWithTheLastCall() {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 40 }
        #expect(ticks.gauge.isOverloaded)
        ticks.gauge.note(
            due: ticks.due + .milliseconds(10), at: ticks.due + .milliseconds(50), isServing: false)
        #expect(!ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 800) { _ in 40 }
        #expect(!ticks.gauge.isOverloaded, "another window has to fill")
        ticks.run(milliseconds: 300) { _ in 40 }
        #expect(ticks.gauge.isOverloaded)
    }
}

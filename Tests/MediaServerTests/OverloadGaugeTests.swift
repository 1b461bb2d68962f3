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

        /// - Parameter lateness: of each tick by its number, in milliseconds.
        func run(milliseconds: Int64, lateness: (Int64) -> Int64) {
            for number in 0..<(milliseconds / 10) {
                due = due + .milliseconds(10)
                gauge.note(due: due, at: due + .milliseconds(lateness(number)))
            }
        }

        /// As a loop that is held for so long: one tick late by all of it, five more in a row, the
        /// others left out.
        func stall(milliseconds: Int64) {
            let end = due + .milliseconds(10 + milliseconds)
            due = due + .milliseconds(10)
            gauge.note(due: due, at: end)
            due = end - .milliseconds(50)
            for _ in 0..<6 {
                gauge.note(due: due, at: end)
                due = due + .milliseconds(10)
            }
            due = due - .milliseconds(10)
        }
    }

    @Test func punctualTicksAreNoOverload() {
        let ticks = Ticks()
        ticks.run(milliseconds: 5000) { _ in 19 }
        #expect(!ticks.gauge.isOverloaded)
    }

    @Test func halfOfTheTicksLateIsAnOverloadAndAFourthIsNone() {
        let ticks = Ticks()
        ticks.run(milliseconds: 3000) { $0 % 4 == 0 ? 30 : 1 }
        #expect(!ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 1200) { $0 % 2 == 0 ? 30 : 1 }
        #expect(ticks.gauge.isOverloaded)
    }

    @Test func nothingIsSaidBeforeAWindowIsFull() {
        let ticks = Ticks()
        ticks.run(milliseconds: 800) { _ in 40 }
        #expect(!ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 300) { _ in 40 }
        #expect(ticks.gauge.isOverloaded)
    }

    @Test func oneStallOfTheMachineIsNoOverloadAndOneOfTwiceTheLengthIs() {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 0 }
        ticks.stall(milliseconds: 200)
        ticks.run(milliseconds: 2000) { _ in 0 }
        #expect(!ticks.gauge.isOverloaded)
        ticks.stall(milliseconds: 400)
        #expect(ticks.gauge.isOverloaded)
    }

    @Test func itTakesTwoPunctualSecondsToEase() {
        let ticks = Ticks()
        ticks.run(milliseconds: 2000) { _ in 30 }
        #expect(ticks.gauge.isOverloaded)
        // One in six late is no reason to refuse, but none to admit again.
        ticks.run(milliseconds: 5000) { $0 % 6 == 0 ? 30 : 0 }
        #expect(ticks.gauge.isOverloaded)
        // Nearly half a second until one in ten is late, then two more.
        ticks.run(milliseconds: 2300) { _ in 0 }
        #expect(ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 500) { _ in 0 }
        #expect(!ticks.gauge.isOverloaded)
    }

    @Test func lateTicksAreForgottenAfterALongPauseOfTheShard() {
        let ticks = Ticks()
        ticks.run(milliseconds: 1000) { $0 % 5 == 0 ? 30 : 0 }
        ticks.stall(milliseconds: 60_000)
        #expect(ticks.gauge.isOverloaded)
        ticks.run(milliseconds: 3300) { _ in 0 }
        #expect(!ticks.gauge.isOverloaded)
    }
}

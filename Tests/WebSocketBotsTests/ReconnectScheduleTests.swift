// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import WebSocketBots

@Suite struct ReconnectScheduleTests {
    private let start = MediaInstant(nanoseconds: 0)

    @Test func attemptsInARowAreBoundedAndFurtherAndFurtherApart() {
        var schedule = ReconnectSchedule(limit: 3)
        var now = start
        var waits: [Double] = []
        while schedule.failed(at: now) {
            guard let due = schedule.due else {
                Issue.record("Nothing is due")
                return
            }
            waits.append((due - now).milliseconds)
            let attempts = [due - .milliseconds(1), due, due].map { schedule.takeDue(at: $0) }
            #expect(attempts == [false, true, false])
            now = due
        }
        #expect(waits == [200, 400, 800])
    }

    @Test func aConnectionThatHeldBeginsTheCountAnew() {
        var schedule = ReconnectSchedule(limit: 1)
        let first = schedule.failed(at: start)
        schedule.established(at: start)
        let second = schedule.failed(at: start + .seconds(10))
        // One that comes and goes does not.
        schedule.established(at: start + .seconds(11))
        let third = schedule.failed(at: start + .seconds(12))
        #expect([first, second, third] == [true, true, false])
    }
}

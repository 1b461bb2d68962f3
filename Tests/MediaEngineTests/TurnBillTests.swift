// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import MediaEngine

@Suite struct TurnBillTests {
    private func instant(_ milliseconds: Int64) -> MediaInstant {
        MediaInstant(nanoseconds: milliseconds * 1_000_000)
    }

    /// Spoken, arrived, confirmed, answered, sent; then the four stages.
    @Test(
        arguments: [
            // In order.
            ([1000, 1200, 1520, 1700, 1710], [200, 320, 180, 10]),
            // The bot answered on the eager endpoint, before the turn was confirmed.
            ([1000, 1020, 1340, 1200, 1210], [20, 180, 0, 10]),
            // The answer was under way before the caller's last sample had arrived.
            ([1000, 1200, 1520, 900, 1100], [100, 0, 0, 0]),
            // Sent before the turn was confirmed.
            ([1000, 1020, 1340, 1100, 1150], [20, 80, 0, 50]),
            // The stream's own clock runs ahead of ours.
            ([1300, 1200, 1520, 1700, 1710], [0, 220, 180, 10]),
        ] as [([Int64], [Int64])])
    func stagesAreNeverNegativeAndAddUp(instants: [Int64], stages: [Int64]) {
        let turn = Turn(
            id: TurnID(number: 1), onset: .start, lastVoiced: .start,
            spokenEnd: instant(instants[0]),
            arrived: instant(instants[1]), confirmed: instant(instants[2]))
        let bill = TurnBill(
            turn: turn, response: ResponseID(number: 1), answered: instant(instants[3]),
            sent: instant(instants[4]))
        #expect(
            [bill.arrival, bill.endpoint, bill.bot, bill.playout]
                == stages.map(MediaDuration.milliseconds))
        #expect(bill.total == instant(instants[4]) - instant(instants[0]))
    }
}

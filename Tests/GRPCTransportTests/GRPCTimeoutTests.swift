// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import GRPCTransport

@Suite struct GRPCTimeoutTests {
    @Test(
        arguments: [
            ("1n", 1), ("20u", 20_000), ("300m", 300_000_000), ("10S", 10_000_000_000),
            ("2M", 120_000_000_000), ("1H", 3_600_000_000_000), ("00000001S", 1_000_000_000),
        ] as [(String, Int64)])
    func units(text: String, nanoseconds: Int64) {
        #expect(GRPCTimeout.parse(text) == .nanoseconds(nanoseconds))
    }

    @Test(arguments: ["", "10", "S", "-5S", "+5S", "123456789S", "1x", "abc", "1 S", "１S"])
    func whatIsNoTimeout(text: String) {
        #expect(GRPCTimeout.parse(text) == nil)
    }

    @Test func whatNoClockHoldsIsCut() {
        #expect(GRPCTimeout.parse("99999999H") == .nanoseconds(.max / 2))
    }

    @Test func writtenInTheFinestUnitThatFitsAndNeverShorter() {
        #expect(GRPCTimeout.text(.nanoseconds(1)) == "1n")
        #expect(GRPCTimeout.text(.milliseconds(300)) == "300000u")
        #expect(GRPCTimeout.text(.nanoseconds(300_000_000_001)) == "300001m")
        #expect(GRPCTimeout.text(.nanoseconds(-5)) == "1n")
        for amount in [TimeAmount.nanoseconds(99_999_999), .seconds(100), .hours(3)] {
            let read = GRPCTimeout.parse(GRPCTimeout.text(amount))
            #expect((read ?? .zero) >= amount)
        }
    }
}

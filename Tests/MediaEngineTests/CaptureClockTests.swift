// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import MediaEngine

@Suite struct CaptureClockTests {
    private func instant(_ milliseconds: Int64) -> MediaInstant {
        MediaInstant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func jitterDoesNotMoveTheTimeOfASample() {
        var clock = CaptureClock(rate: .hz8000)
        var random = SeededGenerator(seed: 3)
        for packet in 1...200 {
            let late: Int64 = packet % 10 == 1 ? 0 : .random(in: 0...60, using: &random)
            clock.observe(
                end: SamplePosition(Int64(packet) * 160), now: instant(Int64(packet) * 20 + late))
        }
        let spoken = clock.instant(of: SamplePosition(16_000), fallback: instant(0))
        #expect(spoken == instant(2000))
    }

    @Test func aLastingDelayIsFollowedWithinTwoSeconds() {
        var clock = CaptureClock(rate: .hz8000)
        for packet in 1...250 {
            let late: Int64 = packet > 100 ? 400 : 0
            clock.observe(
                end: SamplePosition(Int64(packet) * 160), now: instant(Int64(packet) * 20 + late))
        }
        let spoken = clock.instant(of: SamplePosition(40_000), fallback: instant(0))
        #expect(spoken == instant(5400))
    }

    @Test func latenessIsAgainstTheLeastDelayedPacket() {
        var clock = CaptureClock(rate: .hz8000)
        clock.observe(end: SamplePosition(160), now: instant(100))
        #expect(clock.observe(end: SamplePosition(320), now: instant(150)) == .milliseconds(30))
        #expect(clock.observe(end: SamplePosition(480), now: instant(130)) == .zero)
        #expect(clock.observe(end: SamplePosition(640), now: instant(160)) == .milliseconds(10))
    }

    @Test func beforeAnythingArrivesTheFallbackHolds() {
        let clock = CaptureClock(rate: .hz8000)
        #expect(clock.instant(of: SamplePosition(99), fallback: instant(7)) == instant(7))
    }
}

// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@Suite struct MediaTimeTests {
    @Test func durationsAddUpWithoutRounding() {
        var total = MediaDuration.zero
        for _ in 0..<1000 {
            total += SampleRate.hz24000.duration(of: 480)
        }
        #expect(total == .milliseconds(20_000))
        #expect(MediaDuration.seconds(0.0125) == .microseconds(12_500))
        #expect(MediaDuration.milliseconds(20) - .milliseconds(5) == .milliseconds(15))
        #expect(MediaDuration.milliseconds(-1) < .zero)
    }

    @Test func samplesAndDurationsAgreeOverDays() {
        for rate in [SampleRate.hz8000, .hz24000, SampleRate(hertz: 44_100)] {
            for count in [0, 1, 79, 44_101, 3 * 86_400 * rate.hertz + 17] {
                // A duration is rounded down, so that it never holds a sample more.
                let held = rate.samples(in: rate.duration(of: count))
                #expect(held == count || held == count - 1)
                #expect(
                    rate.samples(in: rate.duration(of: count) + MediaDuration(nanoseconds: 1))
                        == count)
            }
        }
    }

    @Test func positionsMoveBothWays() {
        let position = SamplePosition.start.advanced(by: 160)
        #expect(position.index == 160)
        #expect(position.distance(to: .start) == -160)
        #expect(position.advanced(by: -160) == .start)
        #expect(SamplePosition.start < position)
    }

    @Test func aVirtualClockMovesOnlyWhenTold() {
        var clock = VirtualClock()
        let start = clock.now
        #expect(clock.now == start)
        clock.advance(by: .milliseconds(10))
        clock.advance(by: .zero)
        #expect(clock.now - start == .milliseconds(10))
        #expect(start < clock.now)
        #expect(clock.now - .milliseconds(10) == start)
    }
}

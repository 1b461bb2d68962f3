// Sidetone
// SPDX-License-Identifier: Apache-2.0

import SpeechDetection
import Testing

@Suite struct NoiseFloorTests {
    private func observe(
        _ floor: inout NoiseFloor, level: Float, blocks: Int
    ) {
        for _ in 0..<blocks {
            floor.observe(BandValues(repeating: level))
        }
    }

    @Test func steadyNoiseIsFoundWithinATenthOfASecond() {
        var floor = NoiseFloor()
        observe(&floor, level: 40, blocks: 12)
        #expect(abs(floor.level[0] - 42) < 0.1)
    }

    @Test func aTalkspurtOfASecondBarelyLiftsIt() {
        var floor = NoiseFloor()
        observe(&floor, level: 30, blocks: 200)
        observe(&floor, level: 65, blocks: 125)
        #expect(floor.level[7] < 33)
    }

    @Test func louderNoiseIsLearnedInThreeSeconds() {
        var floor = NoiseFloor()
        observe(&floor, level: 30, blocks: 200)
        observe(&floor, level: 45, blocks: 375)
        #expect(floor.level[7] > 43)
    }

    @Test func quieterNoiseIsLearnedInATenthOfASecond() {
        var floor = NoiseFloor()
        observe(&floor, level: 50, blocks: 200)
        observe(&floor, level: 20, blocks: 25)
        #expect(floor.level[7] < 24)
    }

    @Test func theFaintestNoiseLeavesALowestFloor() {
        var floor = NoiseFloor()
        observe(&floor, level: 1, blocks: 300)
        #expect(abs(floor.level[0] - 6) < 0.01)
    }

    /// A line that was muted, or a recording without its noise, has the same noise afterwards.
    @Test func silenceToTheBitTellsNothingOfTheNoise() {
        var floor = NoiseFloor()
        observe(&floor, level: 35, blocks: 200)
        observe(&floor, level: -30, blocks: 500)
        #expect(abs(floor.level[0] - 37) < 0.1)
    }

    @Test func bandsAreFollowedApart() {
        var floor = NoiseFloor()
        var levels = BandValues(repeating: 20)
        levels[3] = 50
        for _ in 0..<100 {
            floor.observe(levels)
        }
        #expect(abs(floor.level[3] - 52) < 0.1)
        #expect(abs(floor.level[4] - 22) < 0.1)
    }
}

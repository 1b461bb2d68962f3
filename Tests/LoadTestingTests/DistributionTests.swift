// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing

@testable import LoadTesting

@Suite struct DistributionTests {
    @Test func addingTwoGivesWhatOneWouldHaveHeld() {
        var generator = SeededGenerator(seed: 4)
        var (one, other, both) = (Distribution(), Distribution(), Distribution())
        for index in 0..<2000 {
            let value = Double.random(in: 0...900, using: &generator)
            if index % 3 == 0 {
                one.record(milliseconds: value)
            } else {
                other.record(milliseconds: value)
            }
            both.record(milliseconds: value)
        }
        one.add(other)
        #expect(one.quantiles == both.quantiles)
        #expect(one.count == 2000)
        #expect(abs(both.value(at: 0.5) - 450_000) < 25_000)
    }

    @Test func valuesAreRightToOnePerCent() {
        for value in [0.5, 7, 33, 320, 499, 60_000] {
            var distribution = Distribution()
            distribution.record(milliseconds: value)
            #expect(abs(distribution.value(at: 0.5) / 1000 - value) <= value * 0.011)
        }
    }

    @Test func binsHoldEveryValue() {
        var distribution = Distribution()
        for value in [0.0, 19, 21, 499, 990, 5000] { distribution.record(milliseconds: value) }
        let bins = distribution.bins(50, width: 20_000)
        #expect(bins.reduce(0, +) == 6)
        #expect(bins[0] == 2 && bins[1] == 1 && bins[49] == 2)
        #expect(distribution.count(above: 20_000) == 4)
    }

    @Test func latenessIsNeverMadeBetter() {
        var lateness = LatenessHistogram()
        for value in [1, 900, 20_000] as [Int64] { lateness.record(.microseconds(value)) }
        var distribution = Distribution()
        distribution.add(lateness)
        #expect(distribution.count == 3)
        #expect(distribution.value(at: 0.5) >= 900)
        #expect(distribution.maximum >= 20_000 && distribution.maximum < 20_200)
    }

    @Test func nothingHasNoQuantiles() {
        #expect(Distribution().quantiles.value(.p99) == nil)
        #expect(Distribution().quantiles.value(.count) == 0)
    }
}
